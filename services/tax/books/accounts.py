"""Account reading: what is asked of the books about accounts, and nothing is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.books.guarantee import Account, Deposit
from services.tax.books.rows import read_account
from services.tax.columns import amount

_ACCOUNTS = sa.text(
    """select accounts.*, count(declaration_id) as waiting
       from accounts left join waiting_filings on guarantor = party
       where party > :after group by party order by party limit :limit"""
)
_WAITING = sa.text(
    """select w.declaration_id::text, w.version, w.filed_at, w.tax_total, reviews.due_at
       from waiting_filings w left join reviews using (declaration_id)
       where guarantor = :party order by filed_at, declaration_id limit :limit"""
)
_DEPOSITS = sa.text(
    """select party, reference, amount, made_by, made_at from deposits
       where party = :party order by made_at desc, reference limit :limit"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A filing that waits for its guarantor's account."""

    declaration_id: str
    version: int
    filed_at: datetime
    needed: Decimal
    """Its tax, CNY: all of it must be free at once."""
    due_at: datetime | None
    """Until then; then the filing is secured if it fits, or refused."""

    def missing(self, account: Account) -> Decimal:
        """What has to be paid in for this one alone, CNY; nothing where it only waits for its turn."""
        return max(self.needed - account.free, Decimal(0))


class SqlAccountReading:
    """Questions about accounts, bound to one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def accounts(self, after: str, limit: int) -> list[tuple[Account, int]]:
        """Accounts in the order of their parties, each with how many wait for it."""
        rows = (await self.connection.execute(_ACCOUNTS, {"after": after, "limit": limit})).mappings()
        return [(read_account(row), row["waiting"]) for row in rows]

    async def waiting_for(self, party: str, limit: int) -> list[Hold]:
        """Who waits for an account, in the order of filing."""
        return [
            Hold(declaration_id=of, version=version, filed_at=at, needed=amount(needed), due_at=due_at)
            for of, version, at, needed, due_at in await self._rows(_WAITING, party=party, limit=limit)
        ]

    async def deposits_of(self, party: str, limit: int) -> list[tuple[Deposit, datetime]]:
        """What was paid in, the latest first."""
        return [
            (Deposit(party=party, reference=reference, amount=amount(paid), made_by=made_by), made_at)
            for party, reference, paid, made_by, made_at in await self._rows(
                _DEPOSITS, party=party, limit=limit
            )
        ]

    async def _rows(self, asked: sa.TextClause, **given: Any) -> Sequence[Any]:
        return (await self.connection.execute(asked, given)).all()
