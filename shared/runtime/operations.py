"""Operations: health, metrics, and the operator's desk of a service.

/healthz says that the process lives, /readyz that it can progress; they differ on purpose. Parked events are listed,
shown, released and dropped here; `resay` says a period of facts again. /internal is not routed by the gateway.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import JSONResponse, Response

from shared.kernel.refusal import Refusal
from shared.runtime import facts, telemetry
from shared.runtime.access import Caller, allowed
from shared.runtime.database import reading
from shared.runtime.desk import known_id
from shared.runtime.doors import not_found
from shared.runtime.fields import COUNTED, Count, Moment, Reason
from shared.runtime.heads import lock_heads, save_heads
from shared.runtime.replica import Runtime
from shared.runtime.route import Door
from shared.runtime.tables import waiting
from shared.runtime.waiting import drop_parked, release_parked

Source = Literal["registry", "declaration", "tax", "quarantine", "logistics", "clearance"]
_SHOWN = [column for column in waiting.columns if column.name != "body"]


class DropIn(BaseModel):
    """Why a parked event is dropped."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "its sender has said it anew"}]}
    )
    reason: Reason


class ResayIn(BaseModel):
    """A period of facts to be said again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"since": "2025-06-02T08:00:00Z", "until": "2025-06-02T09:00:00Z"}]},
    )
    since: Moment
    until: Moment = Field(description="Later than `since`; facts of this very moment are not said.")

    @model_validator(mode="after")
    def begins_before_it_ends(self) -> Self:
        """A period that ends before it begins holds nothing: rather a refusal than a silent success."""
        if self.since >= self.until:
            raise ValueError("since must lie before until")
        return self


def runtime_of(request: Request) -> Runtime:
    """The running service."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def health() -> APIRouter:
    """Liveness, readiness, metrics, and the state that the live page reads."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        checks = await runtime_of(request).checks()
        is_ready = not any(checks.values())
        body = {
            "status": "ready" if is_ready else "not ready",
            "waits_for": {k: v for k, v in checks.items() if v},
        }
        return JSONResponse(body, 200 if is_ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/internal/status")
    async def status(request: Request) -> dict[str, Any]:
        return dict(runtime_of(request).status)

    router.add_api_route("/internal/facts/{declaration_id}", facts_of)
    return router


async def facts_of(
    request: Request,
    declaration_id: str,
    caller: Annotated[Caller, Depends(allowed("declarations:read"))],
) -> list[dict[str, Any]]:
    """What this service has said of a declaration, as far as the caller may read it: for the timeline."""
    runtime = runtime_of(request)
    async with reading(runtime.engine) as connection:
        found = await facts.of_subject(connection, runtime.room.name, known_id(declaration_id))
    bodies = [(fact, msgspec.json.decode(fact.body)) for fact in found]
    return [
        {
            "source": fact.source,
            "seq": fact.seq,
            "type": fact.type,
            "version": fact.version,
            "recorded_at": fact.recorded_at,
            "trace_id": telemetry.trace_id(fact.traceparent),
            "cause": {"source": fact.cause.source, "seq": fact.cause.seq},
            "event": body,
        }
        for fact, body in bodies
        if caller.may_read(body.get("parties", ()))
    ]


def operations(service: str) -> APIRouter:
    """The operator's desk: parked events and saying again."""
    router = Door(
        prefix=f"/v1/operations/{service}", tags=["operations"], dependencies=[Depends(allowed("operations"))]
    )

    @router.get("/parked", summary=f"Events that {service} holds aside, oldest first")
    async def parked(
        request: Request,
        state: Annotated[
            Literal["parked", "early"], Query(description="early ones wait for a gap to fill")
        ] = "parked",
        limit: Annotated[int, Field(ge=1, le=500), COUNTED] = 100,
    ) -> list[dict[str, Any]]:
        asked = sa.select(*_SHOWN).where(waiting.c.state == state).order_by(waiting.c.since).limit(limit)
        async with reading(runtime_of(request).engine) as connection:
            return [dict(row) for row in (await connection.execute(asked)).mappings().all()]

    @router.get("/parked/{subject_id}/{source}/{seq}", summary="One event that waits, with its body")
    async def show(request: Request, subject_id: str, source: Source, seq: Count) -> dict[str, Any]:
        async with reading(runtime_of(request).engine) as connection:
            found = await connection.execute(sa.select(waiting).where(_key(subject_id, source, seq)))
            row = found.mappings().one_or_none()
        if row is None:
            raise not_found("waiting event")
        return {**row, "body": bytes(row["body"]).decode(errors="replace")}

    _add_mending(router)

    @router.post("/resay", status_code=202, summary="Say the facts of a period again, throttled")
    async def resay(request: Request, wanted: ResayIn) -> dict[str, datetime | str]:
        runtime_of(request).start_resay((wanted.since, wanted.until))
        return {"status": "started", "since": wanted.since, "until": wanted.until}

    return router


def _add_mending(router: Door) -> None:
    """Release and drop: the head is locked, the cursor stays true."""

    @router.post("/parked/{subject_id}/{source}/{seq}/release", summary="Try a parked event again")
    async def release(request: Request, subject_id: str, source: Source, seq: Count) -> dict[str, str]:
        runtime = runtime_of(request)
        async with runtime.engine.begin() as connection:
            await lock_heads(connection, [known_id(subject_id)])
            if not await release_parked(connection, _key(subject_id, source, seq)):
                raise not_found("waiting event")
        runtime.wake_drain()
        return {"status": "released"}

    @router.post(
        "/parked/{subject_id}/{source}/{seq}/drop", summary="Give a parked event up; what follows goes on"
    )
    async def drop(
        request: Request, subject_id: str, source: Source, seq: Count, wanted: DropIn
    ) -> dict[str, str]:
        runtime = runtime_of(request)
        async with runtime.engine.begin() as connection:
            head = (await lock_heads(connection, [known_id(subject_id)]))[subject_id]
            if not await drop_parked(connection, _key(subject_id, source, seq)):
                raise Refusal(
                    "E-STATE",
                    "no such parked event",
                    fix="list the parked events; early ones are not dropped",
                )
            head.give_up(source, seq)
            await save_heads(connection, [head])
        telemetry.log("operations").warning(
            "parked event dropped", declaration_id=subject_id, source=source, seq=seq, reason=wanted.reason
        )
        runtime.wake_drain()
        return {"status": "dropped"}


def _key(subject_id: str, source: str, seq: int) -> sa.ColumnElement[bool]:
    if not 0 <= seq < 2**31:
        raise not_found("waiting event")
    return sa.and_(
        waiting.c.subject_id == known_id(subject_id), waiting.c.source == source, waiting.c.seq == seq
    )
