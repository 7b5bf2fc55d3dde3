"""Balances: what a batch has locked.

`Holding` is what one version of a declaration holds of the shared balances. `Balances` is the one mutable
value of this room: it is loaded under locks, folded through a batch, saved, and forgotten. Each movement
touches quota, account and holding together, so that none can move alone, and none twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from services.tax.guarantee import Account
from services.tax.quota import Quota, QuotaKey, quota_key
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

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.status in ("SECURED", "WAITING")

    @property
    def quota_key(self) -> QuotaKey:
        """The buyer's year that it counts in: the year of the filing."""
        return quota_key(self.buyer, self.filed_at)


@dataclass(slots=True, kw_only=True)
class Balances:
    """Locked accounts, quotas and running holdings; folded through one batch."""

    accounts: dict[str, Account] = field(default_factory=dict)
    quotas: dict[QuotaKey, Quota] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    """The latest version of each declaration asked for, as it stands now."""
    changed: dict[str, Holding] = field(default_factory=dict)
    """Those of `holdings` that are to be written back."""
    freed: set[str] = field(default_factory=set)
    """Accounts whose waiting filings are to be looked at again."""
    no_longer_waiting: set[str] = field(default_factory=set)
    """Declarations whose review is to be closed."""

    def reserve(self, holding: Holding) -> None:
        """A new version takes what it holds."""
        self._move_quota(holding, reserved=holding.quota_held)
        self._move_account(holding, reserved=holding.guarantee_held)

    def give_back(self, holding: Holding, status: Status) -> Holding:
        """A version ends without a permit: both reservations go back."""
        self._move_quota(holding, reserved=-holding.quota_held)
        self._move_account(holding, reserved=-holding.guarantee_held)
        self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status=status, quota_held=ZERO, guarantee_held=ZERO))

    def commit(self, holding: Holding) -> Holding:
        """The permit is issued: the quota is used, the guarantee is due."""
        self._move_quota(holding, reserved=-holding.quota_held, used=holding.quota_held)
        self._move_account(holding, reserved=-holding.guarantee_held, due=holding.guarantee_held)
        return self._write(holding, replace(holding, status="COMMITTED"))

    def secure(self, holding: Holding, guarantee: Decimal) -> Holding:
        """A waiting version is secured with what the account reserves for it: all, or nothing by a waiver."""
        self._move_account(holding, reserved=guarantee)
        if not guarantee:
            self.freed.add(holding.guarantor)
        return self._write(holding, replace(holding, status="SECURED", guarantee_held=guarantee))

    def pay_in(self, party: str, amount: Decimal) -> None:
        """A deposit arrives."""
        self.accounts[party] = self.accounts[party].moved(balance=amount)
        self.freed.add(party)

    def _move_quota(self, holding: Holding, *, reserved: Decimal, used: Decimal = ZERO) -> None:
        key = holding.quota_key
        self.quotas[key] = self.quotas[key].moved(reserved=reserved, used=used)

    def _move_account(self, holding: Holding, *, reserved: Decimal, due: Decimal = ZERO) -> None:
        party = holding.guarantor
        self.accounts[party] = self.accounts[party].moved(reserved=reserved, due=due)

    def _write(self, before: Holding, after: Holding) -> Holding:
        if before.status == "WAITING":
            self.no_longer_waiting.add(after.declaration_id)
        self.holdings[after.declaration_id] = self.changed[after.declaration_id] = after
        return after
