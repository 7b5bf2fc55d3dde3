"""HTTP: every answer carries its trace; what fails is one line in the log, and no traceback of the framework."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from deploy.local.ports import Ports
from shared.runtime import telemetry
from shared.runtime.http import Trace
from shared.runtime.problems import answer_problems
from shared.runtime.telemetry import Calm, start_logs


def an_app() -> FastAPI:
    app = FastAPI()
    answer_problems(app)
    app.add_middleware(Trace)

    @app.get("/away")
    async def away() -> None:
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("a bug")

    return app


@pytest.fixture
def logs() -> Iterator[None]:
    """Puts the logs back to how they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The app behind the server that services run in."""
    ports = Ports()
    port = ports.take()
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    with server.capture_signals():
        server.config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
        await server.shutdown()
    ports.close()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    lines = [json.loads(line) for line in said.out.splitlines()]
    return [line for line in lines if line.get("path")]


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("path", "status", "event", "level"),
    [("/away", 503, "store away", "warning"), ("/broken", 500, "request failed", "error")],
)
async def test_what_fails_is_one_line_of_the_right_level(
    capsys: pytest.CaptureFixture[str], path: str, status: int, event: str, level: str
) -> None:
    start_logs("tax", "info")

    async with served(an_app()) as client:
        answer = await client.get(path)

    (line,) = told(capsys)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert line["trace_id"] in answer.headers["traceresponse"]
    assert (line["event"], line["level"], line["path"]) == (event, level, path)
    assert ("exception" in line) == (level == "error")


@pytest.mark.usefixtures("logs")
async def test_what_a_starting_service_lacks_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs("tax", "info")
    app = an_app()
    app.state.runtime = SimpleNamespace(is_starting=True)

    async with served(app) as client:
        answer = await client.get("/broken")

    (line,) = told(capsys)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert (line["event"], line["level"]) == ("store away", "warning")


@pytest.mark.parametrize(("name", "level"), [("aiokafka", "WARNING"), ("sqlalchemy", "ERROR")])
def test_a_broker_that_is_away_is_a_warning(name: str, level: str) -> None:
    record = logging.LogRecord(name, logging.ERROR, "", 0, "Unable connect", None, None)

    assert Calm().filter(record)
    assert record.levelname == level


def test_an_outage_is_no_flood_though_its_lines_come_in_turn() -> None:
    calm = Calm()
    lines = ["Unable connect to node with id %s: %s", "Unable to update metadata from %s"]

    def said(now: float) -> int:
        records = [logging.LogRecord("aiokafka", logging.ERROR, "", 0, line, (), None) for line in lines]
        for record in records:
            record.created = now
        return sum(map(calm.filter, records))

    assert sum(said(100.0 + number / 100) for number in range(1000)) == 2 * (10 + 9)
    assert said(170.0) == len(lines)


def test_what_we_say_ourselves_is_always_said() -> None:
    calm = Calm()
    ours = logging.LogRecord("consumer", logging.WARNING, "", 0, {"event": "batch waits"}, None, None)

    assert all(calm.filter(ours) for _ in range(1000))


GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("given", "is_taken_up"),
    [
        (GIVEN, True),
        (GIVEN.replace("00-", "cc-", 1), True),
        (GIVEN.replace("00-", "ff-", 1), False),
        (GIVEN.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), False),
        (GIVEN.replace("b7ad6b7169203331", "0" * 16), False),
        (GIVEN.upper(), False),
        (f"{GIVEN}-", False),
        (f"{GIVEN}\n", False),
        ("", False),
    ],
)
def test_a_trace_is_taken_up_where_it_is_one(given: str, is_taken_up: bool) -> None:
    assert (telemetry.follow_trace(given) == given) == is_taken_up


def test_traces_differ_whoever_seeds_the_chance_of_all_and_leave_it_alone() -> None:
    random.seed(0)
    before = random.getstate()
    first = telemetry.new_traceparent()
    after = random.getstate()
    random.seed(0)

    assert telemetry.new_traceparent() != first
    assert before == after
