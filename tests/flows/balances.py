"""Balances: quotas and guarantees are the sums of what versions hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from tests.flows.books import Books


def tax_holds_what_is_open_or_permitted(books: Books) -> Iterable[str]:
    """A permit is committed; what ended without one holds nothing."""
    latest = {
        row["declaration_id"]: row
        for row in sorted(books.of("tax", "assessments"), key=lambda row: int(row["version"]))
    }
    allowed = {
        "PERMIT": {"COMMITTED"},
        "OPEN": {"SECURED", "WAITING"},
        "REFUSED": {"VOIDED", "REFUSED"},
        "CANCELLED": {"VOIDED", "SUPERSEDED", "REFUSED"},
    }
    for declaration_id, case in books.cases().items():
        row = latest.get(declaration_id)
        if row is None or row["status"] not in allowed[case.status]:
            yield f"{declaration_id} is {case.status}, tax has {row and row['status']}"
    for row in books.of("tax", "assessments"):
        if row["status"] not in ("SECURED", "WAITING", "COMMITTED") and (
            row["quota_held"] or row["guarantee_held"]
        ):
            yield f"{row['declaration_id']} version {row['version']} is {row['status']} and still holds something"


def balances_are_what_is_held(books: Books) -> Iterable[str]:
    """Quotas, reserved and due guarantees are the sums of what versions hold; balances, of the deposits."""
    sums = _held(books)
    for table, name in (("quotas", "buyer"), ("accounts", "party")):
        for row in books.of("tax", table):
            for column in sorted(row.keys() - {name}):
                held = sums.pop((row[name], column), Decimal(0))
                if row[column] != held:
                    yield f"{table}: {column} of {row[name]} is {row[column]}, versions hold {held}"
    yield from (f"{who}: {what} {amount} is in no balance" for (who, what), amount in sums.items() if amount)


def _held(books: Books) -> dict[tuple[str, str], Decimal]:
    """What versions hold of each balance, and what was paid into it."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in books.of("tax", "assessments"):
        is_used = row["status"] == "COMMITTED"
        sums[row["buyer"], "used" if is_used else "reserved"] += row["quota_held"]
        sums[row["guarantor"], "due" if is_used else "reserved"] += row["guarantee_held"]
    for row in books.of("tax", "deposits"):
        sums[row["party"], "balance"] += row["amount"]
    return sums
