"""Restoring: returns asked for, goods back, time over.

A return goes through the locked case like every request, so that none races another, a revocation, or its own end.
Whether the goods came in time is logistics' word: it alone has both the report and the deadline under one lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.clearance import sayings
from services.clearance.domain import Case
from services.clearance.returns import Return, claim_of, ended, judge
from services.clearance.windows import windows
from shared.contracts.declaration import ReturnRequested
from shared.contracts.envelope import Event
from shared.contracts.logistics import GoodsReturned, ReturnOverdue
from shared.kernel.returning import Declared

Returns = Mapping[str, Sequence[Return]]
"""By declaration."""


class ReturnBook(Protocol):
    """Cases, what they declared, and the returns admitted of them."""

    async def read(self, declaration_ids: Sequence[str]) -> Mapping[str, Case]:
        """A case for every id: as it stands, or a fresh one."""

    async def declared_lines(self, cases: Sequence[Case]) -> Mapping[str, Mapping[int, Declared]]:
        """The lines that the running versions of cases declare, by declaration and number."""

    async def returns_of(self, declaration_ids: Sequence[str]) -> Returns:
        """The returns admitted of declarations; an id without any has none."""

    async def save_returns(self, changed: Sequence[Return]) -> None:
        """Store returns, new or in their new state."""


async def on_returns_requested(
    batch: Sequence[ReturnRequested], book: ReturnBook, _now: datetime
) -> list[Event]:
    """Admit each return, or refuse it with its reason. It is weighed at the moment it was asked for."""
    ids = [wish.declaration_id for wish in batch]
    cases, earlier = await book.read(ids), await book.returns_of(ids)
    declared = await book.declared_lines([case for case in cases.values() if case.permit])
    admitted: list[Return] = []
    said: list[Event] = []
    for wish in batch:
        key = wish.declaration_id
        lines = declared.get(key, {})
        made = judge(claim_of(wish, cases[key], lines, earlier.get(key, ()), windows()))
        if isinstance(made, Return):
            admitted.append(made)
            said.append(sayings.return_admitted(made))
        else:
            said.append(sayings.denied(wish, made))
    await book.save_returns(admitted)
    return said


async def on_goods_returned(batch: Sequence[GoodsReturned], book: ReturnBook, _now: datetime) -> list[Event]:
    """The goods are back: the return is completed."""
    earlier = await book.returns_of([back.declaration_id for back in batch])
    done = [
        (found, back)
        for back in batch
        if (found := ended(earlier.get(back.declaration_id, ()), back.request_id, "COMPLETED"))
    ]
    await book.save_returns([each for each, _ in done])
    return [sayings.return_completed(each, back) for each, back in done]


async def on_returns_overdue(batch: Sequence[ReturnOverdue], book: ReturnBook, _now: datetime) -> list[Event]:
    """They are not: the return lapses, and its quantities are free again."""
    earlier = await book.returns_of([late.declaration_id for late in batch])
    lapsed = [
        found
        for late in batch
        if (found := ended(earlier.get(late.declaration_id, ()), late.request_id, "LAPSED"))
    ]
    await book.save_returns(lapsed)
    return [sayings.return_lapsed(each) for each in lapsed]
