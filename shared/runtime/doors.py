"""Doors: what a room's routes ask of the runtime.

ledger: Annotated[SqlTaxLedger, Depends(reader(SqlTaxLedger))]    the store on a connection for reading
orders: Annotated[Commands, Depends(commands)]                   runs a command under its head
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import AnyEvent
from shared.kernel.refusal import Refusal
from shared.runtime import telemetry
from shared.runtime.database import reading
from shared.runtime.failures import InDoubt, is_transient
from shared.runtime.intake import NAMED, away
from shared.runtime.unit_of_work import Handler, UnitOfWork, subject_of

S = TypeVar("S")
ATTEMPTS = 3


async def connected(request: Request) -> AsyncIterator[AsyncConnection]:
    """The one connection that a request reads on: whoever held one and waited for another could wait for ever."""
    async with reading(request.app.state.runtime.engine) as connection:
        yield connection


def reader(store: Callable[[AsyncConnection], S]) -> Callable[[AsyncConnection], Awaitable[S]]:
    """A dependency that gives the store for the length of a request."""

    async def read(connection: Annotated[AsyncConnection, Depends(connected)]) -> S:
        return store(connection)

    return read


class Commands:
    """Runs commands of requests: one transaction each, under the head of what they are about."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def run(self, handler: Handler, command: Any) -> Sequence[AnyEvent]:
        """The events a command made. Raises its Refusal; a dead-lock or time-out is tried again."""
        return await self.run_all(handler, [command])

    async def run_all(self, handler: Handler, batch: Sequence[Any]) -> Sequence[AnyEvent]:
        """The events of a batch of commands of one kind, each about another declaration: all or none.

        What is refused after a try that may have been kept is refused, it may be, for what that try did: then
        nobody knows, and the answer says so.
        """
        unsure: InDoubt | None = None
        for attempt in range(ATTEMPTS):
            try:
                return await self._work.command_all(handler, batch)
            except Refusal as refusal:
                if unsure:
                    _tell(unsure, batch)
                raise (in_doubt() if unsure else refusal) from unsure
            except Exception as error:
                unsure = error if isinstance(error, InDoubt) else unsure
                if not is_transient(error) or attempt == ATTEMPTS - 1:
                    _tell(unsure if unsure and is_transient(error) else error, batch)
                    raise (in_doubt() if unsure else away(error)) from error
        raise AssertionError("unreachable")


def _tell(error: Exception, batch: Sequence[Any]) -> None:
    """One line of the log with the cause: the answer has its trace id, and sends whoever reads it here."""
    told = {
        "trace_id": telemetry.trace_id(telemetry.traceparent()),
        "command": type(batch[0]).__name__,
        "declaration_ids": [subject_of(command) for command in batch[:NAMED]],
    }
    if is_transient(error):
        cause = f"{type(error).__name__}: {error}"[:300]
        said = "command in doubt" if isinstance(error, InDoubt) else "command not kept"
        telemetry.log("commands").warning(said, **told, error=cause)
    else:
        telemetry.log("commands").error("command failed", **told, exc_info=error)


async def commands(request: Request) -> Commands:
    """The dependency that gives `Commands`."""
    return Commands(request.app.state.runtime.work)


def in_doubt() -> Refusal:
    """The answer when the word that it was done, if it was, is lost."""
    return Refusal(
        "E-SYS",
        "the store went away while it was asked to keep this: it may have been done",
        status=503,
        rule="in_doubt",
        fix="read how it stands; send it again if it was not done, or if it has an Idempotency-Key",
        headers={"Retry-After": "2"},
    )


def address_of(request: Request) -> str:
    """Where a request came from: the gateway names who called it in the header, whatever was there."""
    return request.headers.get("x-forwarded-for") or (request.client.host if request.client else "")


def not_found(what: str) -> Refusal:
    """404 for what is absent and for what is another's, alike."""
    return Refusal(
        "E-NOT-FOUND", f"no such {what}", status=404, fix="check the address and whose token you use"
    )


Doing = Annotated[Commands, Depends(commands)]
