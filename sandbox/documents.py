"""Documents: order, payment, waybill and list.

The four papers of one order, consistent with each other; what is odd in the order stays odd in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.buyers import Buyer, buyer_of
from sandbox.carriage import Carriage, origin_of, unit_weight
from sandbox.chance import Chance
from sandbox.headings import Headings
from sandbox.papers import papers_of
from sandbox.parties import name_of
from sandbox.real import RealLine, RealOrder
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
from shared.kernel.goods import GoodsLine
from shared.kernel.money import ZERO, cents

TAX_ESTIMATE = Decimal("0.091")
"""What the platform collects for tax: 70 % of 13 % VAT, on goods and freight."""
INSURANCE = Decimal("0.003")
INSURED = 10
"""Of a hundred orders, those that are insured, for this part of their value."""
PAYMENT_FIRM, CUSTOMS_OFFICE = "PAYMENT001", "2244"
SELLERS = ("SELLER0001",) * 8 + ("SELLER0002",) * 6 + ("SELLER0003",) * 5 + ("SELLER0004",)
PLATFORMS = ("PLATFORM01",) * 9 + ("PLATFORM02",)
AGENTS = ("AGENT00001",) * 4 + ("AGENT00002",)
ITS_OWN_GUARANTOR = "SELLER0004"
"""The seller that secures its tax itself; for the others the platform does."""
MINUTE = timedelta(minutes=1)
PAID_WITHIN = 30 * MINUTE
"""Payment follows the order within this time: no moment of the papers is later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What the papers of one order are made from."""

    order: RealOrder
    order_no: str
    placed_at: datetime
    travel: Carriage
    rate: Decimal
    """CNY per unit of the order's currency."""
    headings: Headings
    chance: Chance

    def submission(self) -> Submission:
        """The four papers as one filing."""
        lines = tuple(self._line(number, line) for number, line in enumerate(self.order.goods, start=1))
        value = sum((line.total_price for line in lines), ZERO)
        insured = value > 0 and self.chance.percent(INSURED, "insured", self.order.order_no)
        freight, insurance = self._cny(self.order.postage), cents(value * INSURANCE) if insured else ZERO
        tax = max(ZERO, cents((value + freight + insurance) * TAX_ESTIMATE))
        order = self._order(lines, value, freight + insurance, tax)
        declared = self._list(lines, freight, insurance)
        return Submission(
            mode="9610",
            arrival="on_site" if self.travel.on_site else "pre_arrival",
            order=order,
            payment=self._payment(order),
            waybill=self._waybill(order, declared),
            list=declared,
        )

    def _cny(self, amount: Decimal) -> Decimal:
        return cents(amount * self.rate)

    def _pick(self, options: tuple[str, ...], about: str) -> str:
        return self.chance.pick(options, about, self.order.order_no)

    def _buyer(self) -> Buyer:
        return buyer_of(self.chance, self.order.customer or f"order {self.order.order_no}")

    def _line(self, number: int, line: RealLine) -> GoodsLine:
        heading = self.headings.of(line.description or "")
        price, quantity = self._cny(line.unit_price), Decimal(line.quantity)
        by_piece = heading.first_unit == "piece"
        return GoodsLine(
            line_no=number,
            goods_code=heading.goods_code,
            goods_name=line.description or "",
            specification=heading.goods,
            origin_country=origin_of(self.chance, line.sku),
            quantity=quantity,
            unit="piece",
            first_quantity=quantity if by_piece else quantity * unit_weight(self.chance, line.sku),
            first_unit=heading.first_unit,
            price=price,
            total_price=price * quantity,
            item_no=line.sku,
        )

    def _order(self, lines: tuple[GoodsLine, ...], value: Decimal, freight: Decimal, tax: Decimal) -> Order:
        platform, seller = self._pick(PLATFORMS, "platform"), self._pick(SELLERS, "seller")
        buyer = self._buyer()
        return Order(
            order_no=self.order_no,
            platform_code=platform,
            platform_name=name_of(platform),
            seller_code=seller,
            seller_name=name_of(seller),
            goods_value=value,
            freight=freight,
            discount=ZERO,
            tax_total=tax,
            actual_paid=value + freight + tax,
            buyer=Person(id_number=buyer.id_number, name=buyer.name, telephone=buyer.telephone),
            payment_firm_code=PAYMENT_FIRM,
            payment_transaction_id=f"CC{self.placed_at:%Y%m%d}{self.order_no}",
            consignee=Consignee(name=buyer.name, telephone=buyer.telephone, address=buyer.address),
            placed_at=self.placed_at,
            lines=tuple(_as_ordered(line) for line in lines),
        )

    def _payment(self, order: Order) -> Payment:
        minutes = 1 + self.chance.below(PAID_WITHIN // MINUTE, "paid", self.order.order_no)
        return Payment(
            payment_firm_code=order.payment_firm_code,
            payment_transaction_id=order.payment_transaction_id,
            order_no=order.order_no,
            platform_code=order.platform_code,
            payer=order.buyer,
            amount_paid=order.actual_paid,
            paid_at=self.placed_at + minutes * MINUTE,
        )

    def _waybill(self, order: Order, declared: DeclarationList) -> Waybill:
        return Waybill(
            carrier_code=self.travel.carrier,
            waybill_no=self.travel.waybill_no,
            freight=declared.freight,
            insurance=declared.insurance,
            gross_weight=declared.gross_weight,
            goods_description=", ".join(sorted({line.specification for line in declared.lines}))[:200]
            or "none",
            consignee=order.consignee,
            transport=self.travel.transport,
        )

    def _list(self, lines: tuple[GoodsLine, ...], freight: Decimal, insurance: Decimal) -> DeclarationList:
        own = self._pick(SELLERS, "seller") == ITS_OWN_GUARANTOR
        net = sum((abs(line.quantity) * unit_weight(self.chance, line.item_no) for line in lines), ZERO)
        net = max(net, Decimal("0.01"))
        return DeclarationList(
            declarant_code=self._pick(AGENTS, "agent"),
            guarantor_code=ITS_OWN_GUARANTOR if own else self._pick(PLATFORMS, "platform"),
            customs_code=CUSTOMS_OFFICE,
            port_code=CUSTOMS_OFFICE,
            dispatch_country="GB",
            freight=freight,
            insurance=insurance,
            gross_weight=cents(net * Decimal("1.08") + Decimal("0.15")),
            net_weight=net,
            certificates=papers_of(self.chance, self.order.order_no, self.placed_at.date(), lines),
            lines=lines,
        )


def _as_ordered(line: GoodsLine) -> OrderLine:
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
