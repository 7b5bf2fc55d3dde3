"""Stand in: something in memory that answers a command instead of a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


def answer_instead(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    """Whatever a command asks from now on is answered so."""
    real = httpx.Client

    def client(**how: Any) -> httpx.Client:
        return real(**{**how, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(httpx, "Client", client)
