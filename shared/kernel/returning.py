"""Returning: how much of a line may go back.

The same rules at the door, against what is declared, and under the case, against what earlier returns have left of
it. Each takes one line of a return and gives its fault, or nothing; the first one tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.kernel.goods import ReturnedLine, Unit
from shared.kernel.refusal import Fault

FINEST = Decimal("0.00001")
"""A quantity has five decimals at the most (CEB N19,5)."""
NOTHING = Decimal(0)
SOURCE = (
    "CEB 625 gnum, qty: no more than the list declares; customs announcement 45/2020: whole or part of a list"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A line as it was declared, as far as a return asks."""

    quantity: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One line of a return, beside the line that it is about."""

    index: int
    line: ReturnedLine
    is_again: bool
    """An earlier line of the same return names it already."""
    declared: Declared | None
    """None where no such line is declared."""
    taken: Decimal
    """By earlier returns, in the line's unit."""


def fault_of_line(asked: Asked) -> Fault | None:
    """It names a declared line, once. Source: CEB 625 gnum."""
    if asked.declared is None:
        return _fault(
            asked, "line_no", "E-RETURN-LINE", "no such line is declared", "name a line of the list"
        )
    if asked.is_again:
        return _fault(asked, "line_no", "E-RETURN-LINE", "the line is named twice", "add its quantities up")
    return None


def fault_of_quantity(asked: Asked) -> Fault | None:
    """Above 0, in five decimals, and in whole pieces where the line counts whole pieces. Source: CEB 625 qty."""
    quantity, declared = asked.line.quantity, asked.declared
    if quantity <= 0:
        return _fault(asked, "quantity", "E-RETURN-QUANTITY", "it is not above 0", "say how much goes back")
    if quantity % FINEST:
        return _fault(
            asked, "quantity", "E-RETURN-QUANTITY", "it is finer than five decimals", "round it to five"
        )
    if declared and declared.unit == "piece" and not declared.quantity % 1 and quantity % 1:
        return _fault(
            asked, "quantity", "E-RETURN-QUANTITY", "the line counts whole pieces", "return whole pieces"
        )
    return None


def fault_of_what_is_left(asked: Asked) -> Fault | None:
    """No more than is declared and has not gone back. Source: CEB 625 qty; announcement 45/2020."""
    declared = asked.declared.quantity if asked.declared else NOTHING
    left = declared - asked.taken
    if left <= 0:
        what = f"all {declared} of it go back by earlier returns: nothing is left"
        return _fault(asked, "quantity", "E-RETURN-NOTHING", what, "leave the line out")
    if asked.line.quantity > left:
        what = f"{asked.line.quantity} is more than {left}, what is left of {declared}"
        return _fault(asked, "quantity", "E-RETURN-QUANTITY", what, f"return {left} at the most")
    return None


RULES: tuple[Callable[[Asked], Fault | None], ...] = (
    fault_of_line,
    fault_of_quantity,
    fault_of_what_is_left,
)


def faults_of(
    lines: Sequence[ReturnedLine], declared: Mapping[int, Declared], taken: Mapping[int, Decimal]
) -> list[Fault]:
    """The faults of a return's lines, one a line at the most."""
    found: list[Fault] = []
    for index, line in enumerate(lines):
        asked = Asked(
            index=index,
            line=line,
            is_again=any(earlier.line_no == line.line_no for earlier in lines[:index]),
            declared=declared.get(line.line_no),
            taken=taken.get(line.line_no, NOTHING),
        )
        found += [replace(fault, rule=rule.__name__) for rule in RULES if (fault := rule(asked))][:1]
    return found


def _fault(asked: Asked, field: str, code: str, why: str, fix: str) -> Fault:
    return Fault(
        pointer=f"/lines/{asked.index}/{field}",
        code=code,
        rule="",
        detail=f"line {asked.line.line_no}: {why}",
        fix=fix,
        source=SOURCE,
    )
