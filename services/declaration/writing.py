"""Writing: amounts, moments, codes and names.

How a submission's values were written, before any parser took them. The common case, all is well, is decided by one
search for each kind over all its values; only then is each looked at, also in a submission that has other faults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from itertools import islice
from operator import itemgetter
from typing import Any

from services.declaration.shape import schema_fault
from shared.kernel import written
from shared.kernel.refusal import Fault
from shared.runtime.body import MOST

Plain = Mapping[str, Any]
Kinds = tuple[tuple[Iterable[str], Callable[[str, Any], Iterator[Fault]]], ...]
"""Places, and what may be wrong with a value there."""
LIMIT = Decimal(10) ** 9
"""Amounts, prices, quantities and weights stay below: sums of 99 and products of two then fit every column."""
_STEP = Decimal("0.00001")
_fit = Context(prec=19, traps=[Inexact, InvalidOperation]).quantize
_ONE_AMOUNT = r"[0-9]{1,9}(?:\.[0-9]{1,5})?"
_amounts_fit = re.compile(rf"{_ONE_AMOUNT}(?:\n{_ONE_AMOUNT})*").fullmatch
_moments_fit = re.compile(rf"{written.MOMENT}\n{written.MOMENT}").fullmatch
_codes_fit = re.compile(rf"{written.CODE}(?:\n{written.CODE})*").fullmatch
_shows = re.compile(r"[!-~\u4e00-\u9fff]").search
"""Finds what certainly shows; what it does not find may show all the same."""

_ORDER_AMOUNTS = ("goods_value", "freight", "discount", "tax_total", "actual_paid")
_WAYBILL_AMOUNTS = ("freight", "insurance", "gross_weight")
_LIST_AMOUNTS = ("freight", "insurance", "gross_weight", "net_weight")
_ORDER_LINE = ("quantity", "price", "total_price")
_LIST_LINE = ("quantity", "first_quantity", "price", "total_price")
_CONSIGNEE = ("name", "telephone", "address")
_PAID = ("order_no", "payment_transaction_id")

AMOUNTS = (
    *(f"order/{name}" for name in _ORDER_AMOUNTS),
    "payment/amount_paid",
    *(f"waybill/{name}" for name in _WAYBILL_AMOUNTS),
    *(f"list/{name}" for name in _LIST_AMOUNTS),
    *(f"order/lines/*/{name}" for name in _ORDER_LINE),
    *(f"list/lines/*/{name}" for name in (*_LIST_LINE, "second_quantity")),
)
MOMENTS = ("order/placed_at", "payment/paid_at")
DAYS = ("list/certificates/*/valid_until",)
COUNTS = ("list/lines/*/line_no", "list/certificates/*/line_nos/*")
CODES = (
    *(f"{document}/{name}" for document in ("order", "payment") for name in _PAID),
    "waybill/waybill_no",
    "waybill/transport/document_no",
)
NAMES = (
    *("order/platform_name", "order/seller_name", "order/buyer/name", "payment/payer/name"),
    *(f"{document}/consignee/{name}" for document in ("order", "waybill") for name in _CONSIGNEE),
    *("waybill/goods_description", "order/lines/*/item_name", "list/lines/*/goods_name"),
)
PAPERS = ("list/certificates/*/kind", "list/certificates/*/number")


_of_order, _of_waybill, _of_list = (
    itemgetter(*_ORDER_AMOUNTS),
    itemgetter(*_WAYBILL_AMOUNTS),
    itemgetter(*_LIST_AMOUNTS),
)
_of_ordered, _of_listed, _of_consignee = (
    itemgetter(*_ORDER_LINE),
    itemgetter(*_LIST_LINE),
    itemgetter(*_CONSIGNEE),
)
_of_paid, _of_sellers = itemgetter(*_PAID), itemgetter("platform_name", "seller_name")


def writing_faults(plain: Plain) -> list[Fault]:
    """How the values of a submission of good shape are written; nothing, in the common case."""
    if not _is_well_written(plain):
        return raw_writing_faults(plain)
    return _faults_at(_IN_PAPERS, plain) if plain["list"].get("certificates") else []


def _is_well_written(plain: Plain) -> bool:
    order, payment, waybill, papers = plain["order"], plain["payment"], plain["waybill"], plain["list"]
    moments = order["placed_at"], payment["paid_at"]
    codes = (
        *(*_of_paid(order), *_of_paid(payment)),
        *(waybill["waybill_no"], waybill["transport"]["document_no"]),
    )
    return (
        all(map(_shows, _names(order, payment, waybill, papers)))
        and _amounts_fit("\n".join(map(str, _amounts(order, payment, waybill, papers)))) is not None
        and all(type(line["line_no"]) is int for line in papers["lines"])
        and all(type(each) is str for each in moments)
        and _moments_fit("\n".join(moments)) is not None
        and _codes_fit("\n".join(codes)) is not None
    )


def _names(order: Plain, payment: Plain, waybill: Plain, papers: Plain) -> list[str]:
    return [
        *_of_sellers(order),
        order["buyer"]["name"],
        *_of_consignee(order["consignee"]),
        payment["payer"]["name"],
        waybill["goods_description"],
        *_of_consignee(waybill["consignee"]),
        *[line["item_name"] for line in order["lines"]],
        *[line["goods_name"] for line in papers["lines"]],
    ]


def _amounts(order: Plain, payment: Plain, waybill: Plain, papers: Plain) -> list[Any]:
    found = [*_of_order(order), payment["amount_paid"], *_of_waybill(waybill), *_of_list(papers)]
    for line in order["lines"]:
        found += _of_ordered(line)
    for line in papers["lines"]:
        found += _of_listed(line)
        if line.get("second_quantity") is not None:
            found.append(line["second_quantity"])
    return found


def _numbers_fit(numbers: Iterable[Any]) -> bool:
    try:
        for each in numbers:
            if isinstance(each, bool) or not 0 <= _fit(each, _STEP) < LIMIT:
                return False
    except (Inexact, InvalidOperation):
        return False
    return True


def raw_writing_faults(plain: Plain) -> list[Fault]:
    """Every value that is written otherwise, wherever one is found, in a body of any shape."""
    return _faults_at(_KINDS, plain)


def _faults_at(kinds: Kinds, plain: Plain) -> list[Fault]:
    found = (
        fault
        for places, wrong_with in kinds
        for path in places
        for pointer, value in _dig(plain, path.split("/"), "")
        for fault in wrong_with(pointer, value)
    )
    return list(islice(found, MOST))


def _dig(value: Any, way: list[str], pointer: str) -> Iterator[tuple[str, Any]]:
    if not way:
        yield pointer, value
    elif way[0] == "*":
        for index, each in enumerate(value if isinstance(value, list) else ()):
            yield from _dig(each, way[1:], f"{pointer}/{index}")
    elif isinstance(value, dict) and value.get(way[0]) is not None:
        yield from _dig(value[way[0]], way[1:], f"{pointer}/{way[0]}")


def _amount(pointer: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, bool) or (isinstance(value, str) and not written.is_amount(value)):
        yield schema_fault(pointer, "amount_is_plain", "it is no plain decimal", written.HOW_AMOUNT)
    elif isinstance(value, str | int | Decimal) and not _numbers_fit((Decimal(value),)):
        detail = "it is negative, 1,000,000,000 or more, or has more than 5 decimal places"
        yield schema_fault(
            pointer, "numbers_fit", detail, "send at most 9 digits before and 5 after the point"
        )


def _moment(pointer: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, str) or not written.is_moment(value):
        yield schema_fault(pointer, "moment_has_offset", "it is no moment of RFC 3339", written.HOW_MOMENT)


def _day(pointer: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, str) or not written.is_day(value):
        yield schema_fault(pointer, "day_is_plain", "it is no day", "write it as 2025-01-31")


def _count(pointer: str, value: Any) -> Iterator[Fault]:
    if type(value) is not int:
        yield schema_fault(pointer, "count_is_plain", "it is no whole number", "send a JSON integer")


def _code(pointer: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, str) and value and not written.is_code(value):
        yield schema_fault(pointer, "code_is_plain", "it holds other characters", written.HOW_CODE)


def _name(pointer: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, str) and value and not written.is_visible(value):
        yield schema_fault(pointer, "name_is_visible", "nothing of it can be seen", written.HOW_NAME)


_IN_PAPERS: Kinds = ((DAYS, _day), (COUNTS, _count), (PAPERS, _name))
_KINDS: Kinds = ((AMOUNTS, _amount), (MOMENTS, _moment), (CODES, _code), (NAMES, _name), *_IN_PAPERS)
