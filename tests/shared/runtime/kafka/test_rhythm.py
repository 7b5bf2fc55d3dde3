"""Rhythm: a lone filing waits for nobody, and a stream of them is taken by the batch."""

from __future__ import annotations

from shared.runtime.kafka.rhythm import IN_A_ROW, Rhythm


def after(*polls: tuple[int, float]) -> bool:
    rhythm = Rhythm(0.025)
    for records, took in polls:
        rhythm.note(records, took)
    return rhythm.is_pressed


def test_the_words_on_one_filing_are_not_made_to_wait() -> None:
    assert not after((1, 0.2), *[(1, 0.004)] * (IN_A_ROW - 1))


def test_records_that_keep_coming_are_let_gather() -> None:
    assert after(*[(1, 0.004)] * IN_A_ROW)


def test_a_rest_of_its_own_ends_no_stream() -> None:
    assert after(*[(1, 0.004)] * IN_A_ROW, (40, 0.03))


def test_a_pause_ends_it() -> None:
    assert not after(*[(9, 0.004)] * 20, (1, 0.06))
    assert not after(*[(9, 0.004)] * 20, (0, 0.5))
