"""Refund sayings: a return in, what it gives back out."""

from __future__ import annotations

from services.tax.refunding.refunds import GoodsBack, Refund, RefundedLine
from shared.contracts.clearance import ReturnCompleted
from shared.contracts.tax import LineTax, TaxRefunded


def goods_back(done: ReturnCompleted) -> GoodsBack:
    """What is heard: the goods of a return are back."""
    return GoodsBack(
        declaration_id=done.declaration_id,
        version=done.version,
        request_id=done.request_id,
        parts=done.lines,
    )


def refunded(refund: Refund, done: ReturnCompleted) -> TaxRefunded:
    """What they bore is given back."""
    return TaxRefunded(
        declaration_id=refund.declaration_id,
        version=refund.version,
        parties=done.parties,
        request_id=refund.request_id,
        tax_total=refund.taxes.total,
        quota_returned=refund.quota,
        lines=tuple(refunded_line(line) for line in refund.lines),
    )


def refunded_line(line: RefundedLine) -> LineTax:
    """What one line gives back."""
    return LineTax(
        line_no=line.line_no,
        dutiable_value=line.back.quota,
        customs_duty=line.back.customs_duty,
        consumption_tax=line.back.consumption_tax,
        value_added_tax=line.back.value_added_tax,
    )
