"""Windows in memory: one with door, list and gates and faults on order, one that tells of a declaration."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from cli.credentials import Credentials
from cli.gateway import Gateway
from cli.up.accounting import Key
from cli.up.link import Link

ID = "019732f0-2a80-7000-8000-000000000001"
OPEN = {"declaration_id": ID, "version": 1, "status": "SUBMITTED", "clearance": None, "away": []}
Fate = Callable[[httpx.Request], httpx.Response | None]
"""What happens to a call instead of what should; None lets it through."""


class FakeWindow:
    """Accepts what has a goods value of 0 or more; refused declarations give their order number back."""

    def __init__(self) -> None:
        self.declared: list[dict[str, object]] = []
        self.fates: list[Fate] = []
        self.batches = 0

    def link(self, patience: float = 5.0) -> Link:
        """A link to it."""
        return Link("http://window", patience=patience, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to a call."""
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        fated = self.fates.pop(0)(request) if self.fates else None
        if fated is not None:
            return fated
        if request.url.path == "/v1/declarations/batch":
            return self.file(request)
        if request.url.path == "/v1/declarations":
            return self.page(request)
        return httpx.Response(200, json={"gates": []})

    def file(self, request: httpx.Request) -> httpx.Response:
        """The door."""
        self.batches += 1
        return httpx.Response(
            200, text="".join(json.dumps(self._file(line)) + "\n" for line in request.content.splitlines())
        )

    def _file(self, line: bytes) -> dict[str, object]:
        order = json.loads(line)["order"]
        if order["goods_value"] < 0:
            errors = [{"pointer": "/order/lines/0/quantity", "code": "E-FMT-SCHEMA"}]
            return {"status": 422, "problem": {"code": "E-FMT-SCHEMA", "errors": errors}}
        declaration_id = f"id-{len(self.declared)}"
        row = {"platform": order["platform_code"], "order_no": order["order_no"], "status": "SUBMITTED"}
        self.declared.append(row | {"declaration_id": declaration_id, "filed_at": "2026-11-22T06:00:00Z"})
        return {"status": 202, "declaration_id": declaration_id}

    def page(self, request: httpx.Request) -> httpx.Response:
        """The list, two a page, oldest first."""
        asked, start = request.url.params, int(request.url.params.get("cursor") or 0)
        rows = [
            row
            for row in self.declared
            if all(row[name] == asked[name] for name in ("platform", "order_no") if name in asked)
        ]
        more = str(start + 2) if len(rows) > start + 2 else None
        return httpx.Response(200, json={"items": rows[start : start + 2], "next_cursor": more})

    def keys(self) -> list[Key]:
        """What was declared, every time it was."""
        return [(str(row["platform"]), str(row["order_no"])) for row in self.declared]


class TellingWindow:
    """Answers in turn: streams, and looks at the declaration; the last of each again and again."""

    def __init__(self, streams: Sequence[httpx.Response], looks: Sequence[Any] = (OPEN,)) -> None:
        self.streams, self.looks = list(streams), list(looks)
        self.last_ids: list[str] = []
        self.tokens = 0
        self.asked: list[httpx.Request] = []
        self.ended: set[str] = set()
        """Tokens that are no longer good."""
        self.grants: list[httpx.Response] = []
        """What registry answers before it gives tokens."""

    def gateway(self) -> Gateway:
        """A conversation with it."""
        who = Credentials(client_id="c", secret="s")
        return Gateway(who, "http://window", httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to a call."""
        self.asked.append(request)
        if request.url.path == "/oauth/token":
            return self.grants.pop(0) if self.grants else self.granted()
        if request.headers["Authorization"].removeprefix("Bearer ") in self.ended:
            return httpx.Response(401, json={"code": "E-SEC-TOKEN", "detail": "the token has expired"})
        if request.url.path.endswith("/events"):
            self.last_ids.append(request.headers.get("Last-Event-ID", ""))
            return self.streams.pop(0)
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def granted(self) -> httpx.Response:
        """A fresh token."""
        self.tokens += 1
        return httpx.Response(200, json={"access_token": f"t{self.tokens}"})


def busy(_: httpx.Request) -> httpx.Response:
    """Not now."""
    return httpx.Response(429, headers={"Retry-After": "1"})


def broken(request: httpx.Request) -> httpx.Response:
    """The connection breaks before anything is done."""
    raise httpx.ConnectError("refused", request=request)


def lost_by(window: FakeWindow) -> Fate:
    """The call is served, and its answer lost."""

    def lose(request: httpx.Request) -> httpx.Response:
        window.file(request)
        raise httpx.ReadError("reset", request=request)

    return lose
