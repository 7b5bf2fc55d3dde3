"""Ledger: what tax holds of each version, replayed from its events.

A version is assessed: secured, waiting, or refused at once. Then it is secured later (or its guarantee waived),
refused, voided, superseded by the next version, or committed; of that, returns give back. Amounts in CNY.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from audit.rows import Fact
from audit.told import Told

ZERO = Decimal(0)
OPEN = ("SECURED", "WAITING")
HOLDING = (*OPEN, "COMMITTED")


@dataclass(slots=True)
class Holding:
    """One version, as the events leave it."""

    version: int
    status: str
    assessed: Decimal
    quota: Decimal = ZERO
    guarantee: Decimal = ZERO
    refunded: Decimal = ZERO
    """Given back after release."""
    rule_set: str = ""
    bill_no: str = ""
    """That it was said to be on; nothing of what a release without bills has committed."""


@dataclass(slots=True)
class Ledger:
    """All versions of a declaration, and the movements that could not be."""

    holdings: dict[int, Holding] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """Invariant and sentence."""


def replay(facts: Sequence[Fact]) -> Ledger:
    """The ledger after tax's facts of one declaration."""
    ledger = Ledger()
    for fact in facts:
        move = MOVES.get(fact.type)
        if move and fact.told is not None:
            move(ledger, fact.version, fact.told)
    return ledger


def _assess(ledger: Ledger, version: int, told: Told) -> None:
    for before in ledger.holdings.values():
        if before.status in OPEN:
            _close(before, "SUPERSEDED")
    status = _STATUS[told.gate.status] if told.gate else "WAITING"
    lines = sum((line.total for line in told.lines), ZERO)
    if status != "REFUSED" and told.lines and lines != told.tax_total:
        ledger.wrong.append(
            ("money-is-whole", f"version {version}: lines owe {lines}, in sum {told.tax_total}")
        )
    ledger.holdings[version] = Holding(
        version,
        status,
        told.tax_total,
        quota=ZERO if status == "REFUSED" else told.dutiable_value,
        guarantee=told.tax_total if status == "SECURED" else ZERO,
        rule_set=told.rule_set,
    )


def _secure(ledger: Ledger, version: int, told: Told) -> None:
    held = _held(ledger, version, ("WAITING",), "secured")
    if held:
        is_waived = told.gate is not None and told.gate.code == "GUARANTEE_WAIVED"
        held.status, held.guarantee = "SECURED", ZERO if is_waived else told.tax_total
        _same(ledger, version, ("tax", told.tax_total, held.assessed))


def _refuse(ledger: Ledger, version: int, _: Told) -> None:
    held = _held(ledger, version, ("WAITING",), "refused")
    if held:
        _close(held, "REFUSED")


def _void(ledger: Ledger, version: int, told: Told) -> None:
    held = _held(ledger, version, OPEN, "voided")
    if held:
        returned = told.quota_returned, told.guarantee_returned
        _same(ledger, version, ("quota", returned[0], held.quota), ("guarantee", returned[1], held.guarantee))
        _close(held, "VOIDED")


def _commit(ledger: Ledger, version: int, told: Told) -> None:
    held = _held(ledger, version, ("SECURED",), "committed")
    if held:
        held.status, held.bill_no = "COMMITTED", told.bill_no
        _same(ledger, version, ("quota", told.quota_used, held.quota), ("tax", told.tax_total, held.assessed))


def _refund(ledger: Ledger, version: int, told: Told) -> None:
    held = _held(ledger, version, ("COMMITTED",), "refunded")
    if held:
        lines = sum((line.total for line in told.lines), ZERO)
        quota = sum((line.dutiable_value for line in told.lines), ZERO)
        _same(ledger, version, ("tax", told.tax_total, lines), ("quota", told.quota_returned, quota))
        held.quota, held.refunded = held.quota - told.quota_returned, held.refunded + told.tax_total
        if held.quota < 0 or held.refunded > held.assessed:
            what = f"version {version}: {held.refunded} of {held.assessed} is given back, quota left {held.quota}"
            ledger.wrong.append(("money-is-whole", what))


def _held(ledger: Ledger, version: int, allowed: tuple[str, ...], what: str) -> Holding | None:
    held = ledger.holdings.get(version)
    if held is None or held.status not in allowed:
        state = held.status if held else "not assessed"
        ledger.wrong.append(("moves-are-legal", f"version {version} was {what} while it is {state}"))
        return None
    return held


def _same(ledger: Ledger, version: int, *pairs: tuple[str, Decimal, Decimal]) -> None:
    """What a movement says must be what is held."""
    for what, said, held in pairs:
        if said != held:
            ledger.wrong.append(
                ("money-is-whole", f"version {version}: {what} {said} was moved, {held} is held")
            )


def _close(held: Holding, status: str) -> None:
    held.status, held.quota, held.guarantee = status, ZERO, ZERO


_STATUS = {"PASSED": "SECURED", "NOT_REQUIRED": "SECURED", "HELD": "WAITING", "REFUSED": "REFUSED"}
MOVES: Mapping[str, Callable[[Ledger, int, Told], None]] = {
    "tax.assessed.v1": _assess,
    "tax.secured.v1": _secure,
    "tax.refused.v1": _refuse,
    "tax.voided.v1": _void,
    "tax.committed.v1": _commit,
    "tax.refunded.v1": _refund,
}
