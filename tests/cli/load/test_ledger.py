"""Ledger: every number of a request has its place."""

from cli.load.ledger import ACCEPTED, UNKNOWN, Ledger


def test_a_batch_that_ends_with_a_repeat_of_an_earlier_number_is_sent_whole() -> None:
    ledger = Ledger()
    ledger.sent([0, 1])
    ledger.answered(1, ACCEPTED, 0.0)

    ledger.sent([2, 3, 1])

    assert list(ledger.state) == [UNKNOWN, ACCEPTED, UNKNOWN, UNKNOWN]
