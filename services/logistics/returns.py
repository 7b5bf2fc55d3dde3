"""Returned goods: awaited, back, overdue.

An admitted return is awaited under the waybill that the goods came with, until clearance's deadline. A carrier's
report and the deadline meet under the head of the declaration: a return is back in time or overdue, never both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from services.logistics.booking import Booking
from services.logistics.domain import AHEAD
from services.logistics.waybills import WEIGHT_KG, WEIGHT_SHARE, Arrival
from shared.kernel.refusal import Refusal

Status = Literal["AWAITED", "BACK", "OVERDUE"]
WINDOW = "customs announcement 45/2020: back on the original site within the days of the window"


TO_REPORT = timedelta(days=1)
"""How long after their term goods that were back in time may be reported (ours): a service that was away over
midnight must not lapse what a carrier could not tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedReturn:
    """The goods of an admitted return, and what became of them."""

    declaration_id: str
    version: int
    request_id: str
    parties: tuple[str, ...]
    carrier: str
    waybill_no: str
    released_at: datetime
    back_by: datetime
    site: str
    """Where the goods arrived first; empty where nobody reported that: then any site is taken."""
    gross_weight: Decimal
    """kg of the whole consignment, as booked."""
    status: Status = "AWAITED"
    arrived: Arrival | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReturn:
    """A carrier's order: note that the goods of a return are on their site. `declaration_id` is the number's holder
    as last seen, if any."""

    declaration_id: str | None
    carrier: str
    waybill_no: str
    request_id: str
    arrived_at: datetime
    site: str
    packages: int
    gross_weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsOverdue:
    """The time for the goods of a release to be back is over; all its returns have the same."""

    declaration_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report beside the return that it is about."""

    order: ReportReturn
    awaited: AwaitedReturn
    now: datetime


class NotBooked(ValueError):
    """A return of goods that logistics never booked: the message is wrong, not the books."""


def must_have_happened(report: Report) -> Refusal | None:
    """Nothing is back in the future, nor before it was let go; a carrier's clock may run ahead ten minutes."""
    order, awaited = report.order, report.awaited
    if order.arrived_at > report.now + AHEAD:
        return _refusal("E-LOG-ARRIVAL-TIME", "must_have_happened", _at(order, "is still to come"), _WHEN)
    if order.arrived_at < awaited.released_at:
        why = f"is before {awaited.released_at.isoformat()}, when the goods were released"
        return _refusal("E-LOG-ARRIVAL-TIME", "must_have_happened", _at(order, why), _WHEN)
    return None


def must_be_in_time(report: Report) -> Refusal | None:
    """Back before the window closes. Source: announcement 45/2020."""
    order, awaited = report.order, report.awaited
    if order.arrived_at < awaited.back_by and awaited.status != "OVERDUE":
        return None
    what = (
        f"released at {awaited.released_at.isoformat()}, the goods were to be reported back before "
        f"{awaited.back_by.isoformat()}"
    )
    fix = "the return has ended: tax and quota stay used"
    return _refusal("E-RETURN-WINDOW", "must_be_in_time", what, fix, WINDOW)


def must_be_where_it_came(report: Report) -> Refusal | None:
    """Back on the site it arrived on, where that is known. Source: announcement 45/2020, the original zone; that
    the site stands for the zone is our reading."""
    order, awaited = report.order, report.awaited
    if awaited.site in ("", order.site):
        return None
    what = f"the goods came in at {awaited.site}, and are reported at {order.site}"
    fix = f"bring them to {awaited.site} and report them there"
    return _refusal("E-LOG-RETURN-SITE", "must_be_where_it_came", what, fix, WINDOW)


def must_not_weigh_more(report: Report) -> Refusal | None:
    """Not heavier than the whole consignment was, with the margin of R10. Source: reference R22, return fraud."""
    order, booked = report.order, report.awaited.gross_weight
    over = order.gross_weight - booked
    if over <= WEIGHT_KG or over <= booked * WEIGHT_SHARE:
        return None
    what = f"{order.gross_weight} kg are back, the whole consignment weighed {booked} kg"
    fix = "weigh it again; what was never released cannot be returned"
    return _refusal("E-LOG-RETURN-WEIGHT", "must_not_weigh_more", what, fix, "reference R22")


RULES: tuple[Callable[[Report], Refusal | None], ...] = (
    must_have_happened,
    must_be_in_time,
    must_be_where_it_came,
    must_not_weigh_more,
)


def await_return(booking: Booking | None, admitted: AwaitedReturn) -> AwaitedReturn:
    """What is admitted, with the number, site and weight of its booking."""
    if booking is None or booking.version != admitted.version:
        raise NotBooked(f"version {admitted.version} of {admitted.declaration_id} has no booking")
    return replace(
        admitted,
        carrier=booking.carrier,
        waybill_no=booking.waybill_no,
        site=booking.arrived.site if booking.arrived else "",
        gross_weight=booking.gross_weight,
    )


def find(order: ReportReturn, awaited: Sequence[AwaitedReturn]) -> AwaitedReturn:
    """The return that a carrier's report is about; of another's waybill it is told nothing."""
    wanted = order.request_id, order.carrier, order.waybill_no
    for each in awaited:
        if (each.request_id, each.carrier, each.waybill_no) == wanted:
            return each
    what = f"no return {order.request_id} is awaited under waybill {order.waybill_no} of {order.carrier}"
    fix = "name the return as it was admitted, and the waybill that the goods came with"
    raise _refusal("E-LOG-RETURN", "find", what, fix)


def back(order: ReportReturn, awaited: AwaitedReturn, now: datetime) -> AwaitedReturn | None:
    """The return with its goods back; None when they were reported before; raises what is wrong."""
    if awaited.status == "BACK":
        return None
    report = Report(order=order, awaited=awaited, now=now)
    refusal = next((refusal for rule in RULES if (refusal := rule(report))), None)
    if refusal is not None:
        raise refusal
    arrival = Arrival(
        arrived_at=order.arrived_at,
        site=order.site,
        packages=order.packages,
        gross_weight=order.gross_weight,
        reported_at=now,
    )
    return replace(awaited, status="BACK", arrived=arrival)


def overdue(
    batch: Sequence[ReturnsOverdue], awaited: Mapping[str, Sequence[AwaitedReturn]]
) -> list[AwaitedReturn]:
    """The returns of these releases that are still awaited."""
    return [
        replace(each, status="OVERDUE")
        for order in batch
        for each in awaited.get(order.declaration_id, ())
        if each.version == order.version and each.status == "AWAITED"
    ]


def _at(order: ReportReturn, why: str) -> str:
    return f"arrived_at {order.arrived_at.isoformat()} {why}"


_WHEN = "report the goods when they are back, with the day and the offset of its zone"


def _refusal(code: str, rule: str, detail: str, fix: str, source: str = "") -> Refusal:
    return Refusal(code, detail, status=422, rule=rule, fix=fix, source=source)
