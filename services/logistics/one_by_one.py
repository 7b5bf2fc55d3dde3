"""One by one: reported items, each run by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.contracts.envelope import AnyEvent
from shared.kernel.refusal import Refusal
from shared.runtime.doors import Commands
from shared.runtime.unit_of_work import Handler

OURS, NOT_NOW = 500, 503
"""Faults of the service. The second is no item's outcome: the whole report is to be sent again."""
Order = TypeVar("Order")
Out = TypeVar("Out")


async def run_alone(
    orders: Commands,
    handler: Handler,
    reports: Sequence[Order],
    noted: Callable[[Order, Sequence[AnyEvent]], Out],
    refused: Callable[[Order, Refusal], Out],
) -> list[Out]:
    """Run each order by itself. Where not one can be noted for a fault of ours, that is no outcome of the items."""
    told: list[Out] = []
    ours: list[Refusal] = []
    for order in reports:
        try:
            told.append(noted(order, await orders.run(handler, order)))
        except Refusal as refusal:
            if refusal.status == NOT_NOW:
                raise
            ours += [refusal] if refusal.status >= OURS else []
            told.append(refused(order, refusal))
    if ours and len(ours) == len(told):
        raise ours[0]
    return told
