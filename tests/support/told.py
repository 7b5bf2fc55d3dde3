"""Told: facts and timelines as the services tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

FILED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DECLARATION = "019732f0-2a80-7000-8000-000000000001"
AT = f"/v1/declarations/{DECLARATION}"
SHOWN: dict[str, Any] = {
    "declaration_id": DECLARATION,
    "version": 1,
    "status": "SUBMITTED",
    "filed_at": "2026-03-01T12:00:00Z",
    "order_no": "<b>536365</b>",
    "seller": "SELLER0001",
    "platform": "PLATFORM01",
    "lane": "green",
    "permit_no": "",
    "clearance": {
        "gates": [
            {
                "agency": "customs",
                "status": "PASSED",
                "since": "2026-03-01T12:00:00Z",
                "code": "",
                "reason": "",
            },
            {
                "agency": "tax",
                "status": "HELD",
                "code": "AWAITING_PAYMENT",
                "reason": "the tax is not secured",
                "awaits": "declarant",
                "due_at": "2026-03-16T12:00:00Z",
            },
            {"agency": "quarantine", "status": "HELD", "code": "NOT_HEARD", "reason": "has not spoken yet"},
        ]
    },
}


def told(source: str, seq: int, name: str, ms: float = 0, **changes: Any) -> dict[str, Any]:
    """One fact of a timeline, some milliseconds after the filing."""
    at = FILED + timedelta(milliseconds=ms)
    return {
        "source": source,
        "seq": seq,
        "type": f"{source}.{name}.v1",
        "version": 1,
        "recorded_at": at.isoformat(),
        "event": {},
    } | changes


def gate(status: str, code: str = "") -> dict[str, Any]:
    """The event of a fact that speaks a gate."""
    return {"gate": {"agency": "tax", "status": status, "code": code, "reason": "because", "awaits": ""}}


def cleared() -> list[dict[str, Any]]:
    """A declaration that went through in a blink."""
    return [
        told("clearance", 1, "permit-issued", 40),
        told("declaration", 1, "submitted", event=gate("PASSED")),
        told("tax", 1, "assessed", 12, event=gate("PASSED")),
        told("quarantine", 1, "triaged", 12, event=gate("NOT_REQUIRED")),
        told("logistics", 1, "booked", 15, event=gate("PASSED")),
        told("tax", 2, "committed", 55),
    ]
