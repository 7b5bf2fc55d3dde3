"""Balances: what a batch has locked.

`Holding` is what one version of a declaration holds of the shared balances. `Balances` is the one mutable
value of this room: it is loaded under locks, folded through a batch, saved, and forgotten. Each movement
touches quota, account, ledger, bill and holding together, so that none can move alone, and none twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from services.tax.bills import BillItem
from services.tax.bookkeeping import Bookkeeping
from services.tax.entries import RELEASED, RELEASED_UNSECURED
from services.tax.notes import Noted, NoteKey, YearNote
from services.tax.quota import Quota, QuotaKey, quota_key
from services.tax.taxes import NOTHING, Taxes
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO

Status = Literal["SECURED", "WAITING", "REFUSED", "VOIDED", "SUPERSEDED", "COMMITTED"]
"""SECURED and WAITING are open: they hold something. The others are ends, and nothing leads out of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
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
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.status in ("SECURED", "WAITING")

    @property
    def quota_key(self) -> QuotaKey:
        """The buyer's year that it counts in: the year of the filing."""
        return quota_key(self.buyer, self.filed_at)


@dataclass(slots=True, kw_only=True)
class Balances(Bookkeeping):
    """Locked accounts, bills, quotas and running holdings; folded through one batch."""

    quotas: dict[QuotaKey, Quota] = field(default_factory=dict)
    notes: dict[NoteKey, YearNote] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    """The latest version of each declaration asked for, as it stands now."""
    changed: dict[str, Holding] = field(default_factory=dict)
    """Those of `holdings` that are to be written back."""
    no_longer_waiting: set[str] = field(default_factory=set)
    """Declarations whose review is to be closed."""

    def reserve(self, holding: Holding) -> None:
        """A new version takes what it holds."""
        self._move_quota(holding, reserved=holding.quota_held)
        self._move_notes(holding, reserved=1)
        self._reserve(holding, holding.guarantee_held)

    def give_back(self, holding: Holding, status: Status) -> Holding:
        """A version ends without a permit: both reservations go back."""
        self._move_quota(holding, reserved=-holding.quota_held)
        self._move_notes(holding, reserved=-1)
        self._reserve(holding, -holding.guarantee_held)
        self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status=status, quota_held=ZERO, guarantee_held=ZERO))

    def commit(self, holding: Holding, month: str, now: datetime) -> Holding:
        """The permit is issued: the quota is used, the tax is owed and goes to the bill of a month."""
        self._move_quota(holding, reserved=-holding.quota_held, used=holding.quota_held)
        self._move_notes(holding, reserved=-1, used=1)
        billed = self._bill(holding, month, now, is_carried=False)
        return self._write(holding, replace(billed, status="COMMITTED"))

    def carry(self, holding: Holding, month: str, now: datetime) -> Holding:
        """A version that was committed without a bill gets one; what it secures stands in the ledger already."""
        return self._write(holding, self._bill(holding, month, now, is_carried=True))

    def refund(self, holding: Holding, back: Taxes, quota: Decimal) -> BillItem | None:
        """Part of what a released version owes is given back, and of the quota it used.

        While its bill is not paid the bill is reduced, and its guarantee comes free; after payment it becomes a
        credit that is to be refunded. Returns what was noted on the bill; nothing where no tax is given back.
        """
        if holding.status != "COMMITTED" or not holding.bill_no:
            raise ValueError(f"{holding.declaration_id} has no bill that something could be given back from")
        if holding.refunded + back.total > holding.tax_total:
            raise ValueError(f"{holding.declaration_id} would get back more than its {holding.tax_total}")
        self._move_quota(holding, reserved=ZERO, used=-quota)
        refunded = holding.refunded + back.total
        self._write(holding, replace(holding, quota_held=holding.quota_held - quota, refunded=refunded))
        return self.take_back(item_of(holding, holding.bill_no, back)) if back.total else None

    def secure(self, holding: Holding, guarantee: Decimal) -> Holding:
        """A waiting version is secured with what the account reserves for it: all, or nothing by a waiver."""
        self._reserve(holding, guarantee)
        if not guarantee:
            self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status="SECURED", guarantee_held=guarantee))

    def _bill(self, holding: Holding, month: str, now: datetime, *, is_carried: bool) -> Holding:
        """The tax of a released version becomes owed, and an item of a bill."""
        bill = self.open_bill((*holding.billed_to, month), now)
        entry, held = 0, holding.guarantee_held
        if held and not is_carried:
            entry = self.post(holding.guarantor, RELEASED, held, bill.bill_no, reserved=-held)
        elif holding.tax_total and not held:
            entry = self.post(holding.guarantor, RELEASED_UNSECURED, holding.tax_total, bill.bill_no)
        self.bill_tax(bill, item_of(holding, bill.bill_no, holding.taxes, entry))
        return replace(holding, bill_no=bill.bill_no)

    def _move_quota(self, holding: Holding, *, reserved: Decimal, used: Decimal = ZERO) -> None:
        key = holding.quota_key
        self.quotas[key] = self.quotas[key].moved(reserved=reserved, used=used)

    def _move_notes(self, holding: Holding, *, reserved: int, used: int = 0) -> None:
        """All that the version asks for of noted goods, once this way or that."""
        for noted in holding.noted:
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
        self.holdings[after.declaration_id] = self.changed[after.declaration_id] = after
        return after


def held_notes(holdings: Iterable[Holding]) -> set[NoteKey]:
    """The years of noted goods that open versions hold something of."""
    return {
        noted.key(*holding.quota_key) for holding in holdings if holding.is_open for noted in holding.noted
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
        entry=entry,
    )
