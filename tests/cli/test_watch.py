"""Watch: a declaration followed by its events, across breaks, and kindly where nothing is known yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from rich.console import Console

from cli import watch
from cli.credentials import Credentials
from cli.events import Event, Follower
from cli.faults import Away
from cli.gateway import Gateway, Refused

ID = "019732f0-2a80-7000-8000-000000000001"
OPEN = {"declaration_id": ID, "version": 1, "status": "SUBMITTED", "clearance": None, "away": []}
SILENT = {"agency": "tax", "status": "HELD", "code": "NOT_HEARD", "reason": "tax has not spoken yet"}
PASSED = {"agency": "tax", "status": "PASSED", "code": "", "reason": ""}
HEARD = OPEN | {"clearance": {"gates": [SILENT]}}
DONE = OPEN | {"status": "PERMITTED", "permit_no": "SW1", "clearance": {"gates": [PASSED]}}


def told(source: str, seq: int, **event: Any) -> str:
    """A fact as an event of the stream."""
    fact = {"source": source, "seq": seq, "version": 1, "recorded_at": "2026-03-01T12:00:00Z", "event": event}
    return f"id: {source}:{seq}\nevent: {source}.spoke.v1\ndata: {json.dumps(fact)}\n\n"


class Broken(httpx.SyncByteStream):
    """A stream that breaks off after what it has."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __iter__(self) -> Iterator[bytes]:
        yield self._text.encode()
        raise httpx.ReadError("reset")


class Window:
    """Answers in turn: streams, and looks at the declaration; the last of each again and again."""

    def __init__(self, streams: Sequence[httpx.Response], looks: Sequence[Any] = (OPEN,)) -> None:
        self.streams, self.looks = list(streams), list(looks)
        self.last_ids: list[str] = []
        self.tokens = 0

    def gateway(self) -> Gateway:
        who = Credentials(client_id="c", secret="s")
        return Gateway(who, "http://window", httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}"})
        if request.url.path.endswith("/events"):
            self.last_ids.append(request.headers.get("Last-Event-ID", ""))
            return self.streams.pop(0)
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)


def a_stream(text: str) -> httpx.Response:
    return httpx.Response(200, text="retry: 1\n\n" + text)


def followed(window: Window, patience: float = 60.0) -> list[str]:
    """The ids of the facts; signs of life are empty."""
    with window.gateway() as gateway:
        return [event.id for event in Follower(gateway, ID, patience).events()]


def seen(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.show.out", Console(width=200, highlight=False, soft_wrap=True))


def test_a_stream_that_breaks_is_taken_up_after_the_last_event() -> None:
    first = httpx.Response(200, stream=Broken("retry: 1\n\n" + told("declaration", 1) + told("tax", 1)))
    window = Window([first, a_stream(told("clearance", 1)), httpx.Response(204)])

    ids = followed(window)

    assert [one for one in ids if one] == ["declaration:1", "tax:1", "clearance:1"]
    assert window.last_ids == ["", "tax:1", "clearance:1"]


def test_an_event_that_was_cut_off_is_no_event() -> None:
    cut = httpx.Response(200, stream=Broken("retry: 1\n\nid: tax:1\nevent: x\ndata: {}\n"))
    window = Window([cut, httpx.Response(204)])

    assert [one for one in followed(window) if one] == []
    assert window.last_ids == ["", ""]


def test_an_event_without_data_is_none_and_spoils_no_other() -> None:
    window = Window([a_stream("id: tax:9\n\n" + told("tax", 1)), httpx.Response(204)])

    assert [one for one in followed(window) if one] == ["tax:1"]


def test_a_sign_of_life_is_a_chance_to_look_again() -> None:
    window = Window([a_stream(": still here\n\n"), httpx.Response(204)])

    assert followed(window) == ["", ""]


def test_busy_and_away_are_waited_for_and_an_old_token_is_renewed() -> None:
    begun = a_stream(told("tax", 1))
    window = Window([begun, *map(httpx.Response, (429, 503, 401)), httpx.Response(204)])

    assert [one for one in followed(window) if one] == ["tax:1"]
    assert window.tokens == 2


def test_a_stranger_is_told_no() -> None:
    window = Window([httpx.Response(404, json={"code": "E-NOT-FOUND", "detail": "no such declaration"})])

    with pytest.raises(Refused, match="no such declaration"):
        followed(window)


def test_silence_that_lasts_is_a_fault() -> None:
    window = Window([httpx.Response(503)])

    with pytest.raises(Away, match="503"):
        followed(window, patience=0.0)


def test_a_declaration_that_clearance_has_not_heard_of_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = Window([a_stream(told("tax", 1) + told("clearance", 1))], [OPEN, OPEN, DONE])

    with window.gateway() as gateway:
        watch.watch_one(gateway, ID, once=False)

    assert "PERMITTED SW1" in seen(capsys)
    assert window.last_ids == [""]


def test_what_is_not_heard_yet_is_said_so_and_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with Window([]).gateway() as gateway:
        watch.watch_one(gateway, ID, once=True)

    assert "clearance has not heard of it yet" in seen(capsys)


def test_what_was_said_is_shown_before_clearance_has_heard_it() -> None:
    known = watch.Seen(shown=HEARD)
    gate = {
        "agency": "tax",
        "status": "HELD",
        "code": "AWAITING_PAYMENT",
        "reason": "too little is deposited",
    }

    before = known.status
    known.hear(Event(id="tax:1", data={"version": 1, "event": {"gate": gate}}))

    assert (before, known.status) == ("SUBMITTED", "HELD")
    assert known.gates[0]["code"] == "AWAITING_PAYMENT"
    assert watch.Seen(shown=DONE, told=known.told).gates == [PASSED]
    assert watch.Seen(shown=HEARD | {"version": 2}, told=known.told).gates == [SILENT]


def test_a_declaration_service_that_is_away_leaves_the_last_picture(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = httpx.Response(502, json={"detail": "away"})
    window = Window([a_stream(told("tax", 1) + told("clearance", 1))], [HEARD, away, DONE])
    known = watch.Seen(shown=HEARD)

    with window.gateway() as gateway:
        window.looks.pop(0)
        note = watch.look(gateway, known)

    assert "this is the last known" in note
    assert known.shown == HEARD
