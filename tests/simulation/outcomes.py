"""Outcome checks: one end a version, with its gates; what is open waits for somebody who will look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from services.clearance import domain as clearance
from services.clearance.domain import Case
from services.clearance.tally import tally_change
from shared.contracts.envelope import Fact
from tests.simulation.protocol import facts_of

if TYPE_CHECKING:
    from tests.simulation.world import World

SPEAKERS = {"customs": "declaration", "tax": "tax", "quarantine": "quarantine", "logistics": "logistics"}
ADMITTED, CANCELLED = "clearance.amendment-admitted.v1", "clearance.cancelled.v1"
ENDS = {"clearance.permit-issued.v1": "PERMIT", "clearance.refused.v1": "REFUSED", CANCELLED: "CANCELLED"}
KNOWN_AS = {"PERMIT": "PERMITTED", "REFUSED": "REFUSED", "CANCELLED": "CANCELLED"}
ANSWERS = (ADMITTED, CANCELLED, "clearance.request-refused.v1", "clearance.return-admitted.v1")


def told(fact: Fact) -> dict[str, Any]:
    """What a fact says."""
    body: dict[str, Any] = msgspec.json.decode(fact.body)
    return body


def a_version_ends_once(world: World) -> Iterator[str]:
    """Clearance's facts tell a story that can be: one end at most, of the running version; and its case agrees."""
    cases: dict[str, Case] = world.databases["clearance"].tables["cases"]
    facts = facts_of(world, "clearance")
    stories = {subject: Story(subject) for subject in cases}
    for subject, story in stories.items():
        for fact in facts[subject]:
            yield from story.hear(fact)
        case = cases[subject]
        if (case.status, case.version) != (story.status, story.running):
            yield f"the case of {subject} is {case.status} in {case.version}, its facts say {story}"
    yield from _known(world, stories)


@dataclass(slots=True)
class Story:
    """A declaration, as clearance's facts tell it."""

    subject: str
    status: str = "OPEN"
    running: int = 1

    def hear(self, fact: Fact) -> Iterator[str]:
        """One fact more; and why it cannot be."""
        if fact.type not in (*ENDS, ADMITTED):
            return
        follows = self.running + (fact.type == ADMITTED)
        if self.status != "OPEN" or (fact.version != follows and fact.type != CANCELLED):
            yield f"{fact.type} of version {fact.version} comes after {self}"
        self.running, self.status = follows, ENDS.get(fact.type, self.status)


def _known(world: World, stories: dict[str, Story]) -> Iterator[str]:
    """Declaration knows the same end, and no other."""
    known: dict[str, set[str]] = defaultdict(set)
    for subject, _, outcome in world.databases["declaration"].tables["outcomes"]:
        known[subject].add(outcome)
    for subject, story in stories.items():
        ends = known[subject] - {"REVOKED"}
        if ends != ({KNOWN_AS[story.status]} if story.status in KNOWN_AS else set()):
            yield f"declaration knows {ends} of {subject}, which is {story.status}"


def versions_are_one_to_n(world: World) -> Iterator[str]:
    """In declaration, up to the running one; others speak of them in order."""
    versions: dict[str, list[int]] = defaultdict(list)
    for subject, version in sorted(world.databases["declaration"].tables["versions"]):
        versions[subject].append(version)
    for subject, case in world.databases["clearance"].tables["cases"].items():
        if versions[subject] != list(range(1, case.version + 1)):
            yield f"declaration has versions {versions[subject]} of {subject}, {case.version} is running"
    yield from _spoken(world, versions)


def _spoken(world: World, versions: dict[str, list[int]]) -> Iterator[str]:
    """Agencies speak of what is filed, in order."""
    for service in ("tax", "quarantine", "logistics"):
        for subject, facts in facts_of(world, service).items():
            spoken = [
                each.version
                for each in facts
                if each.type.endswith(("assessed.v1", "triaged.v1", "booked.v1"))
            ]
            if spoken != sorted(spoken) or not set(spoken) <= set(versions[subject]):
                yield f"{service} speaks of {spoken} of {subject}, filed are {versions[subject]}"


def each_permit_had_its_gates(world: World) -> Iterator[str]:
    """The predicate, from the facts: of that very version, each agency's last word that was heard is open."""
    spoken = {agency: facts_of(world, service) for agency, service in SPEAKERS.items()}
    for subject, facts in facts_of(world, "clearance").items():
        for permit in [fact for fact in facts if fact.type == "clearance.permit-issued.v1"]:
            for agency, said in spoken.items():
                words = [each for each in said[subject] if each.version == permit.version]
                last = list(_last_words(world, permit, words))
                if not {"PASSED", "NOT_REQUIRED"} & set(last):
                    yield f"version {permit.version} of {subject} has a permit; {agency} had said {last} last"


def _last_words(world: World, permit: Fact, said: Sequence[Fact]) -> Iterator[str]:
    """The word of an agency that a permit rests on; one of several, where its transaction heard several."""
    before, after = world.hazards.heard[permit.source, permit.subject, permit.seq]
    gates = [(each, word["gate"]["status"]) for each in said if "gate" in (word := told(each))]
    for place, (each, status) in enumerate(gates):
        is_cause = each.source == permit.cause.source
        first, last = (permit.cause.seq,) * 2 if is_cause else (before[each.source], after[each.source])
        follows = gates[place + 1][0].seq if place + 1 < len(gates) else last + 1
        if each.seq <= last and follows > first:
            yield status


def what_is_open_waits_for_somebody(world: World) -> Iterator[str]:
    """No case is open with all gates open; each is awaited by name, with a reason and a time."""
    for subject, case in world.databases["clearance"].tables["cases"].items():
        if case.status != "OPEN":
            continue
        if not clearance.awaited(case):
            yield f"{subject} is open in version {case.version} and awaits nobody"
        if case.running.words.keys() != set(SPEAKERS):
            yield f"{subject} has heard only {sorted(case.running.words)} of version {case.version}"
        gates = [word.gate for word in case.running.words.values() if word.gate.status == "HELD"]
        for agency in [gate.agency for gate in gates if not (gate.reason and gate.awaits and gate.due_at)]:
            yield f"{subject} is held by {agency} without reason, owner or time"


def who_waits_is_looked_at(world: World) -> Iterator[str]:
    """An officer has a review of it; whoever else is awaited, a deadline."""
    for subject, case in world.databases["clearance"].tables["cases"].items():
        held = [word.gate for word in case.running.words.values() if word.gate.status == "HELD"]
        for gate in held if case.status == "OPEN" else ():
            tables = world.databases[SPEAKERS[gate.agency]].tables
            review = tables["reviews"].get(subject)
            if gate.awaits.endswith(" officer"):
                is_looked_at = review is not None and review.version == case.version
            else:
                is_looked_at = (subject, case.version) in {(key[0], key[2]) for key in tables["timers"]}
            if not is_looked_at:
                yield f"{subject} in version {case.version} waits for {gate.awaits}, and nobody looks at it again"


def requests_are_answered_once(world: World) -> Iterator[str]:
    """Each has one answer of clearance, and declaration knows it."""
    answers: Counter[str] = Counter()
    for facts in facts_of(world, "clearance").values():
        answers.update(told(fact)["request_id"] for fact in facts if fact.type in ANSWERS)
    tables = world.databases["declaration"].tables
    for request in world.requested.keys() - tables["requests"].keys():
        yield f"request {request} was accepted and is not kept"
    for request in tables["requests"]:
        if answers[request] != 1 or request not in tables["answers"]:
            yield f"request {request} has {answers[request]} answers, known: {request in tables['answers']}"


def the_acknowledged_is_stored_once(world: World) -> Iterator[str]:
    """Every receipt names a declaration that is there; every declaration is one of them, or its answer was lost."""
    versions = world.databases["declaration"].tables["versions"]
    for key, subject in world.acknowledged.items():
        if (subject, 1) not in versions:
            yield f"{key} was acknowledged as {subject}, which is not stored"
    keys = world.databases["declaration"].tables["keys"]
    by_key = [claim["declaration_id"] for key, claim in sorted(keys.items()) if key.startswith("idem|")]
    for subject in {subject for subject, _ in versions} - set(by_key):
        yield f"{subject} is stored under no key: a second of the same submission"


def reviews_are_of_the_living(world: World) -> Iterator[str]:
    """Nothing that has ended, and no version that is over, waits for an officer."""
    cases = world.databases["clearance"].tables["cases"]
    for service, database in world.databases.items():
        for subject, review in database.tables["reviews"].items():
            case = cases.get(subject)
            if case is None or case.status not in ("OPEN", "PERMIT") or review.version != case.version:
                yield f"{service} has a review of version {review.version} of {subject}: {case and case.status}"


def the_tally_counts_cases(world: World) -> Iterator[str]:
    """The live page's numbers."""
    cases = world.databases["clearance"].tables["cases"]
    pairs = [(Case(declaration_id=subject), case) for subject, case in cases.items()]
    counted = world.databases["clearance"].tables["tally"].get("all", Counter())
    if {name: n for name, n in counted.items() if n} != tally_change(pairs):
        yield f"the tally is {dict(counted)}, cases are {tally_change(pairs)}"


CHECKS = (
    a_version_ends_once,
    versions_are_one_to_n,
    each_permit_had_its_gates,
    what_is_open_waits_for_somebody,
    who_waits_is_looked_at,
    requests_are_answered_once,
    the_acknowledged_is_stored_once,
    reviews_are_of_the_living,
    the_tally_counts_cases,
)
