"""Room machine: the tax room in memory, as a state machine hears and asks it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from services.tax.balances import Holding
from services.tax.handlers import DEADLINES, SUBSCRIPTIONS
from tests.services.tax.cases import an_id
from tests.support.builders import NOW
from tests.support.machines import done
from tests.support.memory_tax import MemoryTaxLedger


class TaxRoom(RuleBasedStateMachine):
    """Its ledger; and, beside it, what was paid in."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = MemoryTaxLedger()
        self.paid, self.deposits = Decimal(0), 0

    def hear(self, event: Any) -> None:
        done(SUBSCRIPTIONS[type(event)]([event], self.ledger, NOW))

    def run(self, *orders: Any) -> None:
        for kind in {type(order) for order in orders}:
            done(DEADLINES[kind](list(orders), self.ledger, NOW))

    def latest(self, number: int) -> Holding | None:
        kept = done(self.ledger.versions_of(an_id(number)))
        return kept[-1].holding if kept else None

    @property
    def holdings(self) -> list[Holding]:
        return [kept.holding for kept in self.ledger.kept.values()]

    # --- what must hold ---
