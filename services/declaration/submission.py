"""Submission: order, payment, waybill and list.

What a declarant sends, in plain English for the fields of the CEB messages 311, 411, 511 and 621;
docs/fields.md has the table. Every field carries its bounds, its CEB name and its meaning as metadata, which
the door enforces and the OpenAPI shows. Amounts are CNY, weights kg; both numeric(19,5) and never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from shared.kernel.goods import Certificate, GoodsLine, Transport, Unit

LONGEST = 99
"""Lines of a declaration at most (CEB: maxOccurs of OrderList and InventoryList)."""

FOUR_DIGITS = "^[0-9]{4}$"

Mode = Literal["9610", "1210"]
Arrival = Literal["on_site", "pre_arrival"]


def text(longest: int, ceb: str, meaning: str, **bounds: Any) -> Mapping[str, Any]:
    """Metadata of a text of 1..`longest` characters, unless `min_length` says otherwise."""
    return {
        "min_length": 1,
        "max_length": longest,
        "description": meaning,
        "json_schema_extra": {"x-ceb": ceb},
        **bounds,
    }


def note(ceb: str, meaning: str, **bounds: Any) -> Mapping[str, Any]:
    """Metadata of any other field: amount, weight, moment or nested thing."""
    return {"description": meaning, "json_schema_extra": {"x-ceb": ceb}, **bounds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who buys or pays, with the number of the identity card."""

    id_type: Literal["1"] = field(default="1", metadata=note("buyerIdType", "1: identity card"))
    id_number: str = field(metadata=text(18, "buyerIdNumber", "18 characters, the last a check digit"))
    name: str = field(metadata=text(60, "buyerName", "Name as on the card"))
    telephone: str = field(default="", metadata=text(30, "buyerTelephone", "Telephone", min_length=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignee:
    """Who receives the parcel."""

    name: str = field(metadata=text(100, "consignee", "Name of the recipient"))
    telephone: str = field(metadata=text(50, "consigneeTelephone", "Telephone of the recipient"))
    address: str = field(metadata=text(200, "consigneeAddress", "Address in China"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of the order (CEB311 OrderList)."""

    line_no: int = field(metadata=note("gnum", "1..99, without gaps", ge=1, le=LONGEST, strict=True))
    item_no: str = field(default="", metadata=text(30, "itemNo", "The seller's article number", min_length=0))
    item_name: str = field(metadata=text(250, "itemName", "Name of the article as sold"))
    specification: str = field(default="", metadata=text(510, "gmodel", "Brand, model, size", min_length=0))
    unit: Unit = field(metadata=note("unit", "Unit of the quantity"))
    quantity: Decimal = field(metadata=note("qty", "In `unit`, above 0", gt=0))
    price: Decimal = field(metadata=note("price", "CNY per unit; 0 marks a gift", ge=0))
    total_price: Decimal = field(metadata=note("totalPrice", "CNY: quantity times price, to the cent", ge=0))
    origin_country: str = field(metadata=text(2, "country", "ISO 3166-1 alpha-2 of origin", min_length=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order (CEB311), as the platform has it. Amounts in CNY."""

    order_no: str = field(metadata=text(60, "orderNo", "Unique on its platform"))
    platform_code: str = field(metadata=text(18, "ebpCode", "Party code of the platform"))
    platform_name: str = field(metadata=text(100, "ebpName", "Name of the platform"))
    seller_code: str = field(metadata=text(18, "ebcCode", "Party code of the seller"))
    seller_name: str = field(metadata=text(100, "ebcName", "Name of the seller"))
    goods_value: Decimal = field(metadata=note("goodsValue", "CNY: sum of the lines", ge=0))
    freight: Decimal = field(metadata=note("freight", "CNY charged to the buyer, insurance included", ge=0))
    discount: Decimal = field(metadata=note("discount", "CNY paid by points and vouchers", ge=0))
    tax_total: Decimal = field(metadata=note("taxTotal", "CNY of tax collected from the buyer", ge=0))
    actual_paid: Decimal = field(metadata=note("acturalPaid", "CNY: goods + freight + tax - discount", ge=0))
    currency: Literal["CNY"] = field(default="CNY", metadata=note("currency", "ISO 4217; CEB code 142"))
    buyer: Person = field(metadata=note("buyer*", "Who buys"))
    payment_firm_code: str = field(metadata=text(18, "payCode", "Party code of the payment firm"))
    payment_transaction_id: str = field(metadata=text(60, "payTransactionId", "The payment firm's number"))
    consignee: Consignee = field(metadata=note("consignee*", "Who receives"))
    placed_at: datetime = field(metadata=note("appTime", "When the order was placed, RFC 3339 with offset"))
    lines: tuple[OrderLine, ...] = field(
        metadata=note("OrderList", "1..99", min_length=1, max_length=LONGEST)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The payment slip (CEB411), as the payment firm has it."""

    payment_firm_code: str = field(metadata=text(18, "payCode", "Party code of the payment firm"))
    payment_transaction_id: str = field(metadata=text(60, "payTransactionId", "The payment firm's number"))
    order_no: str = field(metadata=text(60, "orderNo", "The order paid"))
    platform_code: str = field(metadata=text(18, "ebpCode", "Party code of the platform"))
    payer: Person = field(metadata=note("payer*", "Who pays: the buyer"))
    amount_paid: Decimal = field(metadata=note("amountPaid", "CNY paid", ge=0))
    currency: Literal["CNY"] = field(default="CNY", metadata=note("currency", "ISO 4217; CEB code 142"))
    paid_at: datetime = field(metadata=note("payTime", "When it was paid, RFC 3339 with offset"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """The waybill (CEB511), as the carrier has it."""

    carrier_code: str = field(metadata=text(18, "logisticsCode", "Party code of the carrier"))
    waybill_no: str = field(metadata=text(60, "logisticsNo", "Unique with its carrier for six months"))
    freight: Decimal = field(metadata=note("freight", "CNY of transport", ge=0))
    insurance: Decimal = field(metadata=note("insuredFee", "CNY of insurance", ge=0))
    currency: Literal["CNY"] = field(default="CNY", metadata=note("currency", "ISO 4217; CEB code 142"))
    gross_weight: Decimal = field(metadata=note("weight", "kg with packing", gt=0))
    packages: int = field(default=1, metadata=note("packNo", "1: one parcel, one declaration", strict=True))
    goods_description: str = field(metadata=text(200, "goodsInfo", "The goods in a few words"))
    consignee: Consignee = field(metadata=note("consignee*", "Who receives"))
    transport: Transport = field(metadata=note("trafMode, voyageNo, billNo", "How it crosses the border"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonded:
    """Where bonded goods lie (CEB621, mode 1210)."""

    book_no: str = field(metadata=text(30, "emsNo", "The bonded book"))
    area_code: str = field(metadata=text(18, "areaCode", "The bonded area"))
    warehouse_code: str = field(metadata=text(18, "loctNo (nearest)", "The warehouse"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationList:
    """The list (CEB621): the declaration proper."""

    declarant_code: str = field(metadata=text(18, "agentCode", "Party code of the agent that files"))
    guarantor_code: str = field(metadata=text(18, "assureCode", "Party code whose account secures the tax"))
    customs_code: str = field(metadata=text(4, "customsCode", "The customs office", pattern=FOUR_DIGITS))
    port_code: str = field(metadata=text(4, "portCode", "The port of entry", pattern=FOUR_DIGITS))
    dispatch_country: str = field(metadata=text(2, "country", "ISO 3166-1 alpha-2 of dispatch", min_length=2))
    freight: Decimal = field(metadata=note("freight", "CNY of transport", ge=0))
    insurance: Decimal = field(metadata=note("insuredFee", "CNY of insurance", ge=0))
    packages: int = field(default=1, metadata=note("packNo", "1: one parcel, one declaration", strict=True))
    gross_weight: Decimal = field(metadata=note("grossWeight", "kg with packing", gt=0))
    net_weight: Decimal = field(metadata=note("netWeight", "kg without packing", gt=0))
    licence_no: str = field(
        default="", metadata=text(19, "licenseNo", "Licence, if one is due", min_length=0)
    )
    bonded: Bonded | None = field(default=None, metadata=note("emsNo, areaCode", "For mode 1210 only"))
    certificates: tuple[Certificate, ...] = field(default=(), metadata=note("-", "Papers", max_length=20))
    lines: tuple[GoodsLine, ...] = field(
        metadata=note("InventoryList", "1..99", min_length=1, max_length=LONGEST)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One filing: mode, arrival and the four documents."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    mode: Mode = field(metadata=note("tradeMode", "9610 direct mail, 1210 bonded"))
    arrival: Arrival = field(metadata=note("-", "on_site waits for the carrier; pre_arrival is authorised"))
    order: Order = field(metadata=note("CEB311", "The order"))
    payment: Payment = field(metadata=note("CEB411", "The payment slip"))
    waybill: Waybill = field(metadata=note("CEB511", "The waybill"))
    list: DeclarationList = field(metadata=note("CEB621", "The list"))
