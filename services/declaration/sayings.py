"""Sayings: a filing as the event that tells it."""

from __future__ import annotations

from datetime import datetime

from services.declaration.filing import Filing
from services.declaration.risk import gate_of
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.ids import DeclarationId
from shared.kernel.review import Review


def submitted(
    filing: Filing, declaration_id: DeclarationId, version: int, now: datetime
) -> DeclarationSubmitted:
    """The event of a filing, as a version of a declaration."""
    submission = filing.submission
    order, waybill, papers = submission.order, submission.waybill, submission.list
    return DeclarationSubmitted(
        declaration_id=declaration_id,
        version=version,
        parties=filing.parties,
        filed_at=now,
        mode=submission.mode,
        declarant=papers.declarant_code,
        guarantor=papers.guarantor_code,
        seller=order.seller_code,
        platform=order.platform_code,
        order_no=order.order_no,
        buyer=filing.buyer,
        carrier=waybill.carrier_code,
        waybill_no=waybill.waybill_no,
        transport=waybill.transport,
        arrival=submission.arrival,
        dispatch_country=papers.dispatch_country,
        packages=papers.packages,
        gross_weight=papers.gross_weight,
        net_weight=papers.net_weight,
        goods_value=order.goods_value,
        freight=papers.freight,
        insurance=papers.insurance,
        discount=order.discount,
        actual_paid=order.actual_paid,
        certificates=papers.certificates,
        lines=papers.lines,
        content_hash=filing.content_hash,
        lane=filing.risk.lane,
        gate=gate_of(filing.risk.lane, now),
    )


def reviews_of(events: list[DeclarationSubmitted], now: datetime) -> list[Review]:
    """The officers' work that held versions make."""
    return [
        Review(
            declaration_id=event.declaration_id,
            version=event.version,
            code=event.gate.code,
            reason=event.gate.reason,
            parties=event.parties,
            opened_at=now,
            due_at=event.gate.due_at or now,
        )
        for event in events
        if event.gate.status == "HELD"
    ]
