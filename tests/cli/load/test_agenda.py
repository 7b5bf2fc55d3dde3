"""Agenda: nothing early, and what is late keeps its moment."""

from cli.load.agenda import PATIENCE, Agenda
from cli.load.pace import Pace, pace_of
from cli.load.plan import Job

START = 100.0


def agenda(pace: Pace, batch: int = 1) -> Agenda:
    return Agenda(pace, batch, START)


def test_nothing_comes_up_before_its_moment() -> None:
    filings = agenda(pace_of("10", (), 1))

    assert filings.pop(START - 0.01) is None
    assert filings.pop(START) == Job(START, range(1))
    assert filings.pop(START + 0.09) is None


def test_what_could_not_be_sent_is_late_from_the_moment_it_was_due() -> None:
    filings = agenda(pace_of("10", (), 1))

    late = [filings.pop(START + 5) for _ in range(10)]

    assert [round(job.due - START, 3) for job in late if job] == [number / 10 for number in range(10)]


def test_it_tells_how_many_are_late() -> None:
    filings = agenda(pace_of("10", (), 10))
    filings.pop(START)

    assert filings.late(START + 2.0) == 19


def test_a_batch_takes_its_numbers_at_once_and_the_last_one_what_is_left() -> None:
    filings = agenda(pace_of("10", (), 1), batch=4)

    taken = [filings.pop(START + 1) for _ in range(4)]

    assert [job.numbers if job else None for job in taken] == [range(4), range(4, 8), range(8, 10), None]


def test_what_is_put_off_comes_up_when_it_is_due_and_first() -> None:
    filings = agenda(pace_of("1", (), 2))
    again = Job(START, range(7, 8))
    filings.put_off(START + 0.5, again)

    assert filings.pop(START + 0.4) == Job(START, range(1))
    assert filings.wakes(START + 0.4) == START + 0.5
    assert filings.pop(START + 1.5) == again


def test_two_put_off_to_the_same_moment_come_up_in_order() -> None:
    filings = agenda(pace_of("1", (), 1))
    jobs = [Job(START, range(1, 2)), Job(START, range(2, 3))]
    for job in jobs:
        filings.put_off(START, job)

    assert [filings.pop(START), filings.pop(START)] == jobs


def test_after_patience_nothing_more_is_sent_and_it_is_told() -> None:
    filings = agenda(pace_of("10", (), 1))

    assert filings.pop(START + 1 + PATIENCE + 0.1) is None
    assert (filings.unsent, filings.wakes(START + 40)) == (10, None)


def test_as_fast_as_answers_come_ends_with_its_time() -> None:
    filings = agenda(Pace((), 2))

    assert filings.pop(START + 1.9) == Job(START + 1.9, range(1))
    assert filings.pop(START + 2.0) is None
