"""Intake: bounded, and stored by the batch.

Requests that are pending are stored as one transaction and answered after its commit. There is no timer: while one
batch is being stored, the next one gathers. When the list is full the answer is 429 at once: queues that grow are
what brings customs systems down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.kernel.refusal import Refusal
from shared.runtime import telemetry
from shared.runtime.failures import is_transient
from shared.runtime.loops import Errand

T = TypeVar("T")
R = TypeVar("R")
NAMED = 20
"""Traces that a line of the log names at the most."""
Waiter = asyncio.Future[R | Refusal]


def busy(service: str, seconds: int = 1) -> Refusal:
    """The answer when too much is pending."""
    telemetry.REFUSED_BUSY.labels(service).inc()
    return Refusal(
        "E-BUSY",
        "too many submissions are waiting to be stored",
        status=429,
        fix="send it again, unchanged, after the number of seconds in Retry-After",
        headers={"Retry-After": str(seconds)},
    )


class Intake(Generic[T, R]):
    """A bounded list of what is to be stored, and the one writer that empties it."""

    def __init__(
        self,
        store_batch: Callable[[Sequence[T]], Awaitable[Sequence[R | Refusal]]],
        *,
        limit: int,
        batch: int = 500,
        service: str = "declaration",
    ) -> None:
        self._store_batch, self._limit, self._batch, self._service = store_batch, limit, batch, service
        self._pending: list[tuple[T, Waiter[R]]] = []
        self._writing = Errand(self._write)

    async def submit(self, item: T) -> R:
        """Store one item; its answer after the commit. Raises `Refusal`, 429 when the list is full."""
        answer = (await self.submit_many([item]))[0]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def submit_many(self, items: Sequence[T]) -> list[R | Refusal]:
        """Store some items; an answer or a refusal for each, in order. Raises 429 when the list is full."""
        if len(self._pending) + len(items) > max(self._limit, len(items)):
            raise busy(self._service)
        loop = asyncio.get_running_loop()
        entries: list[tuple[T, Waiter[R]]] = [(item, loop.create_future()) for item in items]
        self._pending += entries
        self._writing.begin()
        return [await waiter for _, waiter in entries]

    async def _write(self) -> None:
        while self._pending:
            taken, self._pending = self._pending[: self._batch], self._pending[self._batch :]
            answers = await self._store([item for item, _ in taken])
            for (_, waiter), answer in zip(taken, answers, strict=True):
                if not waiter.done():
                    waiter.set_result(answer)

    async def _store(self, items: Sequence[T]) -> Sequence[R | Refusal]:
        """The answers of a batch; a batch that fails for good is halved, so that one item spoils no other."""
        try:
            return await self._store_batch(items)
        except Exception as error:
            if not is_transient(error) and len(items) > 1:
                middle = len(items) // 2
                return [*await self._store(items[:middle]), *await self._store(items[middle:])]
            traces = [telemetry.trace_id(getattr(item, "traceparent", "")) for item in items[:NAMED]]
            telemetry.log("intake").error(
                "not stored", items=len(items), error=str(error)[:500], trace_ids=traces
            )
            return [away(error) for _ in items]

    async def close(self) -> None:
        """Store what is pending."""
        await self._writing.end()


def away(error: BaseException) -> Refusal:
    """The answer when the database does not take it now; whether it was stored is unknown, so: the same again."""
    if is_transient(error):
        detail, status, fix = (
            "the store does not answer now",
            503,
            "send it again, unchanged: a repeat gets the first answer",
        )
    else:
        detail, status, fix = "this could not be done", 500, "report the trace_id to the operator"
    return Refusal("E-SYS", detail, status=status, fix=fix, headers={"Retry-After": "2"})
