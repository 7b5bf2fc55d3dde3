"""Events: a declaration's facts as they come.

Server-sent events of the window, read to the end. A stream that breaks is taken up again after the last event that
was read (Last-Event-ID), with the pause that the window asked for; silence that lasts too long is a fault.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from cli.faults import Away, Fault
from cli.gateway import UNAUTHORIZED, Gateway, Refused, part, read

PAUSE, PATIENCE = 2.0, 120.0
"""Seconds: before coming again, unless the window says otherwise; without an answer, until giving up."""
OVER = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: a fact of the declaration, or a sign of life when its type is empty."""

    id: str = ""
    type: str = ""
    data: dict[str, Any]


class Follower:
    """Follows one declaration, across breaks."""

    def __init__(self, gateway: Gateway, declaration_id: str, patience: float = PATIENCE) -> None:
        self._gateway, self._path = gateway, f"/v1/declarations/{part(declaration_id)}/events"
        self._patience = patience
        self._last_id, self._pause = "", PAUSE
        self.trouble = ""
        """Why the stream is broken now; empty while it flows."""

    def events(self) -> Iterator[Event]:
        """Every fact once, and a sign of life now and then, until the window says that no more will come."""
        heard_at = time.monotonic()
        while True:
            try:
                for event in self._stream():
                    heard_at, self.trouble = time.monotonic(), ""
                    yield event
                if self.trouble == "over":
                    return
            except (httpx.HTTPError, Fault) as error:
                self._broken(error)
            if time.monotonic() - heard_at > self._patience:
                raise Away(self._gateway.url, f"for {self._patience:g} s: {self.trouble}")
            yield Event(data={})
            time.sleep(self._pause)

    def _broken(self, error: Exception) -> None:
        """Silence, also of registry when a token is to be renewed: come again. Any other fault ends it."""
        if isinstance(error, Fault) and not is_away(error):
            raise error
        self.trouble = type(error).__name__

    def _stream(self) -> Iterator[Event]:
        """The events of one connection."""
        given = {"Last-Event-ID": self._last_id} if self._last_id else {}
        with self._gateway.stream(self._path, **given) as answer:
            if answer.status_code == OVER:
                self.trouble = "over"
                return
            if not answer.is_success:
                answer.read()
                self._refused(answer)
                return
            yield from self._parsed(answer.iter_lines())

    def _refused(self, answer: httpx.Response) -> None:
        """Busy, away or an old token: come again. Any other refusal ends it."""
        if answer.status_code == UNAUTHORIZED and self._last_id:
            self._gateway.forget_token()
        elif answer.status_code not in (429, 502, 503, 504):
            read(answer)
        self.trouble = str(answer.status_code)

    def _parsed(self, lines: Iterable[str]) -> Iterator[Event]:
        """Lines as events: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream."""
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            if line and not name:
                yield Event(data={})
            elif name == "retry" and value.strip().isdigit():
                self._pause = int(value) / 1000
            elif line:
                fields[name] = value.removeprefix(" ")
            else:
                yield from self._event(fields)
                fields = {}

    def _event(self, fields: dict[str, str]) -> Iterator[Event]:
        """The event of some fields; without data it is none."""
        if "data" in fields:
            self._last_id = fields.get("id", self._last_id)
            kind, data = fields.get("event", "message"), json.loads(fields["data"])
            yield Event(id=self._last_id, type=kind, data=data)


def is_away(error: Exception) -> bool:
    """Whether it is no answer to what was asked, but that nobody can answer now."""
    return isinstance(error, Away) or (isinstance(error, Refused) and error.status in (429, 502, 503, 504))
