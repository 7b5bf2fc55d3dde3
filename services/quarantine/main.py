"""Quarantine service: room, queue and application."""

from __future__ import annotations

from fastapi import FastAPI

from services.quarantine.handlers import SUBSCRIPTIONS, on_reviews_decided
from services.quarantine.rulebook import bundled_rules
from services.quarantine.store import SqlQuarantine
from shared.runtime.service import Room, build_app


def build() -> FastAPI:
    """The application of this service; rules that cannot be read stop it here."""
    bundled_rules()
    return build_app(
        Room(
            name="quarantine",
            store=SqlQuarantine,
            subscriptions=SUBSCRIPTIONS,
            agency="quarantine",
            on_reviews_decided=on_reviews_decided,
        )
    )
