"""Account: the door's answers against the window's list."""

from cli.load.account import Account, account_of
from cli.load.books import STANDINGS, Found, Standing
from cli.load.ledger import ACCEPTED, BUSY, REFUSED, UNKNOWN, Ledger


def the_account(*pairs: tuple[int, Standing]) -> Account:
    """Of what the door said and what is listed, number by number."""
    ledger, found = Ledger(), Found.nothing(len(pairs))
    ledger.state = bytearray(state for state, _ in pairs)
    found.standings = bytearray(STANDINGS.index(standing) for _, standing in pairs)
    return account_of(ledger, found)


def test_every_filing_has_one_outcome_or_an_owner() -> None:
    account = the_account(
        (ACCEPTED, "PERMITTED"),
        (ACCEPTED, "HELD"),
        (ACCEPTED, "REFUSED"),
        (ACCEPTED, "CANCELLED"),
        (REFUSED, ""),
    )

    assert account.line == (
        "5 filed = 1 permits + 1 held + 1 refused + 1 refused at the door + 1 cancelled: OK"
    )


def test_what_was_taken_in_and_is_not_listed_is_lost() -> None:
    account = the_account((ACCEPTED, "PERMITTED"), (ACCEPTED, ""))

    assert not account.is_ok
    assert account.faults == ["taken in but not listed: 1"]


def test_what_is_listed_though_it_was_refused_is_a_fault() -> None:
    account = the_account((REFUSED, "PERMITTED"), (BUSY, "PERMITTED"))

    assert not account.is_ok
    assert account.uninvited == (0, 1)


def test_what_is_still_open_is_no_outcome() -> None:
    account = the_account((ACCEPTED, "SUBMITTED"))

    assert not account.is_ok
    assert "1 still open: NOT OK" in account.line


def test_a_filing_whose_answer_was_lost_counts_if_it_is_listed() -> None:
    account = the_account((UNKNOWN, "PERMITTED"), (UNKNOWN, ""), (BUSY, ""))

    assert account.is_ok
    assert (account.filed, account.permits, account.turned_away) == (1, 1, 2)


def test_a_copy_that_meets_a_busy_window_does_not_tell_what_became_of_the_first() -> None:
    ledger = Ledger()
    ledger.sent([0])
    ledger.answered(0, UNKNOWN, 0.0)
    ledger.sent([0])
    ledger.answered(0, BUSY, 0.0)
    ledger.sent([1])
    ledger.answered(1, BUSY, 0.0)

    assert list(ledger.state) == [UNKNOWN, BUSY]


def test_two_declarations_under_one_number_are_a_fault() -> None:
    ledger, found = Ledger(), Found.nothing(1)
    ledger.state = bytearray([ACCEPTED])
    for last in (1, 2):
        found.note(0, "PERMITTED", f"00000000-0000-7000-8000-{last:012d}")

    account = account_of(ledger, found)

    assert not account.is_ok
    assert account.faults == ["listed twice: 0"]
