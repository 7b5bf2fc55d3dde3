"""Watch: a declaration followed by its events, across breaks, and kindly where nothing is known yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from rich.console import Console

from cli import watch
from cli.events import Event, Follower
from cli.faults import Away
from cli.gateway import Gateway, Refused
from tests.cli.fake_window import ID, OPEN, TellingWindow

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


def a_stream(text: str) -> httpx.Response:
    return httpx.Response(200, text="retry: 1\n\n" + text)


def followed(window: TellingWindow, patience: float = 60.0) -> list[str]:
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
    window = TellingWindow([first, a_stream(told("clearance", 1)), httpx.Response(204)])

    ids = followed(window)

    assert [one for one in ids if one] == ["declaration:1", "tax:1", "clearance:1"]
    assert window.last_ids == ["", "tax:1", "clearance:1"]


def test_an_event_that_was_cut_off_is_no_event() -> None:
    cut = httpx.Response(200, stream=Broken("retry: 1\n\nid: tax:1\nevent: x\ndata: {}\n"))
    window = TellingWindow([cut, httpx.Response(204)])

    assert [one for one in followed(window) if one] == []
    assert window.last_ids == ["", ""]


def test_an_event_without_data_is_none_and_spoils_no_other() -> None:
    window = TellingWindow([a_stream("id: tax:9\n\n" + told("tax", 1)), httpx.Response(204)])

    assert [one for one in followed(window) if one] == ["tax:1"]


def test_a_sign_of_life_is_a_chance_to_look_again() -> None:
    window = TellingWindow([a_stream(": still here\n\n"), httpx.Response(204)])

    assert followed(window) == ["", ""]


def test_busy_and_away_are_waited_for_and_an_old_token_is_renewed() -> None:
    begun = a_stream(told("tax", 1))
    window = TellingWindow([begun, *map(httpx.Response, (429, 503, 401)), httpx.Response(204)])

    assert [one for one in followed(window) if one] == ["tax:1"]
    assert window.tokens == 2


def test_registry_that_is_busy_when_a_token_ends_is_waited_for() -> None:
    window = TellingWindow([a_stream(told("tax", 1)), httpx.Response(401), httpx.Response(204)])
    window.grants = [window.granted(), httpx.Response(503, json={"detail": "away"})]

    assert [one for one in followed(window) if one] == ["tax:1"]
    assert window.tokens == 2


def test_a_declaration_is_watched_beyond_the_end_of_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    streams = [a_stream(told("declaration", 1)), a_stream(told("clearance", 1))]
    window = TellingWindow(streams, [OPEN, OPEN, httpx.Response(401), OPEN, DONE])

    with window.gateway() as gateway:
        watch.watch_one(gateway, ID, once=False)

    assert "PERMITTED SW1" in seen(capsys)
    assert window.tokens == 2


def test_the_window_is_watched_beyond_the_end_of_a_token() -> None:
    enough = httpx.Response(500, json={"detail": "enough"})
    window = TellingWindow([], [{"filed": 1}, httpx.Response(401), {"filed": 2}, enough])

    with window.gateway() as gateway, pytest.raises(Refused, match="enough"):
        watch.watch_all(gateway, every=0.001)

    assert window.tokens == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda gateway: gateway.get("/v1/bills", status="OPEN"),
        lambda gateway: gateway.post("/v1/reviews/tax/1/claim", {"a": 1}, **{"Idempotency-Key": "k"}),
        lambda gateway: gateway.content("/v1/permits/SW1.pdf"),
    ],
    ids=["get", "post", "content"],
)
def test_a_token_that_ended_is_renewed_and_the_call_sent_again_as_it_was(
    call: Callable[[Gateway], object],
) -> None:
    window = TellingWindow([])

    with window.gateway() as gateway:
        gateway.get("/v1/clearance")
        window.ended.add("t1")
        call(gateway)

    refused, again = window.asked[-3], window.asked[-1]
    assert again.headers["Authorization"] == "Bearer t2"
    assert (again.method, again.url, again.content) == (refused.method, refused.url, refused.content)
    assert again.headers.get("Idempotency-Key") == refused.headers.get("Idempotency-Key")


@pytest.mark.parametrize(("is_kept", "tokens"), [(False, 1), (True, 2)])
def test_a_fresh_token_that_is_refused_is_an_end(is_kept: bool, tokens: int) -> None:
    window = TellingWindow([])

    with window.gateway() as gateway:
        gateway.get("/v1/clearance") if is_kept else None
        window.ended |= {"t1", "t2"}
        with pytest.raises(Refused, match="has expired"):
            gateway.post("/v1/reviews/tax/1/claim")

    assert window.tokens == tokens


def test_a_stranger_is_told_no() -> None:
    window = TellingWindow(
        [httpx.Response(404, json={"code": "E-NOT-FOUND", "detail": "no such declaration"})]
    )

    with pytest.raises(Refused, match="no such declaration"):
        followed(window)


def test_silence_that_lasts_is_a_fault() -> None:
    window = TellingWindow([httpx.Response(503)])

    with pytest.raises(Away, match="503"):
        followed(window, patience=0.0)


def test_a_declaration_that_clearance_has_not_heard_of_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = TellingWindow([a_stream(told("tax", 1) + told("clearance", 1))], [OPEN, OPEN, DONE])

    with window.gateway() as gateway:
        watch.watch_one(gateway, ID, once=False)

    assert "PERMITTED SW1" in seen(capsys)
    assert window.last_ids == [""]


def test_what_is_not_heard_yet_is_said_so_and_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with TellingWindow([]).gateway() as gateway:
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
    window = TellingWindow([a_stream(told("tax", 1) + told("clearance", 1))], [HEARD, away, DONE])
    known = watch.Seen(shown=HEARD)

    with window.gateway() as gateway:
        window.looks.pop(0)
        note = watch.look(gateway, known)

    assert "this is the last known" in note
    assert known.shown == HEARD
