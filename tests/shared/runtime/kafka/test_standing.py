"""Standing: a sleep of one's own is not somebody's silence."""

from __future__ import annotations

from shared.runtime.kafka.standing import LONGEST_LOOK, Standing


def test_what_stands_is_counted_from_look_to_look_until_it_moves() -> None:
    standing = Standing(100.0)

    assert [standing.look(now) for now in (102.0, 104.0, 106.0)] == [2.0, 4.0, 6.0]

    standing.moves(107.0)
    assert standing.look(109.0) == 2.0


def test_a_process_that_was_stopped_does_not_take_its_own_sleep_for_standing() -> None:
    standing = Standing(100.0)
    standing.look(102.0)

    after_a_long_stop = standing.look(702.0)

    assert after_a_long_stop == 2.0 + LONGEST_LOOK
