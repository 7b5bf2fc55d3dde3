"""Doors: what a request reads with, and how its orders end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any, cast

import asyncpg
import httpx
import pytest
from fastapi import Depends, FastAPI
from structlog.testing import capture_logs

from shared.kernel.refusal import Refusal
from shared.runtime import telemetry
from shared.runtime.database import open_engine
from shared.runtime.doors import Commands, reader
from shared.runtime.failures import InDoubt, RowTaken
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase


async def test_whatever_a_request_reads_it_holds_one_connection(make_database: MakeDatabase) -> None:
    database = await make_database("quarantine")
    engine = open_engine(database.url, pool_size=1, name="test")
    app = FastAPI()
    app.state.runtime = SimpleNamespace(engine=engine)
    stores: list[Any] = []

    @app.get("/")
    async def both(
        one: Annotated[Any, Depends(reader(lambda connection: ["one", connection]))],
        two: Annotated[Any, Depends(reader(lambda connection: ["two", connection]))],
    ) -> None:
        stores.extend([one, two])

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/")
    await engine.dispose()

    assert answer.status_code == 200
    (one, first), (two, second) = stores
    assert (one, two) == ("one", "two")
    assert first is second


class Answering:
    """Work whose tries end, one after the other, as they are told to."""

    def __init__(self, *ends: Exception) -> None:
        self._ends = [*ends]

    async def command_all(self, *_: Any) -> list[Any]:
        if self._ends:
            raise self._ends.pop(0)
        return []


OVER = Refusal("E-REVIEW-OVER", "this review is decided")
LOST = InDoubt("while it was being kept")
GONE = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
DEADLOCK = asyncpg.DeadlockDetectedError("deadlock detected")


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ((OVER,), 409),
        ((DEADLOCK, OVER), 409),
        ((RowTaken("taken"), OVER), 409),
        ((TimeoutError("a key was taken meanwhile"), OVER), 409),
        ((GONE, OVER), 409),
        ((LOST, OVER), 503),
        ((LOST, DEADLOCK, OVER), 503),
        ((LOST, LOST, LOST), 503),
        ((KeyError("bug"),), 500),
    ],
)
async def test_what_a_try_may_have_done_before_its_line_went_is_not_held_against_it(
    ends: tuple[Exception, ...], status: int
) -> None:
    orders = Commands(cast("UnitOfWork", Answering(*ends)))

    with pytest.raises(Refusal) as refused:
        await orders.run(on_nothing, object())

    assert refused.value.status == status


@pytest.mark.parametrize(
    ("ends", "level", "said", "cause"),
    [
        ((KeyError("bug"),), "error", "command failed", "KeyError('bug')"),
        ((LOST, KeyError("bug")), "error", "command failed", "KeyError('bug')"),
        (
            (GONE, GONE, GONE),
            "warning",
            "command not kept",
            "ConnectionDoesNotExistError: connection was closed",
        ),
        ((LOST, OVER), "warning", "command in doubt", "InDoubt: while it was being kept"),
        ((LOST, GONE, GONE), "warning", "command in doubt", "InDoubt: while it was being kept"),
    ],
)
async def test_what_a_command_failed_of_is_one_line_of_the_log_under_the_trace_of_its_answer(
    ends: tuple[Exception, ...], level: str, said: str, cause: str
) -> None:
    trace = telemetry.follow_trace(None)

    with capture_logs() as lines, pytest.raises(Refusal):
        await Commands(cast("UnitOfWork", Answering(*ends))).run(on_nothing, SimpleNamespace(subject="D-1"))

    (line,) = lines
    assert (line["log_level"], line["event"], line["declaration_ids"]) == (level, said, ["D-1"])
    assert line["trace_id"] == telemetry.trace_id(trace)
    assert (line.get("error") or repr(line["exc_info"])).startswith(cause)


async def test_what_is_refused_is_no_line_of_the_log() -> None:
    with capture_logs() as lines, pytest.raises(Refusal):
        await Commands(cast("UnitOfWork", Answering(DEADLOCK, OVER))).run(on_nothing, object())

    assert lines == []


async def test_a_try_after_a_lost_one_that_goes_well_is_the_answer() -> None:
    assert await Commands(cast("UnitOfWork", Answering(LOST))).run(on_nothing, object()) == []


async def on_nothing(*_: Any) -> list[Any]:
    return []
