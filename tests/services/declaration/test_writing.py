"""Writing: any script, and one way to write a number, a day, a code."""

from __future__ import annotations

import json

import pytest

from tests.services.declaration.test_door import Plain, a_body, pointers
from tests.support.builders import read_submission


@pytest.mark.parametrize(
    "name",
    [
        "王小美",
        "Müller & Söhne",
        "O'Neill",
        "Ольга",
        "محمد",
        "नेहा",
        "می\u200cخواهم",
        "👩\u200d🔧",
        "№ 5",
        "（有限公司）",
    ],
)
def test_a_name_may_be_written_in_any_script(name: str) -> None:
    raw = a_body(lambda plain: plain["order"].update(seller_name=name))
    escaped = json.dumps(json.loads(raw)).encode()

    assert read_submission(raw).order.seller_name == read_submission(escaped).order.seller_name == name


PAPER = {"kind": "HEALTH", "number": "H-1", "issued_by": "GB", "valid_until": "2030-01-01", "line_nos": [1]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"valid_until": 0}, "valid_until"),
        ({"valid_until": "1748736000"}, "valid_until"),
        ({"line_nos": [True]}, "line_nos/0"),
        ({"line_nos": ["1"]}, "line_nos/0"),
        ({"number": "\u200b"}, "number"),
    ],
)
def test_a_certificate_is_read_as_exactly_as_the_rest(change: Plain, place: str) -> None:
    read_submission(a_body(lambda plain: plain["list"].update(certificates=[PAPER])))

    bad = a_body(lambda plain: plain["list"].update(certificates=[{**PAPER, **change}]))
    assert pointers(bad) == {f"/list/certificates/0/{place}"}


@pytest.mark.parametrize("number", [True, " 1 ", "+1", "1", 1.0])
@pytest.mark.parametrize("certificates", [[], [PAPER]])
def test_a_line_is_numbered_by_a_json_integer(number: object, certificates: list[Plain]) -> None:
    def change(plain: Plain) -> None:
        plain["list"]["lines"][0]["line_no"] = number
        plain["list"]["certificates"] = certificates

    assert pointers(a_body(change)) == {"/list/lines/0/line_no"}


def test_numbers_of_the_trade_take_the_characters_that_are_written_down() -> None:
    number = "2025/06_A.1-b"

    def change(plain: Plain) -> None:
        plain["order"]["order_no"] = plain["payment"]["order_no"] = number

    assert read_submission(a_body(change)).order.order_no == number


def test_a_pretty_body_is_read_as_a_plain_one() -> None:
    raw = a_body(lambda plain: plain["order"].update(seller_name="a – “b”"))

    assert read_submission(json.dumps(json.loads(raw), indent=2, ensure_ascii=False).encode())
