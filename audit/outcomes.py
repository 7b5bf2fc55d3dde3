"""Outcomes: one a version, the same wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from audit.breach import Breach
from audit.dossier import Dossier
from audit.returned import ADMITTED as RETURN_ADMITTED
from audit.returned import ASKED as RETURN_ASKED
from audit.returned import COMPLETED, LAPSED
from audit.story import ADMITTED, CANCELLED, DENIED

KNOWN_AS = {"PERMIT": "PERMITTED", "REFUSED": "REFUSED", "CANCELLED": "CANCELLED"}
"""What declaration calls an outcome of clearance."""
ASKED = {
    "declaration.amendment-requested.v1": "amendment",
    "declaration.cancellation-requested.v1": "cancellation",
    RETURN_ASKED: "return",
}
ANSWERS = {
    ADMITTED: "ADMITTED",
    CANCELLED: "ADMITTED",
    DENIED: "REFUSED",
    RETURN_ADMITTED: "ADMITTED",
    COMPLETED: "COMPLETED",
    LAPSED: "LAPSED",
}
ENDS = (["COMPLETED"], ["LAPSED"])
"""What may follow the admission of a return."""
FIRST_WORDS = {
    "tax": "tax.assessed.v1",
    "quarantine": "quarantine.triaged.v1",
    "logistics": "logistics.booked.v1",
}


def moves_are_legal(of: Dossier) -> Iterator[Breach]:
    """A version ends once, while it runs; holds and revocations come where they may."""
    for invariant, sentence in of.story.wrong:
        yield _breach(invariant, of, sentence)
    if len(of.story.permits) > 1:
        versions = [fact.version for fact in of.story.permits]
        yield _breach("one-permit", of, f"{len(versions)} permits were said, of versions {versions}")


def versions_are_one_to_n(of: Dossier) -> Iterator[Breach]:
    """Versions filed are 1..n, n is the running one; nobody speaks of another, nor out of order."""
    filed = [fact.version for fact in of.facts("declaration") if fact.type == "declaration.submitted.v1"]
    if sorted(set(filed)) != list(range(1, len(set(filed)) + 1)):
        yield _breach("versions-are-1-to-n", of, f"declaration has filed versions {filed}")
    running = of.story.version if of.has_heard_all("declaration", "clearance") else len(set(filed))
    if of.is_declaration and len(set(filed)) != running:
        yield _breach("versions-are-1-to-n", of, f"{len(filed)} are filed, version {running} runs")
    for service, kind in FIRST_WORDS.items():
        spoken = [fact.version for fact in of.facts(service) if fact.type == kind]
        if spoken != sorted(spoken) or not set(spoken) <= set(filed):
            what = f"{service} speaks of versions {spoken}, filed are {filed}"
            yield _breach("versions-are-1-to-n", of, what)


def rows_tell_what_facts_tell(of: Dossier) -> Iterator[Breach]:
    """Versions, assessments, bookings and cases are what the facts of the same service say."""
    submitted = [fact.version for fact in of.facts("declaration") if fact.type == "declaration.submitted.v1"]
    assessed = [fact.version for fact in of.facts("tax") if fact.type == "tax.assessed.v1"]
    booked = [fact.version for fact in of.facts("logistics") if fact.type == "logistics.booked.v1"]
    pairs = (
        ("declaration", "declarations", submitted),
        ("tax", "assessments", assessed),
        ("logistics", "bookings", booked[-1:]),
    )
    for service, table, said in pairs:
        kept = sorted(row.version for row in of.of(service, table))
        if kept != sorted(said):
            what = f"{service} keeps versions {kept} in {table}, its facts speak of {sorted(said)}"
            yield _breach("every-change-has-its-event", of, what)
    yield from _case(of)
    yield from _gate_out(of)


def _case(of: Dossier) -> Iterator[Breach]:
    story, case = of.story, of.case()
    if case is None:
        if of.is_declaration and of.heard("clearance", "declaration"):
            yield _breach("every-change-has-its-event", of, "clearance has heard of it and keeps no case")
        return
    if (case.status, case.permit_no or "") != (story.status, story.permit_no):
        kept = f"{case.status} {case.permit_no or ''}".strip()
        said = f"{story.status} {story.permit_no}".strip()
        yield _breach("every-change-has-its-event", of, f"the case is {kept}, clearance's facts say {said}")
    if not of.story.filed:
        yield _breach("every-change-has-its-event", of, "clearance has a case of what nobody filed")
    declared = {row.version for row in of.of("clearance", "declared_texts")}
    if story.status == "PERMIT" and story.permits and story.permits[0].version not in declared:
        yield _breach("every-change-has-its-event", of, "what the permit covers is not kept")


def _gate_out(of: Dossier) -> Iterator[Breach]:
    """The permit that lets the goods out is clearance's; the booking notes what was said."""
    gated = [fact for fact in of.facts("logistics") if fact.type == "logistics.gated-out.v1" and fact.told]
    said = {fact.told.permit_no for fact in gated if fact.told}
    kept = {row.permit_no for row in of.of("logistics", "bookings") if row.permit_no}
    if said != kept and of.of("logistics", "bookings"):
        what = f"the booking notes permit {_texts(kept)}, gated out was said with {_texts(said)}"
        yield _breach("every-change-has-its-event", of, what)
    if not said <= {of.story.permit_no}:
        what = f"gated out with permit {_texts(said)}, clearance issued {of.story.permit_no!r}"
        yield _breach("every-change-has-its-event", of, what)


def what_is_heard_has_its_effect(of: Dossier) -> Iterator[Breach]:
    """Who has heard a running version speaks of it; who has heard its permit lets the goods out."""
    story = of.story
    if not story.is_living or story.version not in story.filed:
        return
    for service, kind in FIRST_WORDS.items():
        if of.has_heard_all(service, "declaration") and not _has_said(of, service, kind):
            what = f"{service} has heard version {story.version}, and said no {kind} of it"
            yield _breach("what-is-heard-has-its-effect", of, what)
    is_released = story.status == "PERMIT" and of.has_heard_all("logistics", "clearance")
    if is_released and not _has_said(of, "logistics", "logistics.gated-out.v1"):
        what = "logistics has heard the permit, and holds the goods"
        yield _breach("what-is-heard-has-its-effect", of, what)


def _has_said(of: Dossier, service: str, kind: str) -> bool:
    return any(fact.type == kind and fact.version == of.story.version for fact in of.facts(service))


def outcomes_are_known(of: Dossier) -> Iterator[Breach]:
    """Declaration knows each outcome, and no other; each request has its answer."""
    if not of.has_heard_all("declaration", "clearance"):
        return
    said = {(version, KNOWN_AS[outcome]) for version, outcome in of.story.ends}
    if of.story.is_revoked:
        said.add((of.story.version, "REVOKED"))
    known = {(row.version, row.outcome) for row in of.of("declaration", "outcomes")}
    if said != known:
        what = f"declaration knows {_words(known)}, clearance has said {_words(said)}"
        yield _breach("outcomes-are-known", of, what)
    yield from _requests(of)


def _requests(of: Dossier) -> Iterator[Breach]:
    asked = {
        fact.told.request_id: ASKED[fact.type]
        for fact in of.facts("declaration")
        if fact.type in ASKED and fact.told
    }
    kept = {row.request_id: row.kind for row in of.of("declaration", "requests")}
    if asked != kept:
        yield _breach("every-change-has-its-event", of, f"requests kept are {kept}, said are {asked}")
    answers: dict[str, list[str]] = {}
    for fact in of.facts("clearance"):
        if fact.type in ANSWERS and fact.told:
            answers.setdefault(fact.told.request_id, []).append(ANSWERS[fact.type])
    for row in of.of("declaration", "requests"):
        found = _standing(answers.get(row.request_id, []))
        if found != [row.state] and not of.is_stuck("clearance", "declaration"):
            what = f"request {row.request_id} is {row.state}, clearance has answered {found}"
            yield _breach("outcomes-are-known", of, what)


def _standing(answers: list[str]) -> list[str]:
    """The answers that count: the end of a return stands in the place of its admission."""
    return answers[1:] if answers[:1] == ["ADMITTED"] and answers[1:2] in ENDS else answers


def _texts(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _words(outcomes: set[tuple[int, str]]) -> str:
    return ", ".join(f"{outcome} of {version}" for version, outcome in sorted(outcomes)) or "none"


def _breach(invariant: str, of: Dossier, sentence: str) -> Breach:
    return Breach(invariant, (of.subject,), sentence)


CHECKS = (
    moves_are_legal,
    versions_are_one_to_n,
    rows_tell_what_facts_tell,
    what_is_heard_has_its_effect,
    outcomes_are_known,
)
