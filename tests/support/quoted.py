"""Quoted: law and offers as the tax service tells them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.portal.questions import EXAMPLE

LAW: dict[str, Any] = {
    "exchange_until": "2999-12-31",
    "currencies": ["CNY", "EUR", "GBP"],
    "jurisdictions": [
        {"code": "EU", "name": "European Union", "countries": ["DE", "FR"]}
        | {"country_names": {"DE": "Germany", "FR": "France"}},
        {"code": "CN", "name": "China", "countries": ["CN"], "country_names": {"CN": "China"}},
    ],
}
OFFER: dict[str, Any] = {
    "country": "CN",
    "channel": "cbec",
    "title": "Retail import",
    "open": True,
    "cheapest": True,
    "why": "500.09 CNY is within 5000.00 CNY an order",
    "obstacles": [],
    "rule_set": {
        "name": "CN-CBEC-2019-01-01",
        "valid_from": "2019-01-01",
        "valid_to": None,
        "source": "notice 49/2018",
        "confidence": "high",
        "note": "",
    },
    "tariff": "tariff-cn-demo",
    "on": "2026-11-20",
    "currency": "CNY",
    "exchange_rate": "8.9141281",
    "exchange_source": "reference rates",
    "goods_value": "459.97",
    "freight": "35.66",
    "insurance": "4.46",
    "lines": [
        {
            "line_no": 1,
            "goods_code": "3304990029",
            "goods": "Cosmetic and toilet preparations",
            "heading": "",
            "price": "459.97",
            "freight": "35.66",
            "insurance": "4.46",
            "charges": [
                {
                    "tax": "value-added tax",
                    "amount": "102.33",
                    "formula": "(320.00 + 0 + 0) x 0.13 = 41.6",
                    "source": "announcement 39/2019",
                    "confidence": "medium",
                }
            ],
        }
    ],
    "tax_waived": "0",
    "tax_total": "102.33",
    "landed_cost": "602.42",
    "landed_cost_in_quote_currency": "67.58",
    "quota_left": None,
    "eligibility": "positive list",
    "collected_by": "platform",
    "needs": ["the buyer's identity number"],
}
OBSTACLE = {
    "pointer": "/dispatch_country",
    "code": "E-CHANNEL-FROM",
    "detail": "the channel is not for goods sent from GB",
    "fix": "use another channel",
    "source": "announcement 43/2010",
}
CLOSED = OFFER | {
    "channel": "post-near",
    "title": "Personal parcel",
    "open": False,
    "cheapest": False,
    "obstacles": [OBSTACLE],
    "lines": [],
    "tax_waived": None,
    "tax_total": None,
    "landed_cost": None,
    "landed_cost_in_quote_currency": None,
}
REQUIREMENT = {
    "rule": "cosmetics_need_a_paper",
    "effect": "document_review",
    "line_nos": [1],
    "perhaps_line_nos": [],
    "papers": [["HEALTH", "ORIGIN"]],
    "issued_by": "any",
    "detail": "the goods are held for an officer unless HEALTH or ORIGIN is there",
    "fix": "file with HEALTH or ORIGIN, valid on the day of filing, for these lines",
    "source": "Cosmetics rules",
    "confidence": "L",
}
QUOTE = {
    "offers": [OFFER, CLOSED],
    "certificates": "Quarantine asks.",
    "requirements": [REQUIREMENT],
    "away": [],
}


def a_query(**typed: str) -> str:
    """What a browser sends of a form with one line of goods."""
    fields = {**EXAMPLE.head, **EXAMPLE.lines[0], **typed}
    return urlencode([("to", "CN"), *fields.items()])
