"""Account: every service's books, compared.

`faults_of(books)` lists what does not add up; each check is one small function, and `CHECKS` lists them. Anything
that looks wrong only because it is still under way rights itself, so an auditor looks again for a while.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from tests.flows import balances, outcomes, protocol
from tests.flows.books import Books, read_books
from tests.flows.patience import until

CHECKS: tuple[Callable[[Books], Iterable[str]], ...] = (
    protocol.nothing_waits,
    protocol.all_that_was_said_is_heard,
    protocol.facts_are_gap_free,
    outcomes.every_filing_has_one_outcome_or_is_held,
    outcomes.permits_are_unique,
    outcomes.no_case_is_unfiled,
    outcomes.declaration_knows_the_outcomes,
    outcomes.keys_belong_to_the_living,
    balances.tax_holds_what_is_open_or_permitted,
    balances.balances_are_what_is_held,
    outcomes.the_tally_is_the_count,
)


def faults_of(books: Books) -> list[str]:
    """Everything that does not add up, by the check that found it."""
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(books)]


class Auditor:
    """Reads all books of one server and checks them."""

    def __init__(self, admin_url: str, forged: Collection[str] = ()) -> None:
        self._admin_url, self._forged = admin_url, forged

    async def check(self, acknowledged: Collection[str] = (), *, seconds: float = 60.0) -> Books:
        """The books once nothing is under way and all adds up, every acknowledged declaration in them once."""
        books: list[Books] = []

        async def look() -> list[str]:
            books[:] = [await read_books(self._admin_url, self._forged)]
            return (faults_of(books[0]) + list(missing(books[0], acknowledged)))[:20]

        await until(look, lambda faults: not faults, seconds=seconds)
        return books[0]


def missing(books: Books, acknowledged: Collection[str]) -> Iterable[str]:
    """Acknowledged declarations that are not there once."""
    first = Counter(
        row["declaration_id"] for row in books.of("declaration", "declarations") if row["version"] == 1
    )
    return (
        f"{each} was acknowledged and is there {first[each]} times"
        for each in acknowledged
        if first[each] != 1
    )
