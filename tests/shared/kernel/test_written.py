"""Written: what is read, and what is not guessed at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.kernel import written


@pytest.mark.parametrize("text", ["0", "-1", "1234.50", "007", "99999999999999999999.1234567890"])
def test_a_plain_decimal_is_an_amount(text: str) -> None:
    assert written.is_amount(text)


@pytest.mark.parametrize(
    "text", ["", "1_000", "1e2", " 5", "5 ", "5\n", "+5", ".5", "5.", "٥", "1,000", "NaN", "9" * 21, "0x1"]
)
def test_what_a_language_takes_besides_is_none(text: str) -> None:
    assert not written.is_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "1748736000",
        "2025-06-01",
        "2025-06-01T00:00:00",
        "2025-06-01 00:00:00Z",
        "2025-06-01T00:00Z",
        "2025-02-30T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "2025-06-01T00:00:00+0800",
    ],
)
def test_only_rfc_3339_with_its_offset_is_a_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"\d|day"):
        written.moment_of(text)


def test_a_moment_keeps_its_offset_and_a_day_begins_in_utc() -> None:
    assert written.moment_of("2025-06-01T08:00:00.5+08:00") == datetime(2025, 6, 1, 0, 0, 0, 500000, UTC)
    assert written.start_of("2025-06-01") == datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u200b\u200d", "\u3164", "\u2800", "\u0301", "\ufe0f"])
def test_nothing_shows_of_spaces_fillers_and_lone_marks(text: str) -> None:
    assert not written.is_visible(text)


@pytest.mark.parametrize("text", ["a", "王", " .", "👩", "é", "ไทย"])
def test_a_letter_a_sign_or_a_point_shows(text: str) -> None:
    assert written.is_visible(text)
