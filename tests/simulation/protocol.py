"""Protocol checks: nothing lost, nothing twice, nothing left behind, whatever befell the schedule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.contracts.envelope import Fact
from shared.contracts.topics import topic_of

if TYPE_CHECKING:
    from tests.simulation.world import World

FIRST_WORDS = (
    "declaration.submitted.v1",
    "tax.assessed.v1",
    "tax.voided.v1",
    "tax.committed.v1",
    "quarantine.triaged.v1",
    "logistics.booked.v1",
    "logistics.gated-out.v1",
)


def facts_of(world: World, service: str) -> dict[str, list[Fact]]:
    """What a service has said, by subject, in order."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for (subject, _), fact in sorted(world.databases[service].tables["facts"].items()):
        found[subject].append(fact)
    return found


def it_is_at_rest(world: World) -> Iterator[str]:
    """Everything is read, said, applied, and nothing is due."""
    if lag := world.broker.lag():
        yield f"{lag} records are not read"
    for service, database in world.databases.items():
        left = [(table, key) for table in ("outbox", "waiting") for key in database.tables[table]]
        late = [key for key, (due_at, _) in database.tables["timers"].items() if due_at <= database.clock()]
        for table, key in [*left, *(("timers", key) for key in late)]:
            yield f"{service} leaves {key} in its {table}"


def facts_are_one_to_n(world: World) -> Iterator[str]:
    """Without a gap; and the head counts on from there."""
    for service, database in world.databases.items():
        facts = facts_of(world, service)
        for subject, head in database.tables["heads"].items():
            seqs = [fact.seq for fact in facts.pop(subject, [])]
            if seqs != list(range(1, head.next_seq)):
                yield f"{service} has facts {seqs} of {subject}, next is {head.next_seq}"
            if head.waiting:
                yield f"{service} counts {head.waiting} that wait of {subject}"
        for subject in facts:
            yield f"{service} has facts of {subject} and no head"


def what_is_said_is_heard(world: World) -> Iterator[str]:
    """Every cursor stands where its source's facts end."""
    for service, group in world.broker.groups.items():
        for source in world.databases:
            if topic_of(source) not in group.topics:
                continue
            for subject, facts in facts_of(world, source).items():
                head = world.databases[service].tables["heads"].get(subject)
                heard = head.heard[source] if head else 0
                if heard != len(facts):
                    yield f"{service} has heard {heard} of {len(facts)} from {source} of {subject}"


def facts_and_records_agree(world: World) -> Iterator[str]:
    """Each fact is on its topic; each record is its fact, to the byte."""
    for source, database in world.databases.items():
        facts: dict[tuple[str, int], Fact] = database.tables["facts"]
        said = set()
        for (subject, seq), body in _records(world, topic_of(source)):
            said.add((subject, seq))
            fact = facts.get((subject, seq))
            if fact is None:
                yield f"{source} has said {subject}/{seq}, which it has not saved"
            elif fact.body != body:
                yield f"{source} has said {subject}/{seq} otherwise than it has saved it"
        for subject, seq in sorted(facts.keys() - said):
            yield f"{source} has never said {subject}/{seq} {facts[subject, seq].type}"


def _records(world: World, topic: str) -> Iterator[tuple[tuple[str, int], bytes | None]]:
    """The records of a topic that nobody has garbled on the way: whose they are, and what they say."""
    for place, log in world.broker.logs.items():
        for record in log if place[0] == topic else ():
            if (*place, record.offset) not in world.garbled:
                subject, _, seq = dict(record.headers)["ce_id"].decode().rpartition("/")
                yield (subject, int(seq)), record.value


def first_words_come_once(world: World) -> Iterator[str]:
    """A version is submitted, assessed, triaged, booked, committed once; an input causes a type once."""
    for service in world.databases:
        for subject, facts in facts_of(world, service).items():
            words = Counter((fact.type, fact.version) for fact in facts if fact.type in FIRST_WORDS)
            causes = Counter((fact.cause, fact.type) for fact in facts if fact.cause.seq)
            for what, times in (*words.items(), *causes.items()):
                if times > 1:
                    yield f"{service} has said {what} of {subject} {times} times"


def only_poison_is_parked(world: World) -> Iterator[str]:
    """Nobody is asked to mend what is not broken."""
    for what in world.hazards.parked_without_cause:
        yield f"parked without cause: {what}"


CHECKS = (
    only_poison_is_parked,
    it_is_at_rest,
    facts_are_one_to_n,
    what_is_said_is_heard,
    facts_and_records_agree,
    first_words_come_once,
)
