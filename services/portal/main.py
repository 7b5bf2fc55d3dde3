"""Portal service: room, pages and application."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI

from services.portal import accounts, api, calculator, finding, pages, signing
from services.portal.lost import show_the_way
from services.portal.store import SqlPortal
from shared.runtime.room import Room
from shared.runtime.service import build_app

SUBSCRIPTIONS: dict[Any, Any] = {}


def build() -> FastAPI:
    """The application of this service; its /openapi.json is that of all services."""
    router = APIRouter()
    router.include_router(api.router)
    router.include_router(pages.router)
    for part in (finding, calculator, signing, accounts):
        router.include_router(part.router)
    app = build_app(Room(name="portal", store=SqlPortal, subscriptions=SUBSCRIPTIONS, router=router))
    show_the_way(app)
    own = [route for route in app.router.routes if getattr(route, "name", "") != "openapi"]
    app.router.routes[:] = own
    return app
