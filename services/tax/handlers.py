"""Tax handlers: what tax does when it hears.

Four beats each: load and lock, decide, save, say. `ports.TaxLedger` is what they need of a store.
Bills have handlers of their own (`bill_handlers`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from services.tax import domain, sayings
from services.tax.assessment import SECURED
from services.tax.bill_handlers import on_bills_closed, on_bills_lapsed, on_committed_unbilled
from services.tax.books.bills import month_of
from services.tax.books.guarantee import GuaranteeFreed, MakeDeposit, PaymentLapsed
from services.tax.books.payments import BillCommitted, BillLapsed, IssueBill
from services.tax.books.withdrawals import correction_of
from services.tax.law.force import law
from services.tax.notes import note_keys
from services.tax.ports import TaxLedger
from services.tax.refunding.handlers import on_returns_completed
from services.tax.waking import wake
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused, PermitIssued, ReturnCompleted
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent, Event
from shared.kernel.review import ReviewDecided

Handler = Callable[..., Awaitable[list[Any]]]


async def on_declarations_submitted(
    batch: Sequence[DeclarationSubmitted], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Assess, reserve, and secure or wait."""
    rules = law()
    balances = await ledger.lock(batch, note_keys(batch, rules.china))
    made = domain.assess_all(batch, balances, rules, now)
    await ledger.save(balances, made)
    await wake(balances, ledger, now)
    return [sayings.assessed(assessment) for assessment in made]


async def on_permits_issued(batch: Sequence[PermitIssued], ledger: TaxLedger, now: datetime) -> list[Event]:
    """The quota is used and the tax is owed: it goes to the bill of the month.

    This is the end here: a permit revoked later gives nothing back by itself, since the goods may have left.
    """
    months: dict[str, str] = {permit.declaration_id: month_of(permit.issued_at) for permit in batch}
    balances = await ledger.lock_billing(months)
    committed = domain.commit_all(batch, months, balances, now)
    await ledger.save(balances)
    return [sayings.committed(holding) for holding in committed]


async def on_declarations_ended(
    batch: Sequence[DeclarationRefused | DeclarationCancelled], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Refused or cancelled: what is held is given back; where nothing is held there is nothing to say."""
    balances = await ledger.lock_holdings(outcome.declaration_id for outcome in batch)
    ended = domain.give_back_all(batch, balances)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [sayings.voided(holding) for holding in ended]


async def on_payments_lapsed(batch: Sequence[PaymentLapsed], ledger: TaxLedger, now: datetime) -> list[Event]:
    """The guarantor's term is over: those that wait are secured now, or refused."""
    balances = await ledger.lock_holdings(order.declaration_id for order in batch)
    lapsed = domain.lapse_all(batch, balances)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [
        sayings.secured(holding, SECURED)
        if holding.is_open
        else sayings.refused(holding, domain.PAYMENT_LAPSED)
        for holding in lapsed
    ]


async def on_guarantees_freed(
    batch: Sequence[GuaranteeFreed], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Something came free: those that wait and now fit are secured; what is left is offered again."""
    balances = await ledger.lock_holdings(order.declaration_id for order in batch)
    secured = domain.secure_all(batch, balances)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [sayings.secured(holding, SECURED) for holding in secured]


async def on_reviews_decided(batch: Sequence[ReviewDecided], ledger: TaxLedger, now: datetime) -> list[Event]:
    """A tax officer has waived the guarantee, or refused."""
    balances = await ledger.lock_holdings(decided.declaration_id for decided in batch)
    decisions = [domain.decide(decided, balances) for decided in batch]
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [
        (sayings.secured if gate.is_open else sayings.refused)(holding, gate) for holding, gate in decisions
    ]


async def on_deposits_made(batch: Sequence[MakeDeposit], ledger: TaxLedger, now: datetime) -> list[Event]:
    """Money comes in; it says nothing of its own, and wakes those that wait for it."""
    balances = await ledger.lock_accounts(order.deposit.party for order in batch)
    given = [order.deposit for order in batch]
    known = await ledger.deposits_like(given)
    taken_back = await ledger.withdrawals_like([correction_of(deposit) for deposit in given])
    made = domain.deposit_all(batch, known, taken_back, balances)
    await ledger.keep_deposits(made, now)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return []


SUBSCRIPTIONS: dict[type[AnyEvent], Handler] = {
    DeclarationSubmitted: on_declarations_submitted,
    PermitIssued: on_permits_issued,
    DeclarationRefused: on_declarations_ended,
    DeclarationCancelled: on_declarations_ended,
    ReturnCompleted: on_returns_completed,
}
DEADLINES: dict[type[Any], Handler] = {
    PaymentLapsed: on_payments_lapsed,
    GuaranteeFreed: on_guarantees_freed,
    IssueBill: on_bills_closed,
    BillLapsed: on_bills_lapsed,
    BillCommitted: on_committed_unbilled,
}
