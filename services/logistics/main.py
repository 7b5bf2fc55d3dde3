"""Logistics as a process: the room, opened."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI

from services.logistics.api import document, router
from services.logistics.handlers import DEADLINES, READS, SUBSCRIPTIONS, on_reviews_decided
from services.logistics.store import SqlConsignments
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application."""
    document(datetime.now(UTC))
    return build_app(
        Room(
            name="logistics",
            store=SqlConsignments,
            subscriptions=SUBSCRIPTIONS,
            reads=READS,
            deadlines=DEADLINES,
            agency="logistics",
            on_reviews_decided=on_reviews_decided,
            router=router,
        )
    )
