"""Identifiers: an id tells its moment, and a period cuts where the moment says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import milliseconds_from, moment_of, uuid7

START = datetime(2026, 11, 27, 3, 32, 0, 49_000, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_an_id_lies_in_a_period_as_its_moment_does(bound: datetime) -> None:
    first = milliseconds_from(bound)

    assert moment_of(uuid7(first, bytes(10))) >= bound
    assert first == 0 or moment_of(uuid7(first - 1, bytes(10))) < bound


@pytest.mark.parametrize(("later", "added"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2)])
def test_a_part_of_a_millisecond_counts_whole(later: int, added: int) -> None:
    moved = milliseconds_from(START + timedelta(microseconds=later))

    assert moved == milliseconds_from(START) + added
    assert moment_of(uuid7(milliseconds_from(START), b"\xff" * 10)) == START
