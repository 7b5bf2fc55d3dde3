"""Baseline's tax service: assess, reserve quota and guarantee; commit at the permit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.tax import domain, sayings
from services.tax.balances import Balances, Holding
from services.tax.books.bills import month_of
from services.tax.books.guarantee import Account
from services.tax.law.force import law
from services.tax.quota import Quota, QuotaKey, quota_key
from shared.contracts.clearance import PermitIssued
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.contracts.tax import TaxAssessed
from tests.load.baseline.tables import AccountRow, HoldingRow, QuotaRow, put_missing

HEARS = ("declaration", "clearance")
_read_holding = msgspec.json.Decoder(Holding).decode
_assessed = TypeAdapter(TaxAssessed)


class Books:
    """Rows that a transaction has locked, and the balances they make."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._accounts: dict[str, AccountRow] = {}
        self._quotas: dict[QuotaKey, QuotaRow] = {}
        self._holdings: dict[str, HoldingRow] = {}

    async def lock(self, parties: set[str], keys: set[QuotaKey], holdings: dict[str, Holding]) -> Balances:
        """Accounts, then quotas, in key order."""
        session = self._session
        await self._lock_accounts(parties)
        await put_missing(session, QuotaRow, [{"buyer": buyer, "year": year} for buyer, year in sorted(keys)])
        wanted = sa.tuple_(QuotaRow.buyer, QuotaRow.year).in_(keys)
        quotas = sa.select(QuotaRow).where(wanted).order_by(QuotaRow.buyer, QuotaRow.year)
        self._quotas = {(row.buyer, row.year): row for row in await session.scalars(quotas.with_for_update())}
        return Balances(
            accounts={party: _account(row) for party, row in self._accounts.items()},
            quotas={key: _quota(row) for key, row in self._quotas.items()},
            holdings=holdings,
        )

    async def _lock_accounts(self, parties: set[str]) -> None:
        """Guarantors are few and known; one that is new is put down first."""
        asked = sa.select(AccountRow).where(AccountRow.party.in_(parties)).order_by(AccountRow.party)
        self._accounts = {row.party: row for row in await self._session.scalars(asked.with_for_update())}
        if missing := sorted(parties - self._accounts.keys()):
            await put_missing(self._session, AccountRow, [{"party": party} for party in missing])
            await self._lock_accounts(parties)

    async def holdings(self, declaration_ids: Sequence[str]) -> dict[str, Holding]:
        """What declarations hold."""
        found = sa.select(HoldingRow).where(HoldingRow.declaration_id.in_(declaration_ids))
        self._holdings = {row.declaration_id: row for row in await self._session.scalars(found)}
        return {key: _read_holding(row.holding) for key, row in self._holdings.items()}

    def write(self, balances: Balances) -> None:
        """Back into the rows; the session writes what has changed."""
        for party, account in balances.accounts.items():
            row = self._accounts[party]
            row.balance, row.reserved, row.due = account.balance, account.reserved, account.due
        for key, quota in balances.quotas.items():
            kept = self._quotas[key]
            kept.reserved, kept.used = quota.reserved, quota.used
        for declaration_id, holding in balances.changed.items():
            held = self._holdings[declaration_id]
            held.status, held.holding = holding.status, msgspec.json.encode(holding)


async def handle(session: AsyncSession, events: Sequence[Event]) -> list[Event]:
    """Everything that tax hears."""
    filed = [event for event in events if isinstance(event, DeclarationSubmitted)]
    permits = [event for event in events if isinstance(event, PermitIssued)]
    said: list[Event] = []
    if filed:
        said += await _assess(session, filed)
    if permits:
        said += await _commit(session, permits)
    return said


async def _assess(session: AsyncSession, filed: Sequence[DeclarationSubmitted]) -> list[Event]:
    books = Books(session)
    known = await books.holdings([each.declaration_id for each in filed])
    fresh = [each for each in filed if each.declaration_id not in known]
    keys = {quota_key(each.buyer, each.filed_at) for each in fresh}
    balances = await books.lock({each.guarantor for each in fresh}, keys, {})
    made = domain.assess_all(fresh, balances, law(), datetime.now(UTC))
    books.write(balances)
    said = [sayings.assessed(each) for each in made]
    session.add_all(
        HoldingRow(
            declaration_id=each.holding.declaration_id,
            status=each.holding.status,
            holding=msgspec.json.encode(each.holding),
            assessed=_assessed.dump_json(word),
        )
        for each, word in zip(made, said, strict=True)
    )
    return [*said]


async def _commit(session: AsyncSession, permits: Sequence[PermitIssued]) -> list[Event]:
    books = Books(session)
    holdings = await books.holdings([permit.declaration_id for permit in permits])
    open_ones = {key: holding for key, holding in holdings.items() if holding.status == "SECURED"}
    parties = {holding.guarantor for holding in open_ones.values()}
    balances = await books.lock(parties, {holding.quota_key for holding in open_ones.values()}, open_ones)
    due = [permit for permit in permits if permit.declaration_id in open_ones]
    months: dict[str, str] = {permit.declaration_id: month_of(permit.issued_at) for permit in due}
    committed = domain.commit_all(due, months, balances, datetime.now(UTC))
    books.write(balances)
    return [sayings.committed(holding) for holding in committed]


def _account(row: AccountRow) -> Account:
    return Account(party=row.party, balance=row.balance, reserved=row.reserved, due=row.due)


def _quota(row: QuotaRow) -> Quota:
    return Quota(buyer=row.buyer, year=row.year, reserved=row.reserved, used=row.used)
