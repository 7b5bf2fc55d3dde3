"""Tax store: the only SQL of this room.

Every method is a constant number of statements, whatever the size of the batch. Rows are locked in key order:
accounts, which are inserted first where they are missing, then quotas. A quota that is not there yet is written
once, at the end: who meets another that made it meanwhile is undone and tried again, like a head. Noted goods stand
under the lock of their quota, or under its key while it is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from services.tax.assessment import Assessment, KeptAssessment
from services.tax.balances import Balances, Holding, held_notes
from services.tax.books.guarantee import Account, GuaranteeFreed, Offer, PaymentLapsed, Promised, Waiting
from services.tax.books.rows import AMOUNTS, account_row, read_account
from services.tax.books.store import SqlBooks
from services.tax.columns import amount
from services.tax.note_store import read_notes, save_notes
from services.tax.notes import NoteKey
from services.tax.quota import Quota, QuotaKey, quota_key
from services.tax.refunding.store import SqlRefunds, read_kept
from services.tax.rows import (
    HOLDING,
    assessment_rows,
    changes_of,
    quota_row,
    read_holding,
    waiting_row,
)
from services.tax.rules import Filing
from services.tax.tables import accounts, assessments, quotas, waiting_filings
from shared.runtime.database import delete_rows, fetch, insert_missing, insert_new, insert_rows, update_rows
from shared.runtime.deadlines import Deadline, set_deadlines
from shared.runtime.reviews import close_reviews, open_reviews

_ACCOUNT_OF = f"party, {', '.join(AMOUNTS)}, entries"
_LATEST = sa.text(
    f"""select distinct on (declaration_id) {HOLDING} from assessments
        where declaration_id = any(cast(:ids as uuid[])) order by declaration_id, version desc"""
)
_VERSIONS = sa.text(
    f"""select {HOLDING}, rule_set, working from assessments
        where declaration_id = cast(:id as uuid) order by version"""
)
_LOCK_ACCOUNTS = sa.text(
    f"select {_ACCOUNT_OF} from accounts where party = any(:parties) order by party for update"
)
_LOCK_QUOTAS = sa.text(
    """select buyer, year, reserved, used
       from quotas join unnest(cast(:buyers as text[]), cast(:years as integer[])) as given (buyer, year)
       using (buyer, year) order by buyer, year for update of quotas"""
)
_PROMISED = sa.text(
    """select guarantor, count(*), sum(tax_total)
       from timers cross join lateral (
           select guarantor, tax_total from waiting_filings
           where declaration_id = subject_id and version = timers.version limit 1) as ordered
       join unnest(cast(:parties as text[]), cast(:free as numeric[])) as given (party, free)
       on guarantor = party and tax_total <= free
       where command = 'GuaranteeFreed' group by guarantor"""
)
_FEW = 5000
_NOT_ORDERED = """not exists (select from timers where subject_id = declaration_id and timers.version = w.version
       and command = 'GuaranteeFreed' offset 0) order by filed_at, declaration_id limit most"""
_WAITING = sa.text(
    f"""select declaration_id::text, version, guarantor, tax_total
        from unnest(cast(:parties as text[]), cast(:free as numeric[]), cast(:most as integer[]))
        as given (party, free, most)
        cross join lateral (select exists (select from waiting_filings
            where guarantor = party and tax_total <= free offset {_FEW}) as are_many offset 0) as fit
        cross join lateral (
            (select * from (select * from waiting_filings where not are_many and guarantor = party
                and tax_total <= free order by tax_total limit {_FEW}) as w where {_NOT_ORDERED})
            union all
            (select * from waiting_filings as w
             where are_many and guarantor = party and free - tax_total >= 0 and {_NOT_ORDERED})) as line
        order by filed_at, declaration_id"""
)
"""Few that fit are found by what they need, and sorted; of many the earliest are met soon by walking the line. A plan
made while nobody waited must do for a long line: the difference keeps the walk to the line's own index, and
`offset 0` has each filing's order looked up by its key."""
_COUNT_WAITING = sa.text("select count(*) from waiting_filings where guarantor = :party")
_ACCOUNT = sa.text(f"select {_ACCOUNT_OF} from accounts where party = :party")


class SqlTaxLedger(SqlBooks, SqlRefunds):
    """Keeps the promise of `TaxLedger` on one connection, and answers what the door asks."""

    # --- load and lock ---

    async def lock(self, filings: Sequence[Filing], notes: Iterable[NoteKey] = ()) -> Balances:
        """What the filings and the versions before them touch: accounts, quotas, noted goods, each in key order."""
        before = await self._latest([filing.declaration_id for filing in filings if filing.version > 1])
        parties = {filing.guarantor for filing in filings}
        keys = {quota_key(filing.buyer, filing.filed_at) for filing in filings}
        return await self._lock(before, parties, keys, set(notes))

    async def lock_holdings(self, declaration_ids: Iterable[str]) -> Balances:
        """The latest versions of declarations and what they touch, in the same order."""
        return await self._lock(await self._latest(list(declaration_ids)), set(), set())

    async def lock_billing(self, months: Mapping[str, str]) -> Balances:
        """The same, and the last bill of each, where its month is named by declaration."""
        balances = await self.lock_holdings(months)
        keys = {(*holding.billed_to, months[subject]) for subject, holding in balances.holdings.items()}
        balances.know(await self.last_bills(keys))
        return balances

    async def lock_billed(self, declaration_ids: Iterable[str]) -> Balances:
        """The same, and the bill that each released version is on."""
        balances = await self.lock_holdings(declaration_ids)
        balances.know(await self.bills_like(holding.bill_no for holding in balances.holdings.values()))
        return balances

    async def lock_bills(self, numbers: Iterable[str]) -> Balances:
        """Bills, and the accounts of their guarantors. A bill that there is not is not in it."""
        found = await self.bills_like(numbers)
        balances = await self._lock({}, {bill.guarantor for bill in found}, set())
        balances.know(await self.bills_like(bill.bill_no for bill in found))
        return balances

    async def lock_accounts(self, parties: Iterable[str]) -> Balances:
        """Accounts alone."""
        return await self._lock({}, set(parties), set())

    async def _lock(
        self,
        holdings: dict[str, Holding],
        parties: set[str],
        keys: set[QuotaKey],
        notes: Collection[NoteKey] = (),
    ) -> Balances:
        parties |= {holding.guarantor for holding in holdings.values()}
        keys |= {holding.quota_key for holding in holdings.values()}
        held = await self._lock_accounts(sorted(parties))
        quotas = await self._lock_quotas(sorted(keys))
        new = keys - quotas.keys()
        return Balances(
            holdings=holdings,
            accounts=held,
            quotas=quotas | {(buyer, year): Quota(buyer=buyer, year=year) for buyer, year in new},
            new_quotas=frozenset(new),
            notes=await read_notes(self.connection, {*notes, *held_notes(holdings.values())}),
        )

    async def _latest(self, declaration_ids: list[str]) -> dict[str, Holding]:
        if not declaration_ids:
            return {}
        rows = await fetch(self.connection, _LATEST, {"ids": declaration_ids})
        return {row["declaration_id"]: read_holding(row) for row in rows}

    async def _lock_accounts(self, parties: list[str]) -> dict[str, Account]:
        await insert_missing(
            self.connection, accounts, [{"party": party} for party in parties], key=("party",)
        )
        rows = await fetch(self.connection, _LOCK_ACCOUNTS, {"parties": parties})
        return {row["party"]: read_account(row) for row in rows}

    async def _lock_quotas(self, keys: list[QuotaKey]) -> dict[QuotaKey, Quota]:
        """Those that there are."""
        asked = {"buyers": [buyer for buyer, _ in keys], "years": [year for _, year in keys]}
        rows = await fetch(self.connection, _LOCK_QUOTAS, asked) if keys else ()
        return {
            (buyer, year): Quota(buyer=buyer, year=year, reserved=amount(reserved), used=amount(used))
            for buyer, year, reserved, used in rows
        }

    # --- save ---

    async def save(self, balances: Balances, made: Sequence[Assessment] = ()) -> None:
        """Balances, changed holdings, new assessments; deadlines and reviews of those that wait."""
        to = self.connection
        await self.save_books(balances)
        await update_rows(
            to, accounts, [account_row(each) for each in balances.accounts.values()], key=("party",)
        )
        await self._save_quotas(balances)
        await save_notes(to, balances.notes.values())
        for changed in changes_of(balances):
            await update_rows(to, assessments, changed, key=("declaration_id", "version"))
        await insert_rows(to, assessments, assessment_rows(made))
        await close_reviews(to, balances.no_longer_waiting)
        over = [{"declaration_id": declaration_id} for declaration_id in balances.no_longer_waiting]
        await delete_rows(to, waiting_filings, over, key=("declaration_id",))
        await self._wait([assessment for assessment in made if assessment.review])

    async def _save_quotas(self, balances: Balances) -> None:
        new = sorted(balances.new_quotas)
        known = balances.quotas.keys() - balances.new_quotas
        await update_rows(
            self.connection, quotas, [quota_row(balances.quotas[key]) for key in known], key=("buyer", "year")
        )
        await insert_new(self.connection, quotas, [quota_row(balances.quotas[key]) for key in new])
        balances.new_quotas = frozenset()

    async def _wait(self, short: Sequence[Assessment]) -> None:
        """Note those that wait, put them into the officers' queue, set their term."""
        to = self.connection
        await insert_rows(to, waiting_filings, [waiting_row(each.holding) for each in short])
        await open_reviews(to, [each.review for each in short if each.review])
        await set_deadlines(
            to, [_lapse(each.holding, each.gate.due_at) for each in short if each.gate.due_at]
        )

    async def promised(self, free: Mapping[str, Decimal]) -> dict[str, Promised]:
        """By account, what those need of what it has free that have their order, which has not run yet.

        It runs after this lock on the account, and touching it here could dead-lock with its running.
        """
        rows = await fetch(self.connection, _PROMISED, {"parties": list(free), "free": list(free.values())})
        return {party: Promised(filings, amount(needed)) for party, filings, needed in rows}

    async def waiting_for(self, offers: Sequence[Offer]) -> list[Waiting]:
        """The earliest filings without an order that need no more than their account offers, in order of filing."""
        parties, free, most = zip(*offers, strict=True)
        rows = await fetch(self.connection, _WAITING, {"parties": parties, "free": free, "most": most})
        return [
            Waiting(declaration_id=of, version=version, guarantor=guarantor, needed=amount(needed))
            for of, version, guarantor, needed in rows
        ]

    async def look_again(self, orders: Sequence[GuaranteeFreed], now: datetime) -> None:
        """Have the orders run at once, each under the head of its own declaration."""
        await set_deadlines(self.connection, [Deadline(due_at=now, command=order) for order in orders])

    # --- what the door asks ---

    async def versions_of(self, declaration_id: str) -> list[KeptAssessment]:
        """Every version assessed, oldest first."""
        rows = (await self.connection.execute(_VERSIONS, {"id": declaration_id})).mappings().all()
        return [read_kept(row) for row in rows]

    async def account_of(self, party: str) -> Account | None:
        """An account, if anything ever touched it."""
        row = (await self.connection.execute(_ACCOUNT, {"party": party})).mappings().one_or_none()
        return read_account(row) if row else None

    async def count_waiting(self, party: str) -> int:
        """How many filings wait for an account."""
        return int((await self.connection.execute(_COUNT_WAITING, {"party": party})).scalar_one())


def _lapse(holding: Holding, due_at: datetime) -> Deadline:
    command = PaymentLapsed(declaration_id=holding.declaration_id, version=holding.version)
    return Deadline(due_at=due_at, command=command)
