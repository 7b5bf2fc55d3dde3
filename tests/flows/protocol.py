"""Protocol: what is said is heard, without a gap, and nothing is left behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from services.clearance.handlers import SUBSCRIPTIONS as CLEARANCE
from services.declaration.handlers import SUBSCRIPTIONS as DECLARATION
from services.logistics.handlers import SUBSCRIPTIONS as LOGISTICS
from services.quarantine.handlers import SUBSCRIPTIONS as QUARANTINE
from services.tax.handlers import SUBSCRIPTIONS as TAX
from shared.contracts.topics import SOURCES, source_of
from tests.flows.books import SERVICES, Books

HEARS: dict[str, frozenset[str]] = {
    name: frozenset(source_of(kind) for kind in subscriptions)
    for name, subscriptions in (
        ("declaration", DECLARATION),
        ("tax", TAX),
        ("quarantine", QUARANTINE),
        ("logistics", LOGISTICS),
        ("clearance", CLEARANCE),
    )
}
"""Whose topics each service reads."""


def facts_are_gap_free(books: Books) -> Iterable[str]:
    """A service's facts of a subject are 1..n, and its head counts on from there."""
    for service in SERVICES:
        seqs: dict[str, list[int]] = defaultdict(list)
        for fact in books.of(service, "facts"):
            seqs[fact["subject_id"]].append(fact["seq"])
        for head in books.of(service, "heads"):
            said = seqs.pop(head["subject_id"], [])
            if said != list(range(1, head["next_seq"])):
                yield f"{service}: {head['subject_id']} has facts {said}, next is {head['next_seq']}"
        for subject in seqs:
            yield f"{service}: {subject} has facts and no head"


def all_that_was_said_is_heard(books: Books) -> Iterable[str]:
    """Whoever reads a topic has heard each of its subjects to the end, and nothing that was never said."""
    said = {source: Counter(fact["subject_id"] for fact in books.of(source, "facts")) for source in SOURCES}
    for service, sources in HEARS.items():
        heads = {head["subject_id"]: head for head in books.of(service, "heads")}
        for source in sources:
            subjects = said[source].keys() | heads.keys()
            for subject in subjects - set(books.forged):
                heard = heads[subject][f"heard_{source}"] if subject in heads else 0
                if heard != said[source][subject]:
                    yield f"{service} heard {heard} of {said[source][subject]} from {source} of {subject}"


def nothing_waits(books: Books) -> Iterable[str]:
    """Nothing is early, parked, unsaid or overdue."""
    for service in SERVICES:
        for table in ("waiting", "outbox", "due"):
            for row in books.of(service, table):
                yield f"{service}: {table} {dict(row)}"
        for head in books.of(service, "heads"):
            if head["waiting"]:
                yield f"{service}: the head of {head['subject_id']} counts {head['waiting']} that wait"
