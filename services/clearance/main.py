"""Clearance service: room, queue and application."""

from __future__ import annotations

import os
from functools import partial

from fastapi import FastAPI

from services.clearance.api import permit_at_once, router
from services.clearance.handlers import QUORUM, READS, SUBSCRIPTIONS, on_reviews_decided
from services.clearance.opening import open_keys
from services.clearance.signing import Keyring
from services.clearance.store import SqlCaseBook
from services.clearance.windows import windows
from shared.runtime.room import Room
from shared.runtime.service import build_app
from shared.runtime.settings import read_settings


def build() -> FastAPI:
    """The application of this service; its windows are read at once, its keys when it starts."""
    settings = read_settings("clearance", os.environ)
    keyring = Keyring(settings.secrets_dir, waits=True)
    windows()
    room = Room(
        name="clearance",
        store=lambda connection: SqlCaseBook(connection, keyring.current),
        subscriptions=SUBSCRIPTIONS,
        reads=READS,
        quorum=QUORUM,
        agency="clearance",
        on_reviews_decided=on_reviews_decided,
        router=router,
        on_start=partial(open_keys, keyring),
    )
    app = build_app(room, settings)
    app.express("GET", "/v1/declarations/{declaration_id}/permit", permit_at_once, is_plain=lambda _: True)
    app.state.keyring = keyring
    return app
