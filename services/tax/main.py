"""Tax as a process: with broken law it does not start; TAX_LAW_DIR is followed while it runs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.tax.api import router
from services.tax.books.bills import terms_of
from services.tax.handlers import DEADLINES, SUBSCRIPTIONS, on_reviews_decided
from services.tax.law import force
from services.tax.law.book import BUNDLED
from services.tax.store import SqlTaxLedger
from services.tax.watch import LawWatch
from shared.runtime.room import Room
from shared.runtime.service import build_app


def build() -> FastAPI:
    """The application."""
    watch = LawWatch(Path(os.environ.get("TAX_LAW_DIR") or BUNDLED))
    force.open_folder(watch.folder, datetime.now(UTC))
    return build_app(
        Room(
            name="tax",
            store=partial(SqlTaxLedger, terms=terms_of(os.environ)),
            subscriptions=SUBSCRIPTIONS,
            deadlines=DEADLINES,
            agency="tax",
            on_reviews_decided=on_reviews_decided,
            router=router,
            on_start=watch.open,
            on_stop=watch.close,
        )
    )
