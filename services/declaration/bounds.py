"""Bounds: digits, scale, lengths.

What the shape alone does not bound: amounts and quantities fit numeric(19,5) with room for sums and products, and
the texts of the kernel's goods, certificates and transport have the lengths of their CEB fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from operator import attrgetter
from typing import Any

from services.declaration.shape import schema_fault
from services.declaration.submission import Submission
from shared.kernel.goods import GoodsLine
from shared.kernel.refusal import Fault

LIMIT = Decimal(10) ** 9
"""Amounts, prices, quantities and weights stay below: sums of 99 and products of two then fit every column."""
_STEP = Decimal("0.00001")
_fit = Context(prec=19, traps=[Inexact, InvalidOperation]).quantize

_HEAD = (
    *(f"order.{name}" for name in ("goods_value", "freight", "discount", "tax_total", "actual_paid")),
    "payment.amount_paid",
    *(f"waybill.{name}" for name in ("freight", "insurance", "gross_weight")),
    *(f"list.{name}" for name in ("freight", "insurance", "gross_weight", "net_weight")),
)
_ORDER_LINE = ("quantity", "price", "total_price")
_LIST_LINE = ("quantity", "first_quantity", "second_quantity", "price", "total_price")
_head_of, _order_line_of, _list_line_of = (
    attrgetter(*_HEAD),
    attrgetter(*_ORDER_LINE),
    attrgetter(*_LIST_LINE),
)

_TEXTS = {"goods_name": (1, 250), "specification": (0, 510), "origin_country": (2, 2), "item_no": (0, 30)}
_TEXTS["item_record_no"] = (0, 30)
_CERTIFICATE = {"kind": (1, 40), "number": (1, 60), "issued_by": (2, 2), "line_nos": (0, 99)}
_TRANSPORT = {"voyage_no": (0, 32), "document_no": (1, 37)}


def bound_faults(submission: Submission) -> list[Fault]:
    """Everything out of bounds; the common case, nothing, is decided without making a pointer."""
    if _numbers_fit(_numbers(submission)) and all(map(_line_fits, submission.list.lines)):
        faults: list[Fault] = []
    else:
        faults = [*_number_faults(submission), *_line_faults(submission.list.lines)]
    faults += _text_faults("/waybill/transport", submission.waybill.transport, _TRANSPORT)
    for index, certificate in enumerate(submission.list.certificates):
        faults += _text_faults(f"/list/certificates/{index}", certificate, _CERTIFICATE)
    return faults + _moment_faults(submission)


def _numbers(submission: Submission) -> list[Decimal]:
    found = [*_head_of(submission)]
    for ordered in submission.order.lines:
        found += _order_line_of(ordered)
    for line in submission.list.lines:
        found += _list_line_of(line)
    return [each for each in found if each is not None]


def _numbers_fit(numbers: Iterable[Decimal]) -> bool:
    try:
        for each in numbers:
            _fit(each, _STEP)
            if not 0 <= each < LIMIT:
                return False
    except (Inexact, InvalidOperation):
        return False
    return True


def _line_fits(line: GoodsLine) -> bool:
    code = line.goods_code
    return (
        len(code) == 10
        and code.isdigit()
        and code.isascii()
        and 0 < len(line.goods_name) <= 250
        and len(line.specification) <= 510
        and len(line.origin_country) == 2
        and len(line.item_no) <= 30
        and len(line.item_record_no) <= 30
        and line.first_quantity > 0
        and (line.second_quantity is None) is (line.second_unit is None)
    )


def _number_faults(submission: Submission) -> list[Fault]:
    return number_faults(_dig, submission)


def raw_number_faults(plain: Mapping[str, Any], told: set[str]) -> list[Fault]:
    """Numbers out of bounds in a body that has other faults too, beside those told already."""
    return [fault for fault in number_faults(_dig_plain, plain) if fault.pointer not in told]


def number_faults(dig: Callable[[Any, str], Any], thing: Any) -> list[Fault]:
    """Every number that is out of bounds, wherever `dig` finds one."""
    named = [("/" + path.replace(".", "/"), dig(thing, path)) for path in _HEAD]
    for document, names in (("order", _ORDER_LINE), ("list", _LIST_LINE)):
        lines = dig(thing, f"{document}.lines")
        named += [
            (f"/{document}/lines/{index}/{name}", dig(line, name))
            for index, line in enumerate(lines if isinstance(lines, list | tuple) else ())
            for name in names
        ]
    detail = "it is negative, 1,000,000,000 or more, or has more than 5 decimal places"
    fix = "send at most 9 digits before and 5 after the point"
    return [
        schema_fault(pointer, "numbers_fit", detail, fix)
        for pointer, value in named
        if (number := _number(value)) is not None and not _numbers_fit((number,))
    ]


def _dig(thing: Any, path: str) -> Any:
    return attrgetter(path)(thing)


def _dig_plain(plain: Any, path: str) -> Any:
    for name in path.split("."):
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain


def _number(value: Any) -> Decimal | None:
    """What a value is as a number; None when it is none, which the shape tells."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _line_faults(lines: Sequence[GoodsLine]) -> list[Fault]:
    faults: list[Fault] = []
    for index, line in enumerate(lines):
        at = f"/list/lines/{index}"
        faults += _text_faults(at, line, _TEXTS)
        if not (len(line.goods_code) == 10 and line.goods_code.isascii() and line.goods_code.isdigit()):
            faults.append(
                schema_fault(f"{at}/goods_code", "goods_code", "it is not ten digits", "send ten digits")
            )
        if line.first_quantity <= 0:
            fix = "send the statutory quantity of the line"
            faults.append(schema_fault(f"{at}/first_quantity", "numbers_fit", "it is not above 0", fix))
        if (line.second_quantity is None) is not (line.second_unit is None):
            fix = "send second_quantity and second_unit, or neither"
            faults.append(
                schema_fault(f"{at}/second_unit", "second_unit", "quantity and unit go together", fix)
            )
    return faults


def _text_faults(at: str, thing: Any, bounds: dict[str, tuple[int, int]]) -> list[Fault]:
    return [
        schema_fault(f"{at}/{name}", "length", f"its length is not {low}..{high}", "shorten or complete it")
        for name, (low, high) in bounds.items()
        if not low <= len(getattr(thing, name)) <= high
    ]


def _moment_faults(submission: Submission) -> list[Fault]:
    moments: tuple[tuple[str, datetime], ...] = (
        ("/order/placed_at", submission.order.placed_at),
        ("/payment/paid_at", submission.payment.paid_at),
    )
    return [
        schema_fault(pointer, "offset", "it has no offset from UTC", "write it as 2025-01-31T08:00:00+08:00")
        for pointer, moment in moments
        if moment.tzinfo is None
    ]
