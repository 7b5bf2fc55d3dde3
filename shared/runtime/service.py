"""Service: a room becomes an application.

The HTTP door opens at once; order of start does not matter.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.runtime import operations, telemetry
from shared.runtime.access import TokenVerifier
from shared.runtime.desk import desk
from shared.runtime.express import ExpressApp
from shared.runtime.http import Trace
from shared.runtime.problems import answer_problems
from shared.runtime.replica import Runtime
from shared.runtime.room import Room
from shared.runtime.settings import Settings, read_settings


def build_app(room: Room, settings: Settings | None = None) -> ExpressApp:
    """The application of a room: nothing is opened before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        given = settings or read_settings(room.name, os.environ)
        telemetry.start_logs(room.name, given.log_level)
        app.state.runtime = Runtime(room, given, app.state.verifier)
        await app.state.runtime.start()
        yield
        await app.state.runtime.stop()

    app = ExpressApp(
        title=f"Single window: {room.name}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name whatever host the caller wrote into its request
        max_body_size=room.max_body,
    )
    app.state.verifier = TokenVerifier()
    answer_problems(app)
    app.add_middleware(Trace)
    if room.router is not None:
        app.include_router(
            room.router
        )  # first: routers are asked in order, and most requests are the room's own
    app.include_router(operations.health())
    app.include_router(operations.operations(room.name))
    if room.agency is not None and room.on_reviews_decided is not None:
        app.include_router(desk(room.agency, room.on_reviews_decided))
    return app
