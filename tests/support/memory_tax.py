"""Memory tax ledger: what the SQL store does, in dicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from services.tax.assessment import Assessment, KeptAssessment
from services.tax.balances import Balances, Holding, held_notes
from services.tax.books.guarantee import Account, GuaranteeFreed, Offer, PaymentLapsed, Promised, Waiting
from services.tax.notes import NoteKey, YearNote, year_note
from services.tax.quota import Quota, QuotaKey, quota_key
from services.tax.refunding.refunds import Refund
from services.tax.rules import Filing
from shared.kernel.review import Review
from shared.runtime.failures import RowTaken
from tests.support.memory_bills import MemoryBooks
from tests.support.memory_refunds import MemoryRefunds


class MemoryTaxLedger(MemoryBooks, MemoryRefunds):
    """Keeps the promise of `TaxLedger`; one transaction at a time, and no way back."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, int], KeptAssessment] = {}
        self.refunds: dict[tuple[str, str], Refund] = {}
        self.accounts: dict[str, Account] = {}
        self.quotas: dict[QuotaKey, Quota] = {}
        self.notes: dict[NoteKey, YearNote] = {}
        self.reviews: dict[str, Review] = {}

    async def lock(self, filings: Sequence[Filing], notes: Iterable[NoteKey] = ()) -> Balances:
        """What the filings and the versions before them touch."""
        before = self._latest(filing.declaration_id for filing in filings if filing.version > 1)
        parties = {filing.guarantor for filing in filings}
        keys = {quota_key(filing.buyer, filing.filed_at) for filing in filings}
        return self._lock(before, parties, keys, set(notes))

    async def lock_holdings(self, declaration_ids: Iterable[str]) -> Balances:
        """The latest versions of declarations and what they touch."""
        return self._lock(self._latest(declaration_ids), set(), set())

    async def lock_billing(self, months: Mapping[str, str]) -> Balances:
        """The same, and the last bill of each, where its month is named by declaration."""
        balances = await self.lock_holdings(months)
        keys = {(*holding.billed_to, months[subject]) for subject, holding in balances.holdings.items()}
        balances.know(sorted((b for b in self.bills.values() if b.key in keys), key=lambda b: b.number))
        return balances

    async def lock_billed(self, declaration_ids: Iterable[str]) -> Balances:
        """The same, and the bill that each released version is on."""
        balances = await self.lock_holdings(declaration_ids)
        numbers = {holding.bill_no for holding in balances.holdings.values()}
        balances.know([bill for number, bill in self.bills.items() if number in numbers])
        return balances

    async def lock_bills(self, numbers: Iterable[str]) -> Balances:
        """Bills, and the accounts of their guarantors. A bill that there is not is not in it."""
        found = [self.bills[number] for number in set(numbers) if number in self.bills]
        balances = self._lock({}, {bill.guarantor for bill in found}, set())
        balances.know(found)
        return balances

    async def lock_accounts(self, parties: Iterable[str]) -> Balances:
        """Accounts alone."""
        return self._lock({}, set(parties), set())

    def _lock(
        self,
        holdings: dict[str, Holding],
        parties: set[str],
        keys: set[QuotaKey],
        notes: Collection[NoteKey] = (),
    ) -> Balances:
        parties |= {holding.guarantor for holding in holdings.values()}
        keys |= {holding.quota_key for holding in holdings.values()}
        return Balances(
            holdings=holdings,
            accounts={
                party: self.accounts.setdefault(party, Account(party=party)) for party in sorted(parties)
            },
            quotas={key: self._lock_quota(key) for key in sorted(keys)},
            new_quotas=frozenset(key for key in keys if key not in self.quotas),
            notes={key: year_note(self.notes, key) for key in {*notes, *held_notes(holdings.values())}},
        )

    def _lock_quota(self, key: QuotaKey) -> Quota:
        """As it is kept, under its lock; one that is not there yet is begun, and nobody holds it."""
        begun = Quota(buyer=key[0], year=key[1])
        return self.quotas.setdefault(key, begun) if key in self.quotas else begun

    def _latest(self, declaration_ids: Iterable[str]) -> dict[str, Holding]:
        asked = set(declaration_ids)
        in_order = sorted(self.kept.items())
        return {key[0]: kept.holding for key, kept in in_order if key[0] in asked}

    async def save(self, balances: Balances, made: Sequence[Assessment] = ()) -> None:
        """Balances, changed holdings, new assessments; deadlines and reviews of those that wait."""
        self.save_books(balances)
        self.accounts |= balances.accounts
        self._save_quotas(balances)
        self.notes |= balances.notes
        for holding in balances.changed.values():
            before = self.kept[holding.declaration_id, holding.version]
            self._keep(KeptAssessment(holding=holding, rule_set=before.rule_set, working=before.working))
        for declaration_id in balances.no_longer_waiting:
            self.reviews.pop(declaration_id, None)
        for each in made:
            self._keep(KeptAssessment(holding=each.holding, rule_set=each.rule_set, working=each.working))
            if each.review:
                self.reviews[each.review.declaration_id] = each.review
            if each.gate.due_at:
                lapse = PaymentLapsed(
                    declaration_id=each.holding.declaration_id, version=each.holding.version
                )
                self.deadlines[lapse] = each.gate.due_at
        balances.new_quotas = frozenset()

    def _save_quotas(self, balances: Balances) -> None:
        """A new one belongs to whoever writes it first."""
        for key, quota in sorted(balances.quotas.items()):
            if key in balances.new_quotas and key in self.quotas:
                raise RowTaken(f"the quota of {key} was made by another")
            self.quotas[key] = quota

    def _keep(self, kept: KeptAssessment) -> None:
        self.kept[kept.holding.declaration_id, kept.holding.version] = kept

    async def promised(self, free: Mapping[str, Decimal]) -> dict[str, Promised]:
        """By account, what those need of what it has free that are to be looked at already."""
        ordered = [each for each in self._line() if order_of(each) in self.deadlines]
        promised: dict[str, Promised] = {}
        for each in ordered:
            if each.needed <= free.get(each.guarantor, -1):
                filings, amount = promised.get(each.guarantor, Promised())
                promised[each.guarantor] = Promised(filings + 1, amount + each.needed)
        return promised

    async def waiting_for(self, offers: Sequence[Offer]) -> list[Waiting]:
        """The earliest filings that each account may offer something to, in order of filing."""
        left = {offer.party: offer.most for offer in offers}
        free = {offer.party: offer.free for offer in offers}
        found = []
        for each in self._line():
            fits = each.needed <= free.get(each.guarantor, -1) and order_of(each) not in self.deadlines
            if fits and left[each.guarantor]:
                left[each.guarantor] -= 1
                found.append(each)
        return found

    def _line(self) -> list[Waiting]:
        """Whoever waits, in order of filing."""
        holdings = sorted(
            (kept.holding for kept in self.kept.values() if kept.holding.status == "WAITING"),
            key=lambda holding: (holding.filed_at, holding.declaration_id),
        )
        return [
            Waiting(
                declaration_id=holding.declaration_id,
                version=holding.version,
                guarantor=holding.guarantor,
                needed=holding.tax_total,
            )
            for holding in holdings
        ]

    async def look_again(self, orders: Sequence[GuaranteeFreed], now: datetime) -> None:
        """Have the orders run at once."""
        self.deadlines |= dict.fromkeys(orders, now)

    async def versions_of(self, declaration_id: str) -> list[KeptAssessment]:
        """Every version assessed, oldest first."""
        return [kept for key, kept in sorted(self.kept.items()) if key[0] == declaration_id]

    async def account_of(self, party: str) -> Account | None:
        """An account, if anything ever touched it."""
        return self.accounts.get(party)

    async def count_waiting(self, party: str) -> int:
        """How many filings wait for an account."""
        holdings = (kept.holding for kept in self.kept.values())
        return sum(holding.guarantor == party and holding.status == "WAITING" for holding in holdings)


def order_of(waiting: Waiting) -> GuaranteeFreed:
    """What has it looked at again."""
    return GuaranteeFreed(declaration_id=waiting.declaration_id, version=waiting.version)
