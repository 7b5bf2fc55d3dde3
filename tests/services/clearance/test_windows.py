"""Windows: which is in force, and the last moment that counts, in the jurisdiction's zone."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.clearance.windows import BrokenWindows, read_windows, windows


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_last_day_counts_in_china_and_not_by_utc() -> None:
    terms = windows().terms(at("2025-06-02T15:59:59+00:00"))  # still 2 June in Shanghai

    assert terms is not None
    assert terms.apply_by == at("2025-07-03T00:00:00+08:00")
    assert terms.back_by == at("2025-07-18T00:00:00+08:00")


def test_a_release_a_second_later_is_of_the_next_day() -> None:
    terms = windows().terms(at("2025-06-02T16:00:00+00:00"))

    assert terms is not None
    assert terms.apply_by == at("2025-07-04T00:00:00+08:00")


@pytest.mark.parametrize(
    ("released_at", "days"),
    [
        ("2020-03-27T23:59:59+08:00", 30),
        ("2020-03-28T00:00:00+08:00", 45),
        ("2018-12-31T12:00:00+08:00", 30),
    ],
)
def test_goods_come_back_within_the_days_of_the_day_they_were_released_on(
    released_at: str, days: int
) -> None:
    released = at(released_at)

    terms = windows().terms(released)

    assert terms is not None
    assert (terms.back_by.date() - released.date()).days == days + 1
    assert (terms.apply_by.date() - released.date()).days == 31


def test_a_day_before_the_law_has_no_window() -> None:
    assert windows().terms(at("2016-04-07T23:00:00+08:00")) is None


ONE = "[[window]]\nvalid_from = 2020-01-01\nvalid_to = 2020-12-31\napply_days = 30\narrive_days = 45\n"
MORE = 'source = "s"\nconfidence = "low"\n'


@pytest.mark.parametrize(
    "text",
    [
        "zone = 1",
        f'zone = "Atlantis/Capital"\n{ONE}{MORE}',
        f'zone = "Asia/Shanghai"\n{ONE}{MORE}' + (ONE + MORE).replace("2020-01-01", "2020-06-01"),
        f'zone = "Asia/Shanghai"\n{ONE}{MORE}' + (ONE + MORE).replace("2020-", "2022-"),
        f'zone = "Asia/Shanghai"\n{ONE.replace("45", "29")}{MORE}',
        f'zone = "Asia/Shanghai"\n{ONE.replace("30", "0")}{MORE}',
        f'zone = "Asia/Shanghai"\n{ONE}{MORE}colour = "red"\n',
        'zone = "Asia/Shanghai"\nwindow = "none"',
    ],
    ids=[
        "no-windows",
        "no-such-zone",
        "overlap",
        "gap",
        "back-before-asked",
        "no-day",
        "unknown-key",
        "no-list",
    ],
)
def test_windows_that_cannot_be_meant_are_refused(text: str) -> None:
    with pytest.raises(BrokenWindows):
        read_windows(text)
