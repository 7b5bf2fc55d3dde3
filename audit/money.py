"""Money: every amount assessed is in exactly one place.

Assessed = secured + waiting + voided + due + waived + paid + refunded. Assessed comes from the events, the places
from tax's books. Of released versions the bill says which: `due` while it is not paid (`waived` where nothing secures
it), `paid` afterwards; what was given back is `voided` before payment and `refunded` after it. CNY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.ledger import HOLDING, OPEN, ZERO
from audit.rows import BILLS, Assessed, Billed

PLACES = ("secured", "due", "waived", "waiting", "voided", "paid", "refunded")


def movements_are_legal(of: Dossier) -> Iterator[Breach]:
    """Tax moves what it holds, once, and by what it holds."""
    for invariant, sentence in of.ledger.wrong:
        yield Breach(invariant, (of.subject,), sentence)


def books_are_what_events_say(of: Dossier) -> Iterator[Breach]:
    """Each assessment stands as its events leave it: status, tax, quota, guarantee, whose they are."""
    for row in of.of("tax", "assessments"):
        held, filed = of.ledger.holdings.get(row.version), of.story.filed.get(row.version)
        if held is None:
            continue  # a change without its event: said by another check
        kept = row.status, row.tax_total, row.quota_held, row.guarantee_held, row.refunded
        if row.status == "COMMITTED" or row.status in OPEN:
            said = held.status, held.assessed, held.quota, held.guarantee, held.refunded
        else:
            said = held.status, held.assessed, ZERO, ZERO, ZERO
        if kept != said:
            yield _breach(of, f"version {row.version}: books {_words(kept)}; events {_words(said)}")
        if filed and (filed.buyer, filed.guarantor) != (row.buyer, row.guarantor):
            yield _breach(
                of, f"version {row.version} is booked on {row.guarantor} and {row.buyer}, filed for others"
            )


def outcomes_move_money(of: Dossier) -> Iterator[Breach]:
    """A permit has its tax committed; what ended without one holds nothing."""
    story, holdings = of.story, of.ledger.holdings
    if story.status == "OPEN" or not of.has_heard_all("tax", "clearance"):
        return
    released = story.version if story.status == "PERMIT" else 0
    if released and (released not in holdings or holdings[released].status != "COMMITTED"):
        state = holdings[released].status if released in holdings else "not assessed"
        yield _breach(of, f"version {released} has a permit, its tax is {state}")
    for version, held in holdings.items():
        if version != released and held.status in HOLDING:
            yield _breach(of, f"it is {story.status}, version {version} still holds: {held.status}")


class Money:
    """Sums by declarant."""

    def __init__(self) -> None:
        self._assessed: dict[str, Decimal] = defaultdict(Decimal)
        self._places: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._billed: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        """By declarant and bill: what is due or waived until the bill is paid."""
        self._paid: set[str] = set()

    def reads(self) -> Sequence[Read]:
        """Which bills are paid."""
        return [Read("tax", BILLS, self.keep_bill)]

    def keep_bill(self, bill_no: str, _guarantor: str, status: str, *_: Any) -> None:
        """A bill."""
        if status == "PAID":
            self._paid.add(bill_no)

    def take(self, of: Dossier) -> None:
        """Sum what a declaration owes, and where that is."""
        for version, held in of.ledger.holdings.items():
            filed = of.story.filed.get(version)
            self._assessed[filed.declarant if filed else ""] += held.assessed
        rows = of.of("tax", "assessments")
        for row in rows:
            place = self._places[self._declarant(of, row.version)]
            for name, amount in places_of(row):
                place[name] += amount
        released = {row.version for row in rows if row.status == "COMMITTED"}
        for item in of.of("tax", "bill_items"):
            if item.version in released:
                self._bill(self._declarant(of, item.version), item)

    def _declarant(self, of: Dossier, version: int) -> str:
        filed = of.story.filed.get(version)
        return filed.declarant if filed else ""

    def _bill(self, declarant: str, item: Billed) -> None:
        billed, place = self._billed[declarant, item.bill_no], "due" if item.is_secured else "waived"
        if item.kind == "TAX":
            billed[place] += item.total
        elif item.kind == "VOID":
            billed[place] -= item.total
            self._places[declarant]["voided"] += item.total
        else:
            billed["refunded"] += item.total

    def breaches(self) -> Iterator[Breach]:
        """Declarants, and the sum."""
        self._settle()
        for declarant in sorted(self._assessed.keys() | self._places.keys()):
            found = sum(self._places[declarant].values(), ZERO)
            if found != self._assessed[declarant]:
                what = f"assessed {self._assessed[declarant]}, in places {found}: {self._shown(declarant)}"
                yield Breach("money-is-whole", (declarant,), what)

    def _settle(self) -> None:
        """What was billed goes to its place, now that it is known which bills are paid."""
        for (declarant, bill_no), billed in self._billed.items():
            place, refunded = self._places[declarant], billed.pop("refunded", ZERO)
            place["refunded"] += refunded
            for name, amount in billed.items():
                place["paid" if bill_no in self._paid else name] += amount
            place["paid"] -= refunded
        self._billed.clear()

    def _shown(self, declarant: str) -> str:
        return ", ".join(f"{name} {self._places[declarant][name]}" for name in PLACES)

    def counts(self) -> dict[str, Any]:
        """The sums."""
        sums = {name: sum((each[name] for each in self._places.values()), ZERO) for name in PLACES}
        return {"assessed": sum(self._assessed.values(), ZERO), **sums}


def places_of(row: Assessed) -> Iterator[tuple[str, Decimal]]:
    """Where the tax of a version is, by tax's books; a released one's is where its bill has it."""
    if row.status == "SECURED":
        yield ("secured" if row.guarantee_held else "waived"), row.tax_total
    elif row.status != "COMMITTED":
        yield ("waiting" if row.status == "WAITING" else "voided"), row.tax_total


def _words(state: tuple[str, Decimal, Decimal, Decimal, Decimal]) -> str:
    status, tax, quota, guarantee, refunded = state
    return f"{status}, tax {tax:f}, quota {quota:f}, guarantee {guarantee:f}, given back {refunded:f}"


def _breach(of: Dossier, sentence: str) -> Breach:
    return Breach("money-is-whole", (of.subject,), sentence)


CHECKS = (movements_are_legal, books_are_what_events_say, outcomes_move_money)
