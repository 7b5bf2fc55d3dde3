"""Balances: what a batch has locked.

`Holding` is what one version of a declaration holds of the shared balances. `Balances` is the one mutable
value of this room: it is loaded under locks, folded through a batch, saved, and forgotten. Each movement
touches quota, account, ledger, bill and holding together, so that none can move alone, and none twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from services.tax.books.bills import Bill, BillItem, BillKey
from services.tax.books.bookkeeping import Bookkeeping
from services.tax.books.entries import RELEASED, RELEASED_UNSECURED
from services.tax.notes import Noted, NoteKey, YearNote
from services.tax.quota import Quota, QuotaKey, quota_key
from services.tax.taxes import NOTHING, Taxes
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO

Status = Literal["SECURED", "WAITING", "REFUSED", "VOIDED", "SUPERSEDED", "COMMITTED"]
"""SECURED and WAITING are open: they hold something. The others are ends, and nothing leads out of them."""


class Holding(Struct, frozen=True, kw_only=True):
    """One assessed version and what it holds."""

    declaration_id: DeclarationId
    version: int
    parties: tuple[str, ...]
    buyer: str
    guarantor: str
    filed_at: datetime
    status: Status
    tax_total: Decimal
    quota_held: Decimal
    guarantee_held: Decimal
    declarant: str = ""
    """Whose bill its tax goes to; the guarantor's where an earlier release has not noted it."""
    taxes: Taxes = NOTHING
    """Of `tax_total`, each."""
    bill_no: str = ""
    """The bill of a released version."""
    refunded: Decimal = ZERO
    """Of `tax_total`, what was given back after release."""
    noted: tuple[Noted, ...] = ()
    """What it asked for of noted goods; held while it is open, used once it is committed."""

    @property
    def billed_to(self) -> tuple[str, str]:
        """Declarant and guarantor: whose bill it is."""
        return self.declarant or self.guarantor, self.guarantor

    @property
    def held(self) -> tuple[Decimal, Decimal, Decimal]:
        """The amounts that change after it is made: quota, guarantee, and what went back."""
        return self.quota_held, self.guarantee_held, self.refunded

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.status in ("SECURED", "WAITING")

    @property
    def quota_key(self) -> QuotaKey:
        """The buyer's year that it counts in: the year of the filing."""
        return quota_key(self.buyer, self.filed_at)


Released = tuple[Holding, str]
"""A version that is released, and the month whose bill it goes to."""


@dataclass(slots=True, kw_only=True)
class Balances(Bookkeeping):
    """Locked accounts, bills, quotas and running holdings; folded through one batch."""

    quotas: dict[QuotaKey, Quota] = field(default_factory=dict)
    new_quotas: frozenset[QuotaKey] = frozenset()
    """Those of them that have no row yet."""
    notes: dict[NoteKey, YearNote] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    """The latest version of each declaration asked for, as it stands now."""
    changed: dict[str, Holding] = field(default_factory=dict)
    """Those of `holdings` that are to be written back."""
    moved: set[str] = field(default_factory=set)
    """Those of them that hold other amounts than they did."""
    no_longer_waiting: set[str] = field(default_factory=set)
    """Declarations whose review is to be closed."""

    def reserve(self, holding: Holding) -> None:
        """A new version takes what it holds."""
        self._move_quota(holding, reserved=holding.quota_held)
        self._move_notes(holding, holding.noted, reserved=1)
        self._reserve(holding, holding.guarantee_held)

    def give_back(self, holding: Holding, status: Status) -> Holding:
        """A version ends without a permit: both reservations go back."""
        self._move_quota(holding, reserved=-holding.quota_held)
        self._move_notes(holding, holding.noted, reserved=-1)
        self._reserve(holding, -holding.guarantee_held)
        self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status=status, quota_held=ZERO, guarantee_held=ZERO))

    def commit_all(self, released: Sequence[Released], now: datetime) -> list[Holding]:
        """Permits are issued: quotas are used, taxes are owed and go to the bill of each one's month."""
        for holding, _ in released:
            self._move_quota(holding, reserved=-holding.quota_held, used=holding.quota_held)
            self._move_notes(holding, holding.noted, reserved=-1, used=1)
        bill_of = self._bill_all(released, now, is_carried=False)
        return [
            self._write(
                holding, replace(holding, status="COMMITTED", bill_no=bill_of[holding.declaration_id])
            )
            for holding, _ in released
        ]

    def carry_all(self, released: Sequence[Released], now: datetime) -> list[Holding]:
        """Versions that were committed without a bill get one; what they secure stands in the ledger already."""
        bill_of = self._bill_all(released, now, is_carried=True)
        return [
            self._write(holding, replace(holding, bill_no=bill_of[holding.declaration_id]))
            for holding, _ in released
        ]

    def refund(
        self, holding: Holding, back: Taxes, quota: Decimal, noted: Iterable[Noted] = ()
    ) -> BillItem | None:
        """Part of what a released version owes is given back, and of the quota and the noted goods it used.

        While its bill is not paid the bill is reduced, and its guarantee comes free; after payment it becomes a
        credit that is to be refunded. Returns what was noted on the bill; nothing where no tax is given back.
        """
        if holding.status != "COMMITTED" or not holding.bill_no:
            raise ValueError(f"{holding.declaration_id} has no bill that something could be given back from")
        if holding.refunded + back.total > holding.tax_total:
            raise ValueError(f"{holding.declaration_id} would get back more than its {holding.tax_total}")
        self._move_quota(holding, reserved=ZERO, used=-quota)
        self._move_notes(holding, noted, used=-1)
        refunded = holding.refunded + back.total
        self._write(holding, replace(holding, quota_held=holding.quota_held - quota, refunded=refunded))
        return self.take_back(item_of(holding, holding.bill_no, back)) if back.total else None

    def secure(self, holding: Holding, guarantee: Decimal) -> Holding:
        """A waiting version is secured with what the account reserves for it: all, or nothing by a waiver."""
        self._reserve(holding, guarantee)
        if not guarantee:
            self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status="SECURED", guarantee_held=guarantee))

    def _bill_all(
        self, released: Iterable[Released], now: datetime, *, is_carried: bool
    ) -> dict[DeclarationId, str]:
        """Taxes become owed, those of a bill together; by declaration, the bill it is on."""
        together: dict[BillKey, list[Holding]] = defaultdict(list)
        for holding, month in released:
            together[*holding.billed_to, month].append(holding)
        bill_of: dict[DeclarationId, str] = {}
        for key, holdings in together.items():
            bill_no = self._owe(self.open_bill(key, now), holdings, is_carried=is_carried)
            bill_of |= dict.fromkeys((holding.declaration_id for holding in holdings), bill_no)
        return bill_of

    def _owe(self, bill: Bill, holdings: Sequence[Holding], *, is_carried: bool) -> str:
        """Two entries at the most, and an item each."""
        bill_no, secured, unsecured = bill.bill_no, 0, 0
        held = sum((holding.guarantee_held for holding in holdings), ZERO)
        waived = sum((holding.tax_total for holding in holdings if not holding.guarantee_held), ZERO)
        if held and not is_carried:
            secured = self.post(bill.guarantor, RELEASED, held, bill_no, reserved=-held)
        if waived:
            unsecured = self.post(bill.guarantor, RELEASED_UNSECURED, waived, bill_no)
        items = [
            item_of(each, bill_no, each.taxes, secured if each.guarantee_held else unsecured)
            for each in holdings
        ]
        self.bill_taxes(bill, items)
        return bill_no

    def _move_quota(self, holding: Holding, *, reserved: Decimal, used: Decimal = ZERO) -> None:
        key = holding.quota_key
        self.quotas[key] = self.quotas[key].moved(reserved=reserved, used=used)

    def _move_notes(
        self, holding: Holding, asked: Iterable[Noted], *, reserved: int = 0, used: int = 0
    ) -> None:
        """Noted goods of the buyer's year, once this way or that."""
        for noted in asked:
            key = noted.key(*holding.quota_key)
            self.notes[key] = self.notes[key].moved(
                reserved=reserved * noted.quantity, used=used * noted.quantity
            )

    def _reserve(self, holding: Holding, amount: Decimal) -> None:
        party = holding.guarantor
        self.accounts[party] = self.accounts[party].reserving(amount)

    def _write(self, before: Holding, after: Holding) -> Holding:
        if before.status == "WAITING":
            self.no_longer_waiting.add(after.declaration_id)
        if before.held != after.held:
            self.moved.add(after.declaration_id)
        self.holdings[after.declaration_id] = self.changed[after.declaration_id] = after
        return after


def held_notes(holdings: Iterable[Holding]) -> set[NoteKey]:
    """The years of noted goods that versions hold something of: open ones, and released ones until they return."""
    return {
        noted.key(*holding.quota_key)
        for holding in holdings
        if holding.is_open or holding.status == "COMMITTED"
        for noted in holding.noted
    }


def item_of(holding: Holding, bill_no: str, taxes: Taxes, entry: int = 0) -> BillItem:
    """What a version adds to its bill."""
    return BillItem(
        declaration_id=holding.declaration_id,
        version=holding.version,
        bill_no=bill_no,
        kind="TAX",
        taxes=taxes,
        is_secured=bool(holding.guarantee_held),
        party=holding.guarantor,
        entry=entry if holding.tax_total else 0,
    )
