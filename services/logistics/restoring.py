"""Restoring: returns awaited, reported back, overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.logistics import sayings
from services.logistics.booking import Booking
from services.logistics.domain import Due
from services.logistics.returns import (
    TO_REPORT,
    AwaitedReturn,
    ReportReturn,
    ReturnsOverdue,
    await_return,
    back,
    find,
    overdue,
)
from shared.contracts.clearance import ReturnAdmitted
from shared.contracts.envelope import Event


class ReturnDesk(Protocol):
    """Bookings, and the returns awaited."""

    async def bookings_of(self, declaration_ids: Sequence[str]) -> dict[str, Booking]:
        """The latest booking of each declaration that has one."""

    async def awaited_of(self, declaration_ids: Sequence[str]) -> Mapping[str, Sequence[AwaitedReturn]]:
        """The returns of declarations, whatever became of them."""

    async def save_awaited(self, changed: Sequence[AwaitedReturn]) -> None:
        """Store returns, new or in their new state."""

    async def set_deadlines(self, due: Sequence[Due]) -> None:
        """Have the commands run at their moments."""


async def on_returns_admitted(
    batch: Sequence[ReturnAdmitted], desk: ReturnDesk, _now: datetime
) -> list[Event]:
    """Await the goods under the waybill they came with, until clearance's deadline, and a day for the report."""
    bookings = await desk.bookings_of([event.declaration_id for event in batch])
    made = [
        await_return(bookings.get(event.declaration_id), sayings.awaited_return(event)) for event in batch
    ]
    await desk.save_awaited(made)
    await desk.set_deadlines(
        [
            (
                each.back_by + TO_REPORT,
                ReturnsOverdue(declaration_id=each.declaration_id, version=each.version),
            )
            for each in made
        ]
    )
    return []


async def on_returns_reported(batch: Sequence[ReportReturn], desk: ReturnDesk, now: datetime) -> list[Event]:
    """The carrier reports goods back; the same report again changes nothing."""
    awaited = await desk.awaited_of([order.declaration_id for order in batch if order.declaration_id])
    reported = [back(order, find(order, awaited.get(order.declaration_id or "", ())), now) for order in batch]
    changed = [each for each in reported if each is not None]
    await desk.save_awaited(changed)
    return [sayings.goods_returned(each, each.arrived) for each in changed if each.arrived]


async def on_returns_overdue(
    batch: Sequence[ReturnsOverdue], desk: ReturnDesk, _now: datetime
) -> list[Event]:
    """The time is over for what nobody has reported back."""
    late = overdue(batch, await desk.awaited_of([order.declaration_id for order in batch]))
    await desk.save_awaited(late)
    return [sayings.return_overdue(each) for each in late]
