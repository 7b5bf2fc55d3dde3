"""Baseline's declaration service: a FastAPI door for batches, and the view of outcomes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from sandbox.parties import read_sandbox
from services.declaration.domain import Party, Surroundings
from services.declaration.filing import Filer, Filing, Secret, accept, examine
from services.declaration.sayings import submitted
from services.declaration.submission import Submission
from shared.contracts.clearance import PermitIssued
from shared.contracts.envelope import Event
from shared.kernel.ids import uuid7
from shared.kernel.refusal import Refusal
from tests.load.baseline import bus
from tests.load.baseline.tables import Declaration, Outcome, Sessions, open_sessions, put_missing

SECRET = Secret(key=b"baseline")


def parties() -> Mapping[str, Party]:
    """The registered parties, in memory."""
    known = read_sandbox().parties
    return {party.code: Party(code=party.code, roles=frozenset(party.roles)) for party in known}


class Door:
    """Takes batches in; hears outcomes."""

    def __init__(self) -> None:
        self.broker = bus.make_broker()
        self._sessions: Sessions
        self._parties = parties()
        self._submission = TypeAdapter(Submission)
        self.held = 0
        """Filings that the lot has drawn for a customs officer: they get no permit."""
        bus.hear(self.broker, "declaration", ["clearance"], self.on_outcomes)

    async def open(self) -> None:
        """Database and broker."""
        self._sessions = await open_sessions(os.environ["DATABASE_URL"], "declaration")
        await self.broker.start()

    async def file(self, lines: Sequence[bytes]) -> list[dict[str, Any]]:
        """Examine, store in one transaction, say; an answer a line."""
        now = datetime.now(UTC)
        examined = [self._examine(line, now) for line in lines]
        kept = [filing for filing in examined if isinstance(filing, Filing)]
        events = [submitted(filing, filing.declaration_id, 1, now) for filing in kept]
        async with self._sessions.begin() as session:
            session.add_all(
                Declaration(
                    declaration_id=filing.declaration_id,
                    order_key=filing.keys[0],
                    waybill_key=filing.keys[1],
                    content_hash=filing.content_hash,
                    filed_at=now,
                    document=filing.kept.document,
                )
                for filing in kept
            )
        await bus.say(self.broker, "declaration", events)
        self.held += sum(1 for event in events if not event.gate.is_open)
        return [_answer(filing) for filing in examined]

    async def on_outcomes(self, events: Sequence[Event]) -> None:
        """Note permits."""
        permits = [event for event in events if isinstance(event, PermitIssued)]
        rows = [
            {
                "declaration_id": each.declaration_id,
                "outcome": "PERMITTED",
                "permit_no": each.permit_no,
                "at": each.issued_at,
            }
            for each in permits
        ]
        async with self._sessions.begin() as session:
            await put_missing(session, Outcome, rows)

    async def count(self) -> int:
        """Permits that can be read here."""
        async with self._sessions() as session:
            return int(await session.scalar(sa.select(sa.func.count()).select_from(Outcome)) or 0)

    def _examine(self, line: bytes, now: datetime) -> Filing | str:
        try:
            submission = self._submission.validate_json(line)
            filer = Filer(party=submission.order.platform_code, client_id="baseline")
            examine(submission, filer, Surroundings(now=now, parties=self._parties))
        except ValidationError:
            return "E-FMT-SCHEMA"
        except Refusal as refusal:
            return refusal.code
        declaration_id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
        return accept(submission, filer, declaration_id, SECRET, now)


def _answer(filing: Filing | str) -> dict[str, Any]:
    if isinstance(filing, str):
        return {"status": 422, "code": filing}
    return {"status": 202, "declaration_id": filing.declaration_id}


def build() -> FastAPI:
    """The process's application."""
    door = Door()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await door.open()
        yield
        await door.broker.stop()

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/declarations/batch")
    async def file(request: Request) -> Response:
        lines = [line for line in (await request.body()).split(b"\n") if line.strip()]
        answers = await door.file(lines)
        return Response(b"\n".join(map(msgspec.json.encode, answers)), media_type="application/x-ndjson")

    @app.get("/readyz")
    async def ready() -> dict[str, int]:
        return {"permits": await door.count(), "held": door.held}

    return app
