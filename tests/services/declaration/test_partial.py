"""Partial: a submission with faults of shape is judged as far as it can be read, and accused of nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from services.declaration.domain import Surroundings
from services.declaration.door import bounded_body, submission_of
from services.declaration.filing import Filer, judge
from services.declaration.partial import UNTOLD, Unasked, asked
from shared.kernel.refusal import Fault, Refusal
from tests.services.declaration.test_door import Plain, a_body
from tests.services.declaration.test_rules import AROUND
from tests.support.builders import NOW, a_goods_line, a_submission

FILER = Filer(party="AGENT00001", client_id="c")


def refused(raw: bytes, filer: Filer = FILER, around: Surroundings = AROUND) -> Refusal:
    with pytest.raises(Refusal) as caught:
        submission_of(bounded_body(raw), lambda known: judge(known, filer, around))
    return caught.value


def is_of_shape(fault: Fault) -> bool:
    return fault.code in ("E-FMT-SCHEMA", "E-FMT-BATCH")


def test_faults_of_shape_and_what_the_rules_say_are_told_together() -> None:
    def change(plain: Plain) -> None:
        del plain["order"]["seller_name"]
        plain["list"]["net_weight"] = "9.0"
        plain["payment"]["order_no"] = "ANOTHER"
        plain["list"]["lines"][0]["goods_code"] = "12"
        plain["list"]["port_code"] = 7

    refusal = refused(a_body(change))

    assert {(fault.rule, fault.pointer) for fault in refusal.faults} == {
        ("missing", "/order/seller_name"),
        ("string_type", "/list/port_code"),
        ("goods_code", "/list/lines/0/goods_code"),
        ("net_weight_is_within_gross", "/list/net_weight"),
        ("the_payment_is_of_this_order", "/payment/order_no"),
    }
    assert refusal.detail == "the submission has 3 faults of shape; 2 rules say no besides"
    assert [is_of_shape(fault) for fault in refusal.faults] == [True] * 3 + [False] * 2


def test_a_rule_that_needs_what_cannot_be_read_is_not_asked() -> None:
    refusal = refused(a_body(lambda plain: plain["order"].update(goods_value="1e2")))

    assert [fault.pointer for fault in refusal.faults] == ["/order/goods_value"]


@pytest.mark.parametrize("instead", ["missing", None, {}, [], "", "\u202e", -1, True, {"a": 1}])
def test_a_submission_with_one_bad_place_is_accused_of_nothing_else(instead: Any) -> None:
    lines = [a_goods_line(line_no=number) for number in (1, 2)]
    good = json.loads(msgspec.json.encode(a_submission(lines)))
    judged = []

    for place in places(good, ()):
        plain = copy.deepcopy(good)
        inside = plain
        for part in place[:-1]:
            inside = inside[part]
        if instead == "missing":
            del inside[place[-1]]
        else:
            inside[place[-1]] = instead
        try:
            submission_of(bounded_body(json.dumps(plain).encode()), lambda known: judge(known, FILER, AROUND))
        except Refusal as refusal:
            judged += [(place, fault) for fault in refusal.faults if not is_of_shape(fault)]

    told = {(fault.rule, fault.pointer) for _, fault in judged}
    assert told <= {
        ("the_lines_agree_one_to_one", "/list/lines"),
        ("bonded_goods_name_their_book", "/list/bonded"),
    }


def places(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, whole parts of it too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*at, name)
        yield from places(each, (*at, name))


def test_whose_trade_it_is_decides_first_as_far_as_it_can_be_read() -> None:
    stranger = Filer(party="CARRIER001", client_id="c")

    assert refused(a_body(lambda plain: plain["order"].pop("seller_name")), stranger).status == 403
    assert refused(a_body(lambda plain: plain["order"].pop("seller_code")), stranger).status == 422


def test_of_a_document_that_is_not_there_nothing_is_said_and_the_others_are_judged() -> None:
    def change(plain: Plain) -> None:
        del plain["payment"]
        plain["list"]["dispatch_country"] = "XX"

    told = {(fault.rule, fault.pointer) for fault in refused(a_body(change)).faults}

    assert told == {("missing", "/payment"), ("countries_exist", "/list/dispatch_country")}


@pytest.mark.parametrize(
    "look",
    [
        lambda it: it == it,  # noqa: PLR0124
        lambda it: it < 1,
        {"a"}.__contains__,
        "{}".format,
        lambda it: it[:6],
        len,
        lambda it: sum([1, it]),
        lambda it: it.lines,
        bool,
        lambda it: NOW - it,
    ],
)
def test_whatever_looks_at_what_is_untold_has_nothing_to_say(look: Any) -> None:
    with pytest.raises(Unasked):
        look(UNTOLD)
    assert asked(look, UNTOLD) == ()
