"""Stand in: what answers a command instead of a window, or would be asked instead of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


@contextmanager
def nobody_asks_a_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment names a proxy, to which nobody has spoken when this ends."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
