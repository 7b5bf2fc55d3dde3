"""Accounting: every order once, or the line says NOT OK."""

from cli.up.accounting import Hold, Key, Kind, Standing, account_of

OWNED = Hold(
    agency="tax", code="AWAITING_PAYMENT", reason="too little", awaits="declarant", due_at="2026-01-01"
)


def a_key(number: int) -> Key:
    return "PLATFORM01", str(number)


def a_standing(number: int, kind: Kind = "permit", **more: object) -> Standing:
    return Standing(key=a_key(number), kind=kind, **more)  # type: ignore[arg-type]


def test_an_order_of_each_kind_adds_up() -> None:
    account = account_of(
        [a_key(number) for number in range(5)],
        [
            a_standing(0, seconds=0.5),
            a_standing(1, "door", codes=("E-FMT-SCHEMA", "E-VALUE")),
            a_standing(2, "refused", agency="tax", codes=("E-LIMIT-ORDER",)),
            a_standing(3, "cancelled"),
            a_standing(4, "held", holds=(OWNED,)),
        ],
    )

    assert account.is_ok
    assert (
        account.line == "5 orders = 1 permits + 1 refused at the door + 1 refused + 1 cancelled + 1 held: OK"
    )
    assert account.door == {"E-FMT-SCHEMA": 1, "E-VALUE": 1}
    assert account.refusals == {("tax", "E-LIMIT-ORDER"): 1}
    assert account.holds == {("tax", "AWAITING_PAYMENT", "too little", "declarant"): 1}


def test_an_order_without_any_standing_is_missing() -> None:
    account = account_of([a_key(1), a_key(2)], [a_standing(1)])

    assert account.missing == (a_key(2),)
    assert not account.is_ok
    assert account.line.endswith("NOT OK")


def test_an_order_with_two_declarations_is_told() -> None:
    account = account_of([a_key(1)], [a_standing(1), a_standing(1)])

    assert account.twice == (a_key(1),)
    assert not account.is_ok


def test_a_hold_without_due_time_is_nobodys() -> None:
    hold = Hold(
        agency="customs", code="CUSTOMS_REVIEW", reason="red lane", awaits="customs officer", due_at=""
    )

    account = account_of([a_key(1)], [a_standing(1, "held", holds=(hold,))])

    assert account.unowned == (a_key(1),)
    assert not account.is_ok


def test_a_hold_without_any_gate_is_nobodys() -> None:
    assert not account_of([a_key(1)], [a_standing(1, "held")]).is_ok


def test_an_open_order_is_not_accounted_for() -> None:
    account = account_of([a_key(1)], [a_standing(1, "open")])

    assert not account.is_ok
    assert "1 still open" in account.line


def test_orders_of_other_runs_do_not_count() -> None:
    account = account_of([a_key(1)], [a_standing(1), a_standing(99)])

    assert account.kinds == {"permit": 1}
    assert account.is_ok


def test_percentiles_are_of_the_permits() -> None:
    account = account_of(
        [a_key(number) for number in range(100)],
        [a_standing(number, seconds=number / 10) for number in reversed(range(100))],
    )

    assert account.percentile(0.5) == 5.0
    assert account.percentile(0.99) == 9.9
    assert account_of([], []).percentile(0.5) is None
