"""Filings of a schedule: a few goods and amounts that take every way through the rooms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from services.declaration.filing import Filer, Filing, Secret, accept
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken, DeclarationId
from tests.support.builders import NOW, a_declaration_id, a_goods_line, a_submission

SECRET = Secret(key=b"k" * 32)
FILER = Filer(party="AGENT00001", client_id="agent")
BUYER = BuyerToken("b" * 64)
GUARANTORS = ("AGENT00001", "AGENT00002")
"""Filings of one wait for the lock of its account: only those of two can begin a buyer's quota at once."""

MUGS: dict[str, Any] = {}
MILK = {"goods_code": "0402210000", "goods_name": "Milk powder"}
SCENT = {"goods_code": "3303000010", "goods_name": "Eau de toilette", "price": Decimal(19)}
GOODS = {"mugs": MUGS, "milk": MILK, "scent": SCENT}
"""What nobody looks at, what quarantine does, what customs does."""
AMOUNTS = ("90.00", "150.00", "300.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a seller declares."""

    number: int
    """Tells its natural keys: order and waybill."""
    goods: str
    amount: str
    on_site: bool
    buyer: int
    """Filings of a buyer share a year's quota."""
    guarantor: str
    again: int = 0
    """The same order declared anew, after it has ended."""


def draw_wish(random: Random, number: int, *, again: int = 0) -> Wish:
    """Any of them."""
    return Wish(
        number=number,
        goods=random.choice(("mugs", "mugs", "milk", "scent")),
        amount=random.choice(AMOUNTS),
        on_site=random.random() < 0.3,
        buyer=random.randrange(2),
        guarantor=random.choice(GUARANTORS),
        again=again,
    )


def filing_of(wish: Wish, declaration_id: DeclarationId, *, key: str = "") -> Filing:
    """The filing under an id; a client that tries again sends the same, and the door gives another id."""
    return replace(_filing(wish), declaration_id=declaration_id, idempotency=key)


@cache
def _filing(wish: Wish) -> Filing:
    line: GoodsLine = replace(a_goods_line(**GOODS[wish.goods]), total_price=Decimal(wish.amount))
    submission = a_submission(
        [line],
        wish.number,
        arrival="on_site" if wish.on_site else "pre_arrival",
        order__goods_value=Decimal(wish.amount),
        order__discount=Decimal(wish.again),
        list__guarantor_code=wish.guarantor,
    )
    made = accept(submission, FILER, a_declaration_id(), SECRET, NOW)
    return replace(made, buyer=BuyerToken(f"{wish.buyer:064x}"))


def fresh_id(random: Random, number: int) -> DeclarationId:
    """An id nobody has; its number tells it in the journal."""
    return a_declaration_id(number << 16 | random.randrange(1 << 16))
