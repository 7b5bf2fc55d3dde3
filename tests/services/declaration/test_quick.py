"""What the quick way takes the validator takes too, and to the same values; the rest it leaves to the validator."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.declaration import door
from services.declaration.canonical import content_hash
from services.declaration.door import submission_of
from services.declaration.quick import ABOVE_0, quick
from services.declaration.submission import Submission
from shared.kernel import written
from shared.kernel.ids import BuyerToken
from shared.kernel.refusal import Refusal
from shared.runtime.body import Body, read_body
from tests.services.declaration.test_door import Plain, a_body

PAPER = {"kind": "HEALTH", "number": "H-1", "issued_by": "GB", "valid_until": "2030-01-01", "line_nos": [1]}
BONDED = {"book_no": "B1", "area_code": "A1", "warehouse_code": "W1"}
NUMBERS = [
    "-0",
    "0",
    "0.00",
    "-1",
    "1E+3",
    "1.50",
    "NaN",
    "sNaN",
    "-Infinity",
    "Infinity",
    "1e999999",
    "12345678901.5",
    "0.000001",
]
WORDS = [
    "",
    " ",
    " 1",
    "1_000",
    "１２",
    "x" * 19,
    "x" * 600,
    "CNY",
    "cny",
    "kg",
    "9610",
    "2244\n",
    "22445",
    "é",
]
MOMENTS = [
    *("2025-01-31", "2025-01-31T08:00:00", "2025-01-31T08:00:00Z", "2025-01-31T08:00:00.1234567+08:00"),
    *("2025-01-31 08:00:00+08:00", "2025-01-31t08:00:00z", "2025-02-30T08:00:00Z", "2025-01-31T23:59:60Z"),
    *(
        "2025-01-31T24:00:00Z",
        "2025-01-31T08:00Z",
        "0000-01-01T00:00:00Z",
        "1748736000",
        "2025-01-31T08:00:00-00:00",
    ),
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1, 7, 100, 2**70, [], {}, [1], [None], {"a": 1}),
    *(Decimal(number) for number in NUMBERS),
    *(*NUMBERS, *WORDS, *MOMENTS),
]


def a_plain() -> Plain:
    """A submission with everything that one may have."""
    plain: Plain = read_body(
        a_body(lambda sent: sent["list"].update(certificates=[PAPER], bonded=BONDED))
    ).plain
    return plain


def places_in(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body, its objects and lists included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*way, key)
        yield from places_in(each, (*way, key))


def changed(plain: Plain, way: tuple[Any, ...], change: Any) -> Plain:
    """A copy, changed where the way ends: the last step is the key."""
    made: Plain = copy.deepcopy(plain)
    at: Any = made
    for step in way[:-1]:
        at = at[step]
    change(at, way[-1])
    return made


def told(plain: Plain) -> object:
    """What the door says of a body: the submission and its hash, or every fault."""
    try:
        made = submission_of(Body(msgspec.json.encode(plain), plain))
    except Refusal as refusal:
        return refusal.status, [(fault.pointer, fault.rule) for fault in refusal.faults]
    return msgspec.json.encode(made), content_hash(made, BuyerToken("token"))


def differs(plain: Plain) -> str:
    """What the door says with the quick way and without it, where that is not the same."""
    if quick(plain) is None:
        return ""
    quickly = told(copy.deepcopy(plain))
    with pytest.MonkeyPatch.context() as without:
        without.setattr(door, "quick", lambda _: None)
        slowly = told(copy.deepcopy(plain))
    return "" if quickly == slowly else f"{quickly!r} is {slowly!r}"


def test_a_good_submission_is_taken_quickly_and_is_the_same() -> None:
    plain = a_plain()

    assert quick(plain) is not None
    assert differs(plain) == ""


def test_whatever_stands_at_any_place_it_is_as_strict_as_the_validator() -> None:
    plain = a_plain()
    found = [
        (way, value, why)
        for way in places_in(plain)
        for value in VALUES
        if (why := differs(changed(plain, way, lambda at, key, value=value: at.__setitem__(key, value))))
    ]

    assert found == []


def test_what_is_left_out_or_added_anywhere_is_seen() -> None:
    plain = a_plain()
    ways = list(places_in(plain))

    without = [way for way in ways if differs(changed(plain, way, lambda at, key: at.__delitem__(key)))]
    added = [
        way
        for way in ways
        if isinstance(way[-1], str)
        and quick(changed(plain, way, lambda at, key: at.__setitem__(f"{key}_", 1))) is not None
    ]

    assert (without, added) == ([], [])
    assert len(ways) > 100


@given(st.from_regex(written.MOMENT, fullmatch=True))
def test_a_moment_as_it_may_be_written_is_read_as_the_validator_reads_it(text: str) -> None:
    assert differs(changed(PLAIN, ("order", "placed_at"), lambda at, key: at.__setitem__(key, text))) == ""


def test_every_amount_above_0_is_known_here() -> None:
    assert sorted(above_0(Submission)) == sorted(ABOVE_0)


@pytest.mark.parametrize("way", [("waybill", "gross_weight"), ("order", "lines", 0, "quantity")])
def test_an_amount_of_0_where_there_must_be_some_is_left_to_the_validator(way: tuple[Any, ...]) -> None:
    assert quick(changed(PLAIN, way, lambda at, key: at.__setitem__(key, Decimal("0.00")))) is None


def above_0(kind: type[Any]) -> Iterator[str]:
    """Fields that the metadata bounds so, of a class and those within it."""
    hints = get_type_hints(kind)
    for each in fields(kind):
        if each.metadata.get("gt") == 0:
            yield f"{kind.__name__}.{each.name}"
        for inside in (hints[each.name], *get_args(hints[each.name])):
            if isinstance(inside, type) and is_dataclass(inside):
                yield from set(above_0(inside))


PLAIN = a_plain()
