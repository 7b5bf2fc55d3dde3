"""Quarantine as a process: the room, opened.

The rules are read before the door opens: with broken rules the service does not start.
"""

from __future__ import annotations

from fastapi import FastAPI

from services.quarantine.api import router
from services.quarantine.handlers import READS, SUBSCRIPTIONS, on_reviews_decided
from services.quarantine.rulebook import bundled_rules
from services.quarantine.store import SqlQuarantine
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application."""
    bundled_rules()
    return build_app(
        Room(
            name="quarantine",
            store=SqlQuarantine,
            subscriptions=SUBSCRIPTIONS,
            reads=READS,
            agency="quarantine",
            on_reviews_decided=on_reviews_decided,
            router=router,
        )
    )
