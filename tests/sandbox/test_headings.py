"""Headings: the keyword table and what it covers."""

import pytest

from sandbox.headings import DEFAULT, Headings, read_headings
from sandbox.real import read_orders


@pytest.fixture(scope="module")
def headings() -> Headings:
    return read_headings()


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "9405500000"),
        ("RED RETROSPOT MUG", "6912001000"),
        ("HOT WATER BOTTLE TEA AND SYMPATHY", "4014900000"),
        ("JUMBO BAG RED RETROSPOT", "4202920000"),
        ("WICKER WREATH SMALL", "6702909000"),
        ("RETROSPOT GIANT TUBE MATCHES", "3605000000"),
        ("CHOCOLATE HOT WATER BOTTLE", "4014900000"),
        ("something nobody knows", DEFAULT.goods_code),
        ("", DEFAULT.goods_code),
    ],
)
def test_the_first_row_that_fits_decides(headings: Headings, description: str, code: str) -> None:
    assert headings.of(description).goods_code == code


def test_a_keyword_is_a_whole_word(headings: Headings) -> None:
    assert headings.of("BINARY ROSEMARY") == DEFAULT


def test_the_table_knows_nearly_every_line_of_the_orders(headings: Headings) -> None:
    coverage = headings.coverage(line.description or "" for order in read_orders() for line in order.goods)

    assert coverage.lines == 42_353
    assert coverage.share > 0.98


def test_every_code_has_ten_digits(headings: Headings) -> None:
    codes = {
        headings.of(line.description or "").goods_code for order in read_orders() for line in order.goods
    }

    assert all(len(code) == 10 and code.isdigit() for code in codes)
