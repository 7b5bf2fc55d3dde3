"""Registry service: room, start-up work and application."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from services.registry.api import whole
from services.registry.handlers import SUBSCRIPTIONS
from services.registry.oauth import TokenDesk
from services.registry.start import start
from services.registry.store import SqlRegister
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application of this service."""
    desk = TokenDesk()
    app = build_app(
        Room(
            name="registry",
            store=SqlRegister,
            subscriptions=SUBSCRIPTIONS,
            router=whole,
            on_start=partial(start, desk),
        )
    )
    app.state.desk = desk
    return app
