"""Parcels: submissions with numbers and a buyer of their own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from services.declaration.submission import Submission
from shared.kernel.goods import GoodsLine
from tests.load.filings import id_number
from tests.support.builders import a_goods_line, a_submission

_numbers = count(1)
_chance = random.Random(20250602)


def a_buyer() -> str:
    """An identity number that nobody else in this session has."""
    return id_number(_chance)


def a_line(price: str, *, line_no: int = 1, quantity: int = 1, **changes: Any) -> GoodsLine:
    """Some pieces at a price."""
    each = Decimal(price)
    total = each * quantity
    return a_goods_line(line_no=line_no, price=each, quantity=Decimal(quantity), total_price=total, **changes)


def sweets(line_no: int = 1) -> GoodsLine:
    """Food, for which quarantine wants a paper."""
    return a_line("30.00", line_no=line_no, goods_code="1704900000", goods_name="Fudge", item_no="FUDGE-1")


def a_parcel(*lines: GoodsLine, buyer: str = "", **changes: Any) -> Submission:
    """A parcel that every agency passes, unless its lines or changes say otherwise."""
    placed, number = datetime.now(UTC) - timedelta(days=2), buyer or a_buyer()
    usual = {
        "order__placed_at": placed,
        "payment__paid_at": placed,
        "order__buyer__id_number": number,
        "payment__payer__id_number": number,
    }
    return a_submission(lines, next(_numbers), **usual | changes)


def body_of(submission: Submission) -> bytes:
    """As it is sent."""
    return msgspec.json.encode(submission)


def plain(submission: Submission) -> Any:
    """As plain dicts and lists, to be spoiled."""
    return msgspec.json.decode(body_of(submission))
