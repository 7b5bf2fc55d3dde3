"""Sayings: what logistics says of a booking.

One small function an event, from what the decisions return to what the contract promises.
"""

from __future__ import annotations

from decimal import Decimal

from services.logistics.booking import Booking, gate_of
from services.logistics.heard import Submitted
from services.logistics.returns import AwaitedReturn
from services.logistics.waybills import Arrival
from shared.contracts.clearance import PermitIssued, ReturnAdmitted
from shared.contracts.logistics import (
    ConsignmentArrived,
    ConsignmentBooked,
    ConsignmentGatedOut,
    GoodsReturned,
    LogisticsDecided,
    ReturnOverdue,
)
from shared.kernel.ids import DeclarationId


def wish_of(filed: Submitted) -> Booking:
    """What is heard: the booking that a submission asks for."""
    return Booking(
        declaration_id=filed.declaration_id,
        version=filed.version,
        parties=filed.parties,
        filed_at=filed.filed_at,
        mode=filed.mode,
        carrier=filed.carrier,
        waybill_no=filed.waybill_no,
        transport=filed.transport,
        arrival=filed.arrival,
        packages=filed.packages,
        gross_weight=filed.gross_weight,
    )


def booked(booking: Booking) -> ConsignmentBooked:
    """The first word on a version: passed, held or refused."""
    return ConsignmentBooked(
        declaration_id=DeclarationId(booking.declaration_id),
        version=booking.version,
        parties=booking.parties,
        gate=gate_of(booking),
        carrier=booking.carrier,
        waybill_no=booking.waybill_no,
    )


def arrived(booking: Booking, arrival: Arrival) -> ConsignmentArrived:
    """The goods are on site."""
    return ConsignmentArrived(
        declaration_id=DeclarationId(booking.declaration_id),
        version=booking.version,
        parties=booking.parties,
        gate=gate_of(booking),
        arrived_at=arrival.arrived_at,
        site=arrival.site,
    )


def decided(booking: Booking, officer: str = "") -> LogisticsDecided:
    """The gate after an officer's word, or after a deadline."""
    return LogisticsDecided(
        declaration_id=DeclarationId(booking.declaration_id),
        version=booking.version,
        parties=booking.parties,
        gate=gate_of(booking),
        officer=officer,
    )


def gated_out(permit: PermitIssued) -> ConsignmentGatedOut:
    """The goods may leave."""
    return ConsignmentGatedOut(
        declaration_id=permit.declaration_id,
        version=permit.version,
        parties=permit.parties,
        permit_no=permit.permit_no,
    )


def awaited_return(admitted: ReturnAdmitted) -> AwaitedReturn:
    """What is heard: a return whose goods are to come back."""
    return AwaitedReturn(
        declaration_id=admitted.declaration_id,
        version=admitted.version,
        request_id=admitted.request_id,
        parties=admitted.parties,
        carrier="",
        waybill_no="",
        released_at=admitted.released_at,
        back_by=admitted.back_by,
        site="",
        gross_weight=Decimal(0),
    )


def goods_returned(back: AwaitedReturn, arrived: Arrival) -> GoodsReturned:
    """The goods of a return are back on their site."""
    return GoodsReturned(
        declaration_id=DeclarationId(back.declaration_id),
        version=back.version,
        parties=back.parties,
        request_id=back.request_id,
        arrived_at=arrived.arrived_at,
        site=arrived.site,
        packages=arrived.packages,
        gross_weight=arrived.gross_weight,
    )


def return_overdue(late: AwaitedReturn) -> ReturnOverdue:
    """Nobody has reported them in time."""
    return ReturnOverdue(
        declaration_id=DeclarationId(late.declaration_id),
        version=late.version,
        parties=late.parties,
        request_id=late.request_id,
    )
