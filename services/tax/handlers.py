"""Tax handlers: what tax does when it hears.

Four beats each: load and lock, decide, save, say. `TaxLedger` is what they need of a store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.tax import domain, sayings
from services.tax.assessment import SECURED, Assessment
from services.tax.balances import Balances
from services.tax.guarantee import (
    Account,
    Deposit,
    GuaranteeFreed,
    MakeDeposit,
    PaymentLapsed,
    Waiting,
    who_fit,
)
from services.tax.law.force import law
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused, PermitIssued
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent, Event
from shared.kernel.review import ReviewDecided

Handler = Callable[..., Awaitable[list[Event]]]


class TaxLedger(Protocol):
    """Holdings, quotas and accounts, under the locks of one transaction."""

    async def lock(self, filings: Sequence[DeclarationSubmitted]) -> Balances:
        """What the filings and the versions before them touch; accounts first, then quotas, in key order."""

    async def lock_holdings(self, declaration_ids: Iterable[str]) -> Balances:
        """The latest versions of declarations and what they touch, in the same order."""

    async def lock_accounts(self, parties: Iterable[str]) -> Balances:
        """Accounts alone."""

    async def save(self, balances: Balances, made: Sequence[Assessment] = ()) -> None:
        """Balances, changed holdings, new assessments; deadlines and reviews of those that wait."""

    async def waiting_for(self, accounts: Mapping[str, Account]) -> list[Waiting]:
        """Filings, in order of filing, that wait for one of the accounts and need no more than it has free.

        Those that are to be looked at already say so.
        """

    async def look_again(self, orders: Sequence[GuaranteeFreed], now: datetime) -> None:
        """Have the orders run at once, each under the head of its own declaration."""

    async def deposits_like(self, deposits: Sequence[Deposit]) -> dict[tuple[str, str], Deposit]:
        """Known deposits of the same party and reference."""

    async def keep_deposits(self, deposits: Sequence[Deposit], now: datetime) -> None:
        """Keep new deposits."""


async def on_declarations_submitted(
    batch: Sequence[DeclarationSubmitted], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Assess, reserve, and secure or wait."""
    balances = await ledger.lock(batch)
    made = domain.assess_all(batch, balances, law(), now)
    await ledger.save(balances, made)
    await _wake(balances, ledger, now)
    return [sayings.assessed(assessment) for assessment in made]


async def on_permits_issued(batch: Sequence[PermitIssued], ledger: TaxLedger, _now: datetime) -> list[Event]:
    """The quota is used and the tax falls due.

    This is the end here: a permit revoked later gives nothing back by itself, since the goods may have left.
    """
    balances = await ledger.lock_holdings(permit.declaration_id for permit in batch)
    committed = domain.commit_all(batch, balances)
    await ledger.save(balances)
    return [sayings.committed(holding) for holding in committed]


async def on_declarations_ended(
    batch: Sequence[DeclarationRefused | DeclarationCancelled], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Refused or cancelled: what is held is given back; where nothing is held there is nothing to say."""
    balances = await ledger.lock_holdings(outcome.declaration_id for outcome in batch)
    ended = domain.give_back_all(batch, balances)
    await ledger.save(balances)
    await _wake(balances, ledger, now)
    return [sayings.voided(holding) for holding in ended]


async def on_payments_lapsed(batch: Sequence[PaymentLapsed], ledger: TaxLedger, now: datetime) -> list[Event]:
    """The guarantor's term is over."""
    balances = await ledger.lock_holdings(order.declaration_id for order in batch)
    lapsed = domain.lapse_all(batch, balances)
    await ledger.save(balances)
    await _wake(balances, ledger, now)
    return [sayings.refused(holding, domain.PAYMENT_LAPSED) for holding in lapsed]


async def on_guarantees_freed(
    batch: Sequence[GuaranteeFreed], ledger: TaxLedger, now: datetime
) -> list[Event]:
    """Something came free: those that wait and now fit are secured; what others left is offered again."""
    balances = await ledger.lock_holdings(order.declaration_id for order in batch)
    secured = domain.secure_all(batch, balances)
    await ledger.save(balances)
    await _wake(balances, ledger, now)
    return [sayings.secured(holding, SECURED) for holding in secured]


async def on_reviews_decided(batch: Sequence[ReviewDecided], ledger: TaxLedger, now: datetime) -> list[Event]:
    """A tax officer has waived the guarantee, or refused."""
    balances = await ledger.lock_holdings(decided.declaration_id for decided in batch)
    decisions = [domain.decide(decided, balances) for decided in batch]
    await ledger.save(balances)
    await _wake(balances, ledger, now)
    return [
        (sayings.secured if gate.is_open else sayings.refused)(holding, gate) for holding, gate in decisions
    ]


async def on_deposits_made(batch: Sequence[MakeDeposit], ledger: TaxLedger, now: datetime) -> list[Event]:
    """Money comes in; it says nothing of its own, and wakes those that wait for it."""
    balances = await ledger.lock_accounts(order.deposit.party for order in batch)
    known = await ledger.deposits_like([order.deposit for order in batch])
    made = domain.deposit_all(batch, known, balances)
    await ledger.keep_deposits(made, now)
    await ledger.save(balances)
    await _wake(balances, ledger, now)
    return []


async def _wake(balances: Balances, ledger: TaxLedger, now: datetime) -> None:
    """Who waits for a freed account and now fits is looked at again, under the head of its own declaration."""
    freed = {party: balances.accounts[party] for party in balances.freed if balances.accounts[party].free}
    if freed:
        await ledger.look_again(who_fit(await ledger.waiting_for(freed), freed), now)


SUBSCRIPTIONS: dict[type[AnyEvent], Handler] = {
    DeclarationSubmitted: on_declarations_submitted,
    PermitIssued: on_permits_issued,
    DeclarationRefused: on_declarations_ended,
    DeclarationCancelled: on_declarations_ended,
}
DEADLINES: dict[type[Any], Handler] = {
    PaymentLapsed: on_payments_lapsed,
    GuaranteeFreed: on_guarantees_freed,
}
