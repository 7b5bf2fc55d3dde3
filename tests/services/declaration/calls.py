"""Calls: who asks the declaration service, and with what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.submission import Submission
from tests.support.builders import a_submission
from tests.support.tokens import bearer

AGENT = {"party": "AGENT00001", "sub": "agent00001", "scope": "declarations:write declarations:read"}
STRANGER = {"party": "SELLER0002", "sub": "seller0002", "scope": "declarations:write declarations:read"}
OFFICER = {"party": "CUSTOMS001", "sub": "officer", "scope": "reviews:customs"}


def as_(who: dict[str, Any] = AGENT, **more: str) -> dict[str, str]:
    return bearer(**who) | more


def a_filing(number: int = 1, **overrides: Any) -> Submission:
    yesterday = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=1)
    dated = {"order__placed_at": yesterday, "payment__paid_at": yesterday}
    return a_submission(number=number, **{**dated, **overrides})


async def post(client: httpx.AsyncClient, submission: Submission, **headers: str) -> httpx.Response:
    body = msgspec.json.encode(submission)
    return await client.post("/v1/declarations", content=body, headers=as_(AGENT, **headers))


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(sa.text(f"select count(*) from {table}"))).scalar_one())
