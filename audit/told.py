"""Told: what an event's body says, as far as an auditor asks.

One shape for all events: a field that an event does not have is empty. Unknown fields are passed over.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class Word(msgspec.Struct, frozen=True, gc=False):
    """A gate, as its agency said it."""

    agency: str
    status: str
    code: str = ""
    reason: str = ""
    awaits: str = ""
    due_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the declaration may pass."""
        return self.status in ("NOT_REQUIRED", "PASSED")


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line: of an assessment or a refund its amounts, of a submission or a return its goods and quantities."""

    line_no: int = 0
    quantity: Decimal = Decimal(0)
    declared: Decimal = Decimal(0)
    """Of a return: how much the whole line declares."""
    dutiable_value: Decimal = Decimal(0)
    customs_duty: Decimal = Decimal(0)
    consumption_tax: Decimal = Decimal(0)
    value_added_tax: Decimal = Decimal(0)
    goods_code: str = ""
    unit: str = ""
    first_quantity: Decimal | None = None
    first_unit: str = ""
    second_quantity: Decimal | None = None
    second_unit: str | None = None

    @property
    def total(self) -> Decimal:
        """Tax of the line."""
        return self.customs_duty + self.consumption_tax + self.value_added_tax


class Told(msgspec.Struct, frozen=True):
    """What an event says."""

    version: int = 1
    declaration_id: str = ""
    code: str = ""
    """Of the registry: party, client or key."""
    gate: Word | None = None
    filed_at: datetime | None = None
    declarant: str = ""
    guarantor: str = ""
    buyer: str = ""
    platform: str = ""
    order_no: str = ""
    carrier: str = ""
    waybill_no: str = ""
    rule_set: str = ""
    dutiable_value: Decimal = Decimal(0)
    tax_total: Decimal = Decimal(0)
    lines: tuple[Line, ...] = ()
    quota_returned: Decimal = Decimal(0)
    guarantee_returned: Decimal = Decimal(0)
    quota_used: Decimal = Decimal(0)
    permit_no: str = ""
    bill_no: str = ""
    total: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    request_id: str = ""
    requested_at: datetime | None = None
    issued_at: datetime | None = None
    released_at: datetime | None = None
    back_by: datetime | None = None
    arrived_at: datetime | None = None


_decoder = msgspec.json.Decoder(Told)


def read_told(body: bytes) -> Told | None:
    """What a body says; nothing when it cannot be read."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError):
        return None
