"""Show: every moment has its zone."""

from __future__ import annotations

import pytest
from rich.console import Console

from cli import show

GATE = {"agency": "tax", "status": "HELD", "since": "2025-12-15T16:00:00Z", "reason": "short of money"}


def printed(thing: object) -> str:
    """What stands on a wide page."""
    console = Console(width=200)
    with console.capture() as shown:
        console.print(thing)
    return shown.get()


def test_a_column_of_moments_is_headed_by_their_zone() -> None:
    told = printed(show.listed(("bill_no", "due_at"), [{"bill_no": "B1", "due_at": "2025-12-15T16:00:00Z"}]))

    assert "due_at (UTC)" in told
    assert "2025-12-15 16:00:00" in told
    assert "bill_no (" not in told


@pytest.mark.parametrize("columns", [80, 140])
def test_the_gates_name_the_zone_of_their_moments_where_there_is_room_for_them(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.show.out", Console(width=columns))
    told = printed(show.gates([GATE]))

    assert ("since (UTC)" in told) == ("due_at (UTC)" in told) == (columns == 140)
    assert "short of money" in told


def test_what_is_watched_into_a_pipe_is_written_whenever_it_has_changed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.show.out", Console(width=80))
    with show.live("filed") as update:
        assert capsys.readouterr().out == "filed\n"
        update("filed")
        assert capsys.readouterr().out == ""
        update("permit")
        assert capsys.readouterr().out == "permit\n"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("2025-12-15T16:00:00.123Z", "2025-12-15 16:00:00"),
        ("2025-12-16T00:00:00+08:00", "2025-12-15 16:00:00"),
        ("2025-12-15T16:00:00", "2025-12-15 16:00:00"),
        (None, ""),
        ("soon", "soon"),
    ],
)
def test_a_moment_is_shown_in_utc_wherever_it_was_written(told: object, shown: str) -> None:
    assert show.moment(told) == shown
