"""Declaration service: room, desk and application."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI

from services.declaration import api, pages, returning
from services.declaration.bulk import MAX_BYTES
from services.declaration.desk import Desk
from services.declaration.documentation import document
from services.declaration.handlers import SUBSCRIPTIONS, on_reviews_decided
from services.declaration.store import SqlDeclarations
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application of this service."""
    desk, router = Desk(), APIRouter()
    for routes in (api.router, returning.router, pages.router, pages.inside):
        document(routes, datetime.now(UTC))
        router.include_router(routes)
    app = build_app(
        Room(
            name="declaration",
            store=SqlDeclarations,
            subscriptions=SUBSCRIPTIONS,
            agency="customs",
            on_reviews_decided=on_reviews_decided,
            router=router,
            on_start=desk.open,
            on_stop=desk.close,
            max_body=MAX_BYTES + 1024,
        )
    )
    app.express("POST", "/v1/declarations", api.file_at_once, is_plain=api.is_plainly_filed)
    app.state.desk = desk
    return app
