"""Questions: the form of a quote, read and written.

Pure. The fields are named as in `POST /v1/quotes`, those of the goods once a line; whatever was typed is asked as it
is, so that the tax service alone says what is wrong with it, and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

LINES = 20
"""Lines of goods that the page takes; the API takes 99."""
_LONGEST = 260
"""Characters of a field that are read: one more than any may have."""
HEAD = ("on", "dispatch_country", "currency", "freight", "insurance", "year_used", "buyer_of")
LINE = (
    "goods_code",
    "goods_name",
    "origin_country",
    "quantity",
    "unit",
    "price",
    "first_quantity",
    "first_unit",
    "second_quantity",
    "second_unit",
)
UNITS = ("piece", "kg", "g", "l", "ml")
_CHOSEN = {"unit": "piece", "first_unit": "kg", "second_unit": ""}
_CAPITALS = ("dispatch_country", "origin_country", "currency", "to")
LABELS = {
    "to": "Sent to",
    "on": "On the day",
    "dispatch_country": "Sent from",
    "currency": "Currency of all prices",
    "freight": "Freight",
    "insurance": "Insurance",
    "year_used": "Used of it, yuan",
    "buyer_of": "An earlier declaration of the buyer",
    "goods_code": "HS code",
    "goods_name": "Name",
    "origin_country": "Origin",
    "quantity": "Quantity",
    "unit": "Unit",
    "price": "Price a unit",
    "first_quantity": "Statutory quantity",
    "first_unit": "Its unit",
    "second_quantity": "Second quantity",
    "second_unit": "Its unit",
}
_ABOVE = "an amount above 0, such as 12.50"
_FROM = "an amount of 0 or more, such as 4.00"
_UNIT = f"one of {', '.join(UNITS)}"
HINTS = {
    "to": "one country at least, and twelve at the most",
    "on": "a day as 2026-01-31, or empty for today",
    "dispatch_country": "two letters, such as GB",
    "currency": "three letters, such as GBP",
    "freight": _FROM,
    "insurance": _FROM,
    "year_used": f"{_FROM}, and empty where a declaration is named",
    "buyer_of": "the id of a declaration, or empty",
    "goods_code": "six, eight or ten digits, such as 3304990029",
    "goods_name": "250 characters at the most, all of which can be seen",
    "origin_country": "two letters, such as FR",
    "quantity": _ABOVE,
    "unit": _UNIT,
    "price": "an amount such as 42.00, or 0 for a gift",
    "first_quantity": _ABOVE,
    "first_unit": _UNIT,
    "second_quantity": f"{_ABOVE}, or empty",
    "second_unit": _UNIT,
    "lines": "one line of goods at least",
}
"""What each field must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, as it was typed."""

    to: tuple[str, ...]
    head: Mapping[str, str]
    lines: tuple[Mapping[str, str], ...]

    def with_a_line_more(self) -> Form:
        """With an empty line at the foot, where there is room."""
        return replace(self, lines=(*self.lines, blank())[:LINES])

    def without_line(self, index: int) -> Form:
        """Without one of its lines; never without any."""
        kept = tuple(line for at, line in enumerate(self.lines) if at != index)
        return replace(self, lines=kept or (blank(),))

    def in_order(self, *, with_blanks: bool) -> Form:
        """What was typed first, so that it counts as it is asked; then the lines in which nothing was, or none."""
        typed = tuple(line for line in self.lines if _is_typed(line))
        blanks = tuple(line for line in self.lines if not _is_typed(line))
        return replace(self, lines=(typed + blanks if with_blanks else typed) or (blank(),))

    def body(self) -> dict[str, Any]:
        """The question as the API takes it; what was left empty is left out."""
        asked = self.in_order(with_blanks=False).lines
        return {"to": list(self.to), **_filled(self.head), "lines": [_filled(line) for line in asked]}


def blank() -> dict[str, str]:
    """A line with nothing typed yet."""
    return {name: _CHOSEN.get(name, "") for name in LINE}


EXAMPLE = Form(
    to=("CN", "DE", "GB", "US"),
    head={"dispatch_country": "GB", "currency": "GBP", "freight": "4.00", "insurance": "0.50"},
    lines=(
        {
            **blank(),
            "goods_code": "3304990029",
            "goods_name": "Face cream",
            "origin_country": "FR",
            "quantity": "1",
            "unit": "piece",
            "price": "42.00",
            "first_quantity": "20",
            "first_unit": "g",
        },
        {
            **blank(),
            "goods_code": "6911101900",
            "goods_name": "Porcelain mug",
            "origin_country": "GB",
            "quantity": "2",
            "unit": "piece",
            "price": "4.80",
            "first_quantity": "0.8",
            "first_unit": "kg",
        },
    ),
)
"""What the page asks before anybody has typed."""


def form_of(given: Sequence[tuple[str, str]]) -> Form:
    """The form from what a browser sent."""
    told: dict[str, list[str]] = {}
    for name, value in given:
        told.setdefault(name, []).append(_read(name, value))
    count = min(max((len(told.get(name, ())) for name in LINE), default=0), LINES + 1)
    lines = [{name: _at(told.get(name, ()), index) for name in LINE} for index in range(count)]
    return Form(
        to=tuple(dict.fromkeys(told.get("to", ()))),
        head={name: _at(told.get(name, ()), 0) for name in HEAD},
        lines=tuple(lines) or (blank(),),
    )


def _read(name: str, value: str) -> str:
    text = value.strip()[:_LONGEST]
    return text.upper() if name in _CAPITALS else text


def _at(values: Sequence[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _is_typed(line: Mapping[str, str]) -> bool:
    return any(value for name, value in line.items() if name not in _CHOSEN)


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    """Without what is empty; a unit alone says nothing."""
    unit_only = not fields.get("second_quantity")
    return {
        name: value for name, value in fields.items() if value and not (name == "second_unit" and unit_only)
    }


def place_name(pointer: str) -> str:
    """What the field of a pointer is called on the page."""
    parts = pointer.split("/")
    label = LABELS.get(parts[-1], pointer)
    return f"Goods {int(parts[2]) + 1}, {label}" if parts[1:2] == ["lines"] and len(parts) > 3 else label


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with the form: by JSON pointer of the field, and what belongs to none."""

    at: Mapping[str, tuple[str, ...]]
    elsewhere: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things there are to correct."""
        return sum(map(len, self.at.values())) + len(self.elsewhere)


def wrong_with(problem: Any, form: Form) -> Wrong:
    """The faults of a problem document, each at its field."""
    told = problem if isinstance(problem, Mapping) else {}
    fields = {f"/{name}" for name in ("to", *HEAD)}
    fields |= {f"/lines/{index}/{name}" for index in range(len(form.lines)) for name in LINE}
    found: dict[str, list[str]] = {}
    elsewhere: list[str] = []
    for fault in told.get("errors") or [told]:
        place = _place(str(fault.get("pointer", "")), fields)
        found.setdefault(place, []).append(_said(fault)) if place else elsewhere.append(_said(fault))
    return Wrong(
        at={place: tuple(dict.fromkeys(said)) for place, said in found.items()}, elsewhere=tuple(elsewhere)
    )


def _place(pointer: str, fields: Iterable[str]) -> str:
    """The field that a pointer leads to or into; none for what is no field."""
    return next((field for field in fields if pointer == field or pointer.startswith(f"{field}/")), "")


def _said(fault: Mapping[str, Any]) -> str:
    """A fault in words for whoever typed it."""
    name = next((part for part in reversed(str(fault.get("pointer", "")).split("/")) if part in HINTS), "")
    if fault.get("code") == "E-FMT-SCHEMA" and name:
        return f"{'Fill this in: ' if fault.get('rule') == 'missing' else 'Must be '}{HINTS[name]}."
    detail, fix = str(fault.get("detail") or "this cannot be answered"), str(fault.get("fix") or "")
    return f"{detail[:1].upper()}{detail[1:]}. {fix[:1].upper()}{fix[1:]}".strip().rstrip(".") + "."
