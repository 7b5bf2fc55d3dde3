"""Outcomes: one for every filing, the same in every service's books."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from services.clearance.domain import Case
from services.clearance.tally import counted
from services.declaration.rows import keys_of_row
from tests.flows.books import Books

OUTCOMES = {
    "clearance.permit-issued.v1": "PERMIT",
    "clearance.refused.v1": "REFUSED",
    "clearance.cancelled.v1": "CANCELLED",
}
ADMITTED = "clearance.amendment-admitted.v1"
KNOWN_AS = {"PERMIT": "PERMITTED", "REFUSED": "REFUSED", "CANCELLED": "CANCELLED"}
"""What declaration calls an outcome of clearance."""


def every_filing_has_one_outcome_or_is_held(books: Books) -> Iterable[str]:
    """Exactly one permit, refusal or cancellation a declaration; or open, and held by somebody until a time."""
    ends, cases = _ends(books), books.cases()
    for declaration_id in sorted({row["declaration_id"] for row in books.of("declaration", "declarations")}):
        case, found = cases.get(declaration_id), ends[declaration_id]
        if case is None:
            yield f"{declaration_id} is filed, and clearance has no case"
        elif case.status == "OPEN":
            yield from (f"{declaration_id}: {fault}" for fault in _open_faults(case, found))
        elif found != [(case.version, case.status)]:
            yield f"{declaration_id} is {case.status} of {case.version}, its outcomes are {found}"


def _ends(books: Books) -> dict[str, list[tuple[int, str]]]:
    """The outcomes that clearance has said, by declaration, each with its version."""
    ends: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for fact in books.of("clearance", "facts"):
        if fact["type"] in OUTCOMES:
            ends[fact["subject_id"]].append((fact["version"], OUTCOMES[fact["type"]]))
    return ends


def _open_faults(case: Case, found: Sequence[object]) -> Iterable[str]:
    words = [*case.running.words.values(), *([case.hold] if case.hold else [])]
    holds = [word.gate for word in words if word.gate.status == "HELD"]
    if found:
        yield f"open, with outcomes {found}"
    if not holds:
        yield "open, and nobody holds it"
    for gate in holds:
        if not (gate.reason and gate.awaits and gate.due_at):
            yield f"held by {gate.agency} without reason, owner or due time"


def permits_are_unique(books: Books) -> Iterable[str]:
    """One permit a declaration version, one version a number."""
    issued = Counter(
        (fact["subject_id"], fact["version"])
        for fact in books.of("clearance", "facts")
        if OUTCOMES.get(fact["type"]) == "PERMIT"
    )
    numbers = Counter(row["permit_no"] for row in books.of("clearance", "cases") if row["permit_no"])
    yield from (f"{which} has {times} permits" for which, times in issued.items() if times > 1)
    yield from (f"permit {number} stands {times} times" for number, times in numbers.items() if times > 1)


def no_case_is_unfiled(books: Books) -> Iterable[str]:
    """Nobody decides on what nobody filed; versions are those that clearance has admitted."""
    filed: dict[str, list[int]] = defaultdict(list)
    for row in books.of("declaration", "declarations"):
        filed[row["declaration_id"]].append(row["version"])
    for declaration_id, case in books.cases().items():
        versions = sorted(filed[declaration_id])
        if versions != list(range(1, case.version + 1)):
            yield f"{declaration_id} runs in version {case.version}, filed are {versions}"


def declaration_knows_the_outcomes(books: Books) -> Iterable[str]:
    """Outcomes as declaration shows them are those of clearance; no request stays without an answer."""
    known = {
        (row["declaration_id"], row["version"], row["outcome"])
        for row in books.of("declaration", "outcomes")
        if row["outcome"] != "REVOKED"
    }
    decided = {
        (key, case.version, KNOWN_AS[case.status])
        for key, case in books.cases().items()
        if case.status != "OPEN"
    }
    yield from (f"declaration knows {each}, clearance does not" for each in known - decided)
    yield from (f"clearance has decided {each}, declaration does not know" for each in decided - known)
    for request in books.of("declaration", "requests"):
        if request["state"] == "PENDING":
            yield f"request {dict(request)} was never answered"


def keys_belong_to_the_living(books: Books) -> Iterable[str]:
    """A number is one declaration's; who ended without a permit has given its numbers back."""
    cases, taken = (
        books.cases(),
        {row["key"]: row["declaration_id"] for row in books.of("declaration", "keys")},
    )
    running = {(key, case.version) for key, case in cases.items() if case.status in ("OPEN", "PERMIT")}
    needed: dict[str, list[str]] = defaultdict(list)
    for row in books.of("declaration", "declarations"):
        if (row["declaration_id"], row["version"]) in running:
            for key in keys_of_row(row["platform"], row["order_no"], row["summary"]):
                needed[key].append(row["declaration_id"])
    for key, holders in needed.items():
        if holders != [taken.get(key)]:
            yield f"{key} is used by {holders} and belongs to {taken.get(key)}"
    yield from (f"{key} is kept by {taken[key]} for nothing" for key in taken.keys() - needed.keys())


def the_tally_is_the_count(books: Books) -> Iterable[str]:
    """The live page's numbers are those of the cases."""
    real = Counter(name for case in books.cases().values() for name in counted(case))
    shown = {row["name"]: row["n"] for row in books.of("clearance", "tallies")}
    if shown != {name: n for name, n in real.items() if n}:
        yield f"the tally is {shown}, the cases say {dict(real)}"
