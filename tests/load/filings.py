"""Filings for load: many valid submissions, cheaply.

A handful of real-looking parcels are encoded once; each filing puts its own numbers, buyer and papers into the text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from services.declaration.submission import Submission
from shared.kernel.goods import GoodsLine
from tests.support.builders import a_goods_line, a_submission

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_BUYER = "11010519491231002X"


def filings(seed: int, now: datetime, run: str) -> Iterator[bytes]:
    """Endless valid submissions as JSON lines; the same seed and run give the same ones."""
    chance = random.Random(seed)
    parcels = [_template(parcel) for parcel in _parcels(now)]
    number = 0
    while True:
        number += 1
        text = parcels[number % len(parcels)]
        yield (text.replace("{number}", f"{run}-{number}").replace("{buyer}", id_number(chance)).encode())


def id_number(chance: random.Random) -> str:
    """A made-up identity number with the right check digit (ISO 7064 MOD 11-2)."""
    body = f"110105{chance.randrange(1950, 2000)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    body += f"{chance.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECK[total % 11]


def _parcels(now: datetime) -> list[Submission]:
    goods = (
        ("6911101900", "Porcelain mug", Decimal("45.00"), 2),
        ("6302219000", "Cotton tea towel", Decimal("28.50"), 3),
        ("4820100000", "Notebook", Decimal("16.90"), 4),
        ("7013491000", "Glass storage jar", Decimal("39.00"), 1),
    )
    lines = [
        a_goods_line(
            line_no=1,
            goods_code=code,
            goods_name=name,
            price=price,
            quantity=Decimal(count),
            total_price=price * count,
        )
        for code, name, price, count in goods
    ]
    mixes: list[list[GoodsLine]] = [lines[:1], lines[1:3], lines[:3], lines]
    placed = now - timedelta(days=2)
    return [
        a_submission(
            [replace(line, line_no=place) for place, line in enumerate(mix, start=1)],
            order__placed_at=placed,
            payment__paid_at=placed,
        )
        for mix in mixes
    ]


def _template(submission: Submission) -> str:
    text = msgspec.json.encode(submission).decode()
    text = (
        text.replace("ORDER-1", "O-{number}")
        .replace("PAY-1", "P-{number}")
        .replace("WAYBILL-1", "W-{number}")
    )
    return text.replace(_BUYER, "{buyer}")
