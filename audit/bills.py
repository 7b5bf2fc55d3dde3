"""Bills: each is its items, each item a released declaration's tax, each payment a bill's.

An item is checked against its declaration's events; bills against the sums of their items, their payments, and what
tax has said of them. CNY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.ledger import ZERO, Holding
from audit.rows import BILLS, Billed

PAYMENTS = "select bill_no, amount, method from payments"
SIGN = {"TAX": 1, "VOID": -1, "REFUND": 0}
"""What an item adds to what is owed before payment."""


def released_is_billed(of: Dossier) -> Iterator[Breach]:
    """A committed version is on one bill with all its tax, and nothing else is on any."""
    items: Sequence[Billed] = of.of("tax", "bill_items")
    for version, held in of.ledger.holdings.items():
        if held.status == "COMMITTED":
            for sentence in _wrong_with(held, [item for item in items if item.version == version]):
                yield _breach(of, f"version {version} {sentence}")
    for item in items:
        stands = of.ledger.holdings.get(item.version)
        if stands is None or stands.status != "COMMITTED":
            state = stands.status if stands else "not assessed"
            yield _breach(of, f"version {item.version} is on {item.bill_no} and {state}")


def _wrong_with(held: Holding, items: Sequence[Billed]) -> Iterator[str]:
    """What the items of a committed version do not say as its events do."""
    taxed = [item for item in items if item.kind == "TAX"]
    if [item.total for item in taxed] != [held.assessed]:
        billed = ", ".join(f"{item.total:f} on {item.bill_no}" for item in taxed) or "nothing"
        yield f"owes {held.assessed:f}, billed is {billed}"
    if held.bill_no and held.bill_no not in {item.bill_no for item in taxed}:
        yield f"was said to be on {held.bill_no}, and is not"
    back = sum((item.total for item in items if item.kind != "TAX"), ZERO)
    if back != held.refunded:
        yield f"has {back:f} given back on its bill, tax has said {held.refunded:f}"


def no_more_is_given_back(of: Dossier) -> Iterator[Breach]:
    """Of no tax is more given back than was billed."""
    for version in {item.version for item in of.of("tax", "bill_items")}:
        left = [ZERO, ZERO, ZERO]
        for item in of.of("tax", "bill_items"):
            if item.version == version:
                sign = 1 if item.kind == "TAX" else -1
                left = [one + sign * other for one, other in zip(left, item.taxes, strict=True)]
        if min(left) < 0:
            yield _breach(of, f"more of version {version} is given back than was billed: {left}")


@dataclass(slots=True)
class Sums:
    """One bill from everything but its own row. CNY."""

    taxes: list[Decimal] = field(default_factory=lambda: [ZERO, ZERO, ZERO])
    secured: Decimal = ZERO
    refunded: Decimal = ZERO
    items: int = 0
    paid: list[tuple[Decimal, str]] = field(default_factory=list)
    issued: Decimal | None = None
    """What was said to be due; less may be owed since."""
    said_paid: list[Decimal] = field(default_factory=list)

    def add(self, item: Billed) -> None:
        """One item of it."""
        sign = SIGN[item.kind]
        self.taxes = [one + sign * other for one, other in zip(self.taxes, item.taxes, strict=True)]
        self.secured += sign * item.total if item.is_secured else ZERO
        self.refunded += item.total if item.kind == "REFUND" else ZERO
        self.items += item.kind == "TAX"


class Bills:
    """Every bill, beside its items, its payment and its events."""

    def __init__(self) -> None:
        self._sums: dict[str, Sums] = defaultdict(Sums)
        self._kept: dict[str, tuple[Any, ...]] = {}

    def reads(self) -> Sequence[Read]:
        """Bills and payments."""
        return [Read("tax", BILLS, self.keep_bill), Read("tax", PAYMENTS, self.keep_payment)]

    def keep_bill(self, bill_no: str, _guarantor: str, *row: Any) -> None:
        """A bill's row: status, three taxes, secured, refunded, items."""
        self._kept[bill_no] = row

    def keep_payment(self, bill_no: str, amount: Decimal, method: str) -> None:
        """Money for a bill."""
        self._sums[bill_no].paid.append((amount, method))

    def take(self, of: Dossier) -> None:
        """Items of a declaration, or events of a bill."""
        for item in of.of("tax", "bill_items"):
            self._sums[item.bill_no].add(item)
        for fact in of.facts("tax"):
            if fact.told is None or not fact.told.bill_no:
                continue
            if fact.type == "tax.bill-issued.v1":
                self._sums[fact.told.bill_no].issued = fact.told.total
            if fact.type == "tax.bill-paid.v1":
                self._sums[fact.told.bill_no].said_paid.append(fact.told.amount)

    def breaches(self) -> Iterator[Breach]:
        """What does not add up."""
        for bill_no in sorted(self._kept.keys() | self._sums.keys()):
            sums = self._sums[bill_no]
            if bill_no not in self._kept:
                yield Breach(
                    "bills-add-up", (bill_no,), "it has items, payments or events, and there is none"
                )
                continue
            status, *row = self._kept[bill_no]
            made = [*sums.taxes, sums.secured, sums.refunded, sums.items]
            if row != made:
                yield Breach("bills-add-up", (bill_no,), f"it says {_words(row)}; its items {_words(made)}")
            yield from self._paid(bill_no, status, sum(row[:3], ZERO), sums)

    def _paid(self, bill_no: str, status: str, total: Decimal, sums: Sums) -> Iterator[Breach]:
        paid, awaited = [amount for amount, _ in sums.paid], [total] if status == "PAID" else []
        if paid != awaited:
            yield Breach(
                "bills-add-up", (bill_no,), f"it is {status} with {total:f}, payments are {_words(paid)}"
            )
        if sums.said_paid != awaited:
            what = f"it is {status} with {total:f}, tax has said {_words(sums.said_paid)} paid"
            yield Breach("every-change-has-its-event", (bill_no,), what)
        if (sums.issued is None) != (status == "OPEN") or (sums.issued or ZERO) < (
            total if sums.issued else ZERO
        ):
            what = f"it is {status} with {total:f}, tax has said that {sums.issued} is due"
            yield Breach("every-change-has-its-event", (bill_no,), what)

    def counts(self) -> dict[str, Any]:
        """How many there are."""
        return {"bills": len(self._kept)} if self._kept else {}


def _words(amounts: Sequence[Any]) -> str:
    return (
        ", ".join(f"{amount:f}" if isinstance(amount, Decimal) else str(amount) for amount in amounts)
        or "none"
    )


def _breach(of: Dossier, sentence: str) -> Breach:
    return Breach("released-is-billed", (of.subject,), sentence)


CHECKS = (released_is_billed, no_more_is_given_back)
