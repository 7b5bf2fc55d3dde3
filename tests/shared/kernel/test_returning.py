"""How much of a line may go back: on the bound, beyond it, and what is no quantity at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.kernel.goods import ReturnedLine, Unit
from shared.kernel.returning import Declared, faults_of


def fault(quantity: str, *, line_no: int = 1, of: str = "2", unit: Unit = "piece", taken: str = "0") -> str:
    """The code that a return of one line is refused with; empty where it is not."""
    lines = [ReturnedLine(line_no=line_no, quantity=Decimal(quantity))]
    declared = {1: Declared(quantity=Decimal(of), unit=unit)}
    found = faults_of(lines, declared, {1: Decimal(taken)})
    return found[0].code if found else ""


@pytest.mark.parametrize(
    ("quantity", "taken", "code"),
    [
        ("1", "0", ""),
        ("2", "0", ""),
        ("3", "0", "E-RETURN-QUANTITY"),
        ("1", "1", ""),
        ("2", "1", "E-RETURN-QUANTITY"),
        ("1", "2", "E-RETURN-NOTHING"),
        ("0", "0", "E-RETURN-QUANTITY"),
        ("-1", "0", "E-RETURN-QUANTITY"),
        ("0.5", "0", "E-RETURN-QUANTITY"),
        ("1.00000", "0", ""),
    ],
)
def test_no_more_goes_back_than_is_declared_and_left(quantity: str, taken: str, code: str) -> None:
    assert fault(quantity, taken=taken) == code


@pytest.mark.parametrize(
    ("quantity", "code"), [("0.00001", ""), ("0.000001", "E-RETURN-QUANTITY"), ("1.5", "")]
)
def test_what_is_weighed_goes_back_in_five_decimals(quantity: str, code: str) -> None:
    assert fault(quantity, unit="kg") == code


def test_a_line_declared_in_parts_of_a_piece_goes_back_in_parts() -> None:
    assert fault("0.5", of="1.5") == ""


def test_a_line_that_is_not_declared_is_told_at_its_place() -> None:
    lines = [ReturnedLine(line_no=1, quantity=Decimal(1)), ReturnedLine(line_no=7, quantity=Decimal(1))]

    (found,) = faults_of(lines, {1: Declared(quantity=Decimal(1), unit="piece")}, {})

    assert (found.code, found.pointer) == ("E-RETURN-LINE", "/lines/1/line_no")
    assert found.fix
    assert found.source


@pytest.mark.parametrize(
    ("quantity", "taken", "rule"),
    [
        ("0", "0", "fault_of_quantity"),
        ("3", "0", "fault_of_what_is_left"),
        ("1", "2", "fault_of_what_is_left"),
    ],
)
def test_a_fault_names_the_rule_that_said_no(quantity: str, taken: str, rule: str) -> None:
    lines = [ReturnedLine(line_no=1, quantity=Decimal(quantity))]
    declared = {1: Declared(quantity=Decimal(2), unit="piece")}

    (found,) = faults_of(lines, declared, {1: Decimal(taken)})

    assert found.rule == rule


def test_a_line_is_named_once_so_that_nothing_is_counted_twice() -> None:
    lines = [ReturnedLine(line_no=1, quantity=Decimal(1))] * 2

    (found,) = faults_of(lines, {1: Declared(quantity=Decimal(2), unit="piece")}, {})

    assert (found.code, found.pointer) == ("E-RETURN-LINE", "/lines/1/line_no")
