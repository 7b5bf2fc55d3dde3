"""Builders: things with defaults.

`a_submission(order__order_no="O-2")` overrides a nested field by its path; the defaults pass every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from services.declaration.door import bounded_body, submission_of
from services.declaration.submission import (
    Consignee,
    DeclarationList,
    Order,
    OrderLine,
    Payment,
    Person,
    Submission,
    Waybill,
)
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.gate import Gate
from shared.kernel.goods import GoodsLine, Transport
from shared.kernel.ids import BuyerToken, DeclarationId, uuid7

T = TypeVar("T")

NOW = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
"""When everything happens, unless a test says otherwise."""

PARTIES = ("AGENT00001", "CARRIER001", "PAYMENT001", "PLATFORM01", "SELLER0001")


def a_declaration_id(number: int = 1, at: datetime = NOW) -> DeclarationId:
    """The declaration id of a number: the same number, the same id."""
    return uuid7(int(at.timestamp() * 1000), number.to_bytes(10, "big"))


def a_goods_line(**overrides: Any) -> GoodsLine:
    """Two porcelain mugs at CNY 45."""
    return _with(
        GoodsLine(
            line_no=1,
            goods_code="6911101900",
            goods_name="Porcelain mug",
            specification="Teacup and Lantern, 350 ml",
            origin_country="GB",
            quantity=Decimal(2),
            unit="piece",
            first_quantity=Decimal("0.8"),
            first_unit="kg",
            price=Decimal("45.00"),
            total_price=Decimal("90.00"),
            item_no="MUG-1",
        ),
        overrides,
    )


def an_order_line(line: GoodsLine) -> OrderLine:
    """The order's line of a line of the list."""
    return OrderLine(
        line_no=line.line_no,
        item_no=line.item_no,
        item_name=line.goods_name,
        specification=line.specification,
        unit=line.unit,
        quantity=line.quantity,
        price=line.price,
        total_price=line.total_price,
        origin_country=line.origin_country,
    )


CONSIGNEE = Consignee(name="王小美", telephone="13800000000", address="上海市黄浦区人民路1号")
BUYER = Person(id_number="11010519491231002X", name="王小美", telephone="13800000000")


def a_submission(lines: Sequence[GoodsLine] = (), number: int = 1, **overrides: Any) -> Submission:
    """A filing that every rule passes at `NOW`; `number` tells the natural keys of several apart."""
    lines = tuple(lines) or (a_goods_line(),)
    order = _an_order(lines, number)
    submission = Submission(
        mode="9610",
        arrival="pre_arrival",
        order=order,
        payment=Payment(
            payment_firm_code="PAYMENT001",
            payment_transaction_id=order.payment_transaction_id,
            order_no=order.order_no,
            platform_code="PLATFORM01",
            payer=BUYER,
            amount_paid=order.actual_paid,
            paid_at=order.placed_at,
        ),
        waybill=_a_waybill(number),
        list=_a_list(lines),
    )
    return _with(submission, overrides)


def _an_order(lines: Sequence[GoodsLine], number: int) -> Order:
    value = sum((line.total_price for line in lines), Decimal(0))
    return Order(
        order_no=f"ORDER-{number}",
        platform_code="PLATFORM01",
        platform_name="Harbour Lane Market",
        seller_code="SELLER0001",
        seller_name="Teacup and Lantern Ltd",
        goods_value=value,
        freight=Decimal("18.00"),
        discount=Decimal("0.00"),
        tax_total=Decimal("10.19"),
        actual_paid=value + Decimal("28.19"),
        buyer=BUYER,
        payment_firm_code="PAYMENT001",
        payment_transaction_id=f"PAY-{number}",
        consignee=CONSIGNEE,
        placed_at=NOW - timedelta(days=3),
        lines=tuple(map(an_order_line, lines)),
    )


def _a_waybill(number: int) -> Waybill:
    return Waybill(
        carrier_code="CARRIER001",
        waybill_no=f"WAYBILL-{number}",
        freight=Decimal("16.00"),
        insurance=Decimal("2.00"),
        gross_weight=Decimal("1.2"),
        goods_description="Porcelain",
        consignee=CONSIGNEE,
        transport=Transport(mode="air", voyage_no="GG101", document_no="999-12345675"),
    )


def _a_list(lines: tuple[GoodsLine, ...]) -> DeclarationList:
    return DeclarationList(
        declarant_code="AGENT00001",
        guarantor_code="AGENT00001",
        customs_code="2244",
        port_code="2244",
        dispatch_country="GB",
        freight=Decimal("16.00"),
        insurance=Decimal("2.00"),
        gross_weight=Decimal("1.2"),
        net_weight=Decimal("0.8"),
        lines=lines,
    )


def a_declaration_submitted(**overrides: Any) -> DeclarationSubmitted:
    """Version 1 of a green declaration of two mugs, customs' gate PASSED."""
    return _with(
        DeclarationSubmitted(
            declaration_id=a_declaration_id(),
            version=1,
            parties=PARTIES,
            filed_at=NOW,
            mode="9610",
            declarant="AGENT00001",
            guarantor="AGENT00001",
            seller="SELLER0001",
            platform="PLATFORM01",
            order_no="ORDER-1",
            buyer=BuyerToken("b" * 64),
            carrier="CARRIER001",
            waybill_no="WAYBILL-1",
            transport=Transport(mode="air", voyage_no="GG101", document_no="999-12345675"),
            arrival="pre_arrival",
            dispatch_country="GB",
            packages=1,
            gross_weight=Decimal("1.2"),
            net_weight=Decimal("0.8"),
            goods_value=Decimal("90.00"),
            freight=Decimal("16.00"),
            insurance=Decimal("2.00"),
            discount=Decimal("0.00"),
            actual_paid=Decimal("118.19"),
            lines=(a_goods_line(),),
            content_hash="0" * 64,
            lane="green",
            gate=Gate(agency="customs", status="PASSED"),
        ),
        overrides,
    )


def _with(thing: T, overrides: dict[str, Any]) -> T:
    """The thing with fields replaced; `a__b` reaches the field `b` of the field `a`."""
    for path, value in overrides.items():
        name, _, rest = path.partition("__")
        changed = _with(getattr(thing, name), {rest: value}) if rest else value
        thing = replace(thing, **{name: changed})  # type: ignore[type-var]
    return thing


def read_submission(raw: bytes) -> Submission:
    """The submission in a body, as the door reads it."""
    return submission_of(bounded_body(raw))
