"""Tax as a process: the room, opened.

`law()` is asked before the door opens: with broken rules the service does not start.
"""

from __future__ import annotations

from fastapi import FastAPI

from services.tax.api import router
from services.tax.handlers import DEADLINES, SUBSCRIPTIONS, on_reviews_decided
from services.tax.law.force import law
from services.tax.store import SqlTaxLedger
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application."""
    law()
    return build_app(
        Room(
            name="tax",
            store=SqlTaxLedger,
            subscriptions=SUBSCRIPTIONS,
            deadlines=DEADLINES,
            agency="tax",
            on_reviews_decided=on_reviews_decided,
            router=router,
        )
    )
