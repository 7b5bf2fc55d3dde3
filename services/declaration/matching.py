"""Matching: order, payment, waybill and list must agree.

Keys of the three-way match: order and payment by order number, platform, transaction, payer and amount; order
and waybill by consignee; list and order by freight and, line by line, by what is sold. No tolerance: amounts are
decimals and equal or not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from services.declaration.domain import NOTHING, Found, Rule, Surroundings, Wrong
from services.declaration.submission import OrderLine, Submission
from shared.kernel.goods import GoodsLine

_LINE = ("item_no", "unit", "quantity", "price", "total_price", "origin_country")
_line_of: Callable[[Any], tuple[Any, ...]] = attrgetter("line_no", *_LINE)


def _differs(pointer: str, **values: object) -> Wrong:
    """The fault of a field, with the value each document has."""
    shown = ", ".join(f"{document} {value}" for document, value in values.items())
    return Wrong(
        pointer, f"the documents differ: {shown}", "send the same value in each document", "E-MATCH-DIFF"
    )


def the_payment_is_of_this_order(submission: Submission, _: Surroundings) -> Found:
    """Order number, platform, payment firm and transaction agree. Source: CEB 311 and 411, [Code:13035]."""
    order, payment = submission.order, submission.payment
    return [
        _differs(f"/payment/{name}", order=ours, payment=theirs)
        for name in ("order_no", "platform_code", "payment_firm_code", "payment_transaction_id")
        if (ours := getattr(order, name)) != (theirs := getattr(payment, name))
    ]


def the_payer_is_the_buyer(submission: Submission, _: Surroundings) -> Found:
    """Identity number and name agree. Source: GACC announcement 26/2016, buyer equals payer."""
    buyer, payer = submission.order.buyer, submission.payment.payer
    found = []
    if buyer.id_number != payer.id_number:
        ends = {"order": _ending(buyer.id_number), "payment": _ending(payer.id_number)}
        found.append(_differs("/payment/payer/id_number", **ends))
    if not _is_same(buyer.name, payer.name):
        found.append(_differs("/payment/payer/name", order=buyer.name, payment=payer.name))
    return found


def _is_same(one: str, other: str) -> bool:
    """Whether two texts say the same: as in the canonical form, e with its accent is one letter or two."""
    return one == other or unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _ending(number: str) -> str:
    return f"...{number[-4:]}"


def the_amount_paid_agrees(submission: Submission, _: Surroundings) -> Found:
    """What the payment firm took is what the order says was paid, CNY. Source: CEB amountPaid, acturalPaid."""
    order, payment = submission.order.actual_paid, submission.payment.amount_paid
    return NOTHING if order == payment else [_differs("/payment/amount_paid", order=order, payment=payment)]


def the_consignee_agrees(submission: Submission, _: Surroundings) -> Found:
    """Name, telephone and address are the same on order and waybill. Source: CEB 311 and 511."""
    ours, theirs = submission.order.consignee, submission.waybill.consignee
    if ours == theirs:
        return NOTHING
    return [
        _differs(f"/waybill/consignee/{name}", order=getattr(ours, name), waybill=getattr(theirs, name))
        for name in ("name", "telephone", "address")
        if not _is_same(getattr(ours, name), getattr(theirs, name))
    ]


def the_freight_agrees(submission: Submission, _: Surroundings) -> Found:
    """The order's one freight is freight and insurance of list and waybill, CNY. Source: CEB 311, 511, 621
    (that the order's field holds both is a reading)."""
    charged = submission.order.freight
    listed = submission.list.freight + submission.list.insurance
    carried = submission.waybill.freight + submission.waybill.insurance
    if charged == listed == carried:
        return NOTHING
    return [_differs("/list/freight", order=charged, list=listed, waybill=carried)]


def the_weight_agrees(submission: Submission, _: Surroundings) -> Found:
    """Gross weight is the same on waybill and list, kg. Source: CEB 511 weight, 621 grossWeight."""
    carried, listed = submission.waybill.gross_weight, submission.list.gross_weight
    if carried == listed:
        return NOTHING
    return [_differs("/list/gross_weight", waybill=carried, list=listed)]


def the_lines_agree_one_to_one(submission: Submission, _: Surroundings) -> Found:
    """Each line of the list is the order's line of that number. Source: CEB 311 and 621, gnum."""
    ordered, listed = submission.order.lines, submission.list.lines
    if len(ordered) != len(listed):
        return [_differs("/list/lines", order=f"{len(ordered)} lines", list=f"{len(listed)} lines")]
    if [*map(_line_of, ordered)] == [*map(_line_of, listed)]:
        return NOTHING
    pairs = zip(_by_number(ordered, listed), listed, strict=True)
    return [wrong for index, pair in enumerate(pairs) for wrong in _line_differences(index, *pair)]


def _by_number(ordered: Sequence[OrderLine], listed: Sequence[GoodsLine]) -> Sequence[OrderLine]:
    """The order's lines as the list numbers them; in their own order where the numbers are not the same ones."""
    numbered = {line.line_no: line for line in ordered}
    numbers = [line.line_no for line in listed]
    is_same = len(numbered) == len(ordered) and sorted(numbers) == sorted(numbered)
    return [numbered[number] for number in numbers] if is_same else ordered


def _line_differences(index: int, ordered: object, listed: object) -> list[Wrong]:
    return [
        _differs(f"/list/lines/{index}/{name}", order=ours, list=theirs)
        for name in ("line_no", *_LINE)
        if (ours := getattr(ordered, name)) != (theirs := getattr(listed, name))
    ]


RULES: tuple[Rule, ...] = (
    the_payment_is_of_this_order,
    the_payer_is_the_buyer,
    the_amount_paid_agrees,
    the_consignee_agrees,
    the_freight_agrees,
    the_weight_agrees,
    the_lines_agree_one_to_one,
)
