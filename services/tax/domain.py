"""Tax decisions: pure, no clock, no wire.

Each takes what was ordered or heard and the locked balances, folds the balances, and returns what changed.
What a version holds moves with it to its end: committed by a permit, given back otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from services.tax.assessment import Assessment, assess
from services.tax.balances import Balances, Holding
from services.tax.books.guarantee import Deposit, GuaranteeFreed, MakeDeposit, PaymentLapsed
from services.tax.books.withdrawals import WithdrawalKey, correction_of
from services.tax.law.book import Law
from services.tax.rules import Filing
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO
from shared.kernel.refusal import Refusal
from shared.kernel.review import ReviewDecided

PAYMENT_LAPSED = Gate(
    agency="tax",
    status="REFUSED",
    code="E-GUARANTEE",
    reason="the guarantor did not secure the tax within its term",
)


class NotSecured(ValueError):
    """A permit for a version that tax has not secured: the message is wrong, not the books."""


class Outcome(Protocol):
    """What ends versions of a declaration."""

    @property
    def declaration_id(self) -> DeclarationId: ...
    @property
    def version(self) -> int: ...
    @property
    def closes_through(self) -> int: ...


def assess_all(filings: Iterable[Filing], balances: Balances, law: Law, now: datetime) -> list[Assessment]:
    """Each filing in its turn, so that those of one buyer or guarantor see each other's reservations."""
    return [assess(filing, balances, law, now) for filing in filings]


def commit_all(
    permits: Iterable[Outcome], months: Mapping[str, str], balances: Balances, now: datetime
) -> list[Holding]:
    """Permits are issued: quota is used, tax is owed, and goes to the bill of the month of the permit."""
    released = [(secured_of(permit, balances), months[permit.declaration_id]) for permit in permits]
    return balances.commit_all(released, now)


def secured_of(permit: Outcome, balances: Balances) -> Holding:
    """The secured version that a permit is for."""
    holding = balances.holdings.get(permit.declaration_id)
    if holding is None or holding.version != permit.version or holding.status != "SECURED":
        raise NotSecured(f"version {permit.version} has a permit, but tax has secured {holding}")
    return holding


def give_back_all(outcomes: Iterable[Outcome], balances: Balances) -> list[Holding]:
    """Versions end without a permit: what they held (as it was) is given back."""
    ended = []
    for outcome in outcomes:
        holding = balances.holdings.get(outcome.declaration_id)
        if holding is not None and holding.is_open and holding.version <= outcome.closes_through:
            balances.give_back(holding, "VOIDED")
            ended.append(holding)
    return ended


def lapse_all(orders: Iterable[PaymentLapsed], balances: Balances) -> list[Holding]:
    """The term is over for those that still wait: who fits now is secured, the others give back their quota.

    A guarantor who has paid in time is not refused because the line is long. Those before them in it do not come
    first: their own term, which counts from their assessment, still runs; of those whose term is over together the
    earliest filed comes first.
    """
    line = sorted(still_waiting(orders, balances), key=lambda each: (each.filed_at, each.declaration_id))
    return [_secured(holding, balances) or balances.give_back(holding, "REFUSED") for holding in line]


def secure_all(orders: Iterable[GuaranteeFreed], balances: Balances) -> list[Holding]:
    """Those that still wait and now fit are secured; the others go on waiting, and let smaller ones try."""
    line = still_waiting(orders, balances)
    return [secured for holding in line if (secured := _secured(holding, balances))]


def _secured(holding: Holding, balances: Balances) -> Holding | None:
    """A waiting version, secured if it fits now.

    Either way the account is offered again: no more were woken than a transaction holds.
    """
    balances.freed.add(holding.guarantor)
    fits = holding.tax_total <= balances.accounts[holding.guarantor].free
    return balances.secure(holding, holding.tax_total) if fits else None


def still_waiting(orders: Iterable[PaymentLapsed | GuaranteeFreed], balances: Balances) -> Iterable[Holding]:
    """The versions ordered about that are still running and waiting."""
    for order in orders:
        holding = balances.holdings.get(order.declaration_id)
        if holding is not None and holding.version == order.version and holding.status == "WAITING":
            yield holding


def decide(decided: ReviewDecided, balances: Balances) -> tuple[Holding, Gate]:
    """A tax officer waives the guarantee of a waiting version, or refuses it; both with a reason."""
    order = decided.order
    holding = balances.holdings.get(order.declaration_id)
    if holding is None or holding.version != order.version or holding.status != "WAITING":
        raise Refusal(
            "E-REVIEW-OVER", "this version no longer waits for payment", rule="decide", fix="read it again"
        )
    if not order.reason.strip():
        raise Refusal(
            "E-REVIEW-REASON", "a decision needs a reason", status=422, rule="decide", fix="state it"
        )
    if order.verdict == "pass":
        gate = Gate(agency="tax", status="PASSED", code="GUARANTEE_WAIVED", reason=order.reason)
        return balances.secure(holding, ZERO), gate
    gate = Gate(agency="tax", status="REFUSED", code="REFUSED_BY_OFFICER", reason=order.reason)
    return balances.give_back(holding, "REFUSED"), gate


def deposit_all(
    orders: Iterable[MakeDeposit],
    known: Mapping[tuple[str, str], Deposit],
    taken_back: Collection[WithdrawalKey],
    balances: Balances,
) -> list[Deposit]:
    """Deposits not known yet go to their accounts; a reference said again changes nothing.

    One that was taken back is not made again in silence: whoever enters it believes that money comes in.
    """
    seen = dict(known)
    made = []
    for deposit in (order.deposit for order in orders):
        first = seen.get((deposit.party, deposit.reference))
        if first is None:
            seen[deposit.party, deposit.reference] = deposit
            balances.pay_in(deposit.party, deposit.amount, deposit.reference)
            made.append(deposit)
        elif first.amount != deposit.amount or correction_of(deposit) in taken_back:
            was = "was taken back" if first.amount == deposit.amount else f"is known with {first.amount}"
            raise Refusal(
                "E-DUP-CONFLICT",
                f"deposit {deposit.reference} {was}",
                rule="deposit_all",
                fix="use the bank's own reference, a new one for each payment",
            )
    return made
