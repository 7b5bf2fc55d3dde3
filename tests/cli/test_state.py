"""Runs: continued when cut short, followed when complete."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.up.state import completed, file_in, load, next_run, save

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_the_first_run_is_number_one() -> None:
    state = next_run(None, "7", 100, NOW)

    assert (state.number, state.seed, state.orders, state.now) == (1, "7", 100, NOW)


def test_a_run_cut_short_is_continued_as_it_began() -> None:
    begun = next_run(None, "7", 100, NOW)

    assert next_run(begun, "8", 0, NOW + timedelta(days=3)) == begun


def test_a_complete_run_is_followed_by_the_next() -> None:
    begun = next_run(None, "7", 100, NOW)

    following = next_run(completed(begun), "8", 0, NOW + timedelta(days=3))

    assert (following.number, following.seed, following.orders) == (2, "8", 0)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    state = completed(next_run(None, "7", 100, NOW))

    save(file_in(tmp_path), state)

    assert load(file_in(tmp_path)) == state


def test_a_broken_file_is_no_run(tmp_path: Path) -> None:
    file_in(tmp_path).write_text("{")

    assert load(file_in(tmp_path)) is None
    assert load(tmp_path / "absent") is None
