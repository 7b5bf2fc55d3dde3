"""Example: a filing of the sandbox that works when pasted.

Its dates are of yesterday and its numbers of today, so that it is valid whenever the documentation is built, and
pasted twice gets the first answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_PERSON = {"id_type": "1", "id_number": "11010519491231002X", "name": "王小美", "telephone": "13800000000"}
_CONSIGNEE = {"name": "王小美", "telephone": "13800000000", "address": "上海市黄浦区人民路1号"}
_AMOUNTS = {"freight": "16.00", "insurance": "2.00", "gross_weight": "1.2"}


def example_submission(now: datetime) -> dict[str, Any]:
    """Two porcelain mugs by air, filed by the sandbox's agent or seller."""
    yesterday = (now.astimezone(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT08:00:00Z")
    order_no, transaction = f"DEMO-{now:%Y%m%d}-1", f"DEMO-PAY-{now:%Y%m%d}-1"
    return {
        "mode": "9610",
        "arrival": "pre_arrival",
        "order": _order(order_no, transaction, yesterday),
        "payment": {
            "payment_firm_code": "PAYMENT001",
            "payment_transaction_id": transaction,
            "order_no": order_no,
            "platform_code": "PLATFORM01",
            "payer": _PERSON,
            "amount_paid": "118.19",
            "paid_at": yesterday,
        },
        "waybill": {
            "carrier_code": "CARRIER001",
            "waybill_no": f"DEMO-WB-{now:%Y%m%d}-1",
            **_AMOUNTS,
            "goods_description": "Porcelain",
            "consignee": _CONSIGNEE,
            "transport": {"mode": "air", "voyage_no": "GG101", "document_no": "999-12345675"},
        },
        "list": {
            "declarant_code": "AGENT00001",
            "guarantor_code": "PLATFORM01",
            "customs_code": "2244",
            "port_code": "2244",
            "dispatch_country": "GB",
            **_AMOUNTS,
            "net_weight": "0.8",
            "lines": [_listed()],
        },
    }


def _order(order_no: str, transaction: str, placed_at: str) -> dict[str, Any]:
    return {
        "order_no": order_no,
        "platform_code": "PLATFORM01",
        "platform_name": "Harbour Lane Market",
        "seller_code": "SELLER0001",
        "seller_name": "Teacup and Lantern Ltd",
        "goods_value": "90.00",
        "freight": "18.00",
        "discount": "0.00",
        "tax_total": "10.19",
        "actual_paid": "118.19",
        "buyer": _PERSON,
        "payment_firm_code": "PAYMENT001",
        "payment_transaction_id": transaction,
        "consignee": _CONSIGNEE,
        "placed_at": placed_at,
        "lines": [{**_GOODS, "item_name": "Porcelain mug"}],
    }


_GOODS = {
    "line_no": 1,
    "item_no": "MUG-1",
    "unit": "piece",
    "quantity": "2",
    "price": "45.00",
    "total_price": "90.00",
    "origin_country": "GB",
}


def _listed() -> dict[str, Any]:
    return {
        **_GOODS,
        "goods_code": "6911101900",
        "goods_name": "Porcelain mug",
        "specification": "Teacup and Lantern, 350 ml",
        "first_quantity": "0.8",
        "first_unit": "kg",
    }
