"""Arrivals: what the carriers report.

For every parcel that is declared on arrival and does arrive; a few weigh otherwise than they were booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from sandbox.chance import Chance
from sandbox.importer import Filing

SITE = "HGH-CARGO-2"
WEIGHS_OTHERWISE = 3
"""Of a hundred parcels, those whose weight is far from the booked one."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel on site, as `POST /v1/consignments/arrivals` takes it. Weight in kg."""

    waybill_no: str
    arrived_at: datetime
    site: str
    packages: int
    gross_weight: Decimal


def arrivals_of(filings: Iterable[Filing], chance: Chance, now: datetime) -> Iterator[tuple[str, Arrival]]:
    """Carrier and arrival of each parcel that is waited for and comes."""
    for filing in filings:
        waybill = filing.submission.waybill
        if filing.submission.arrival == "on_site" and not filing.never_arrives:
            otherwise = chance.percent(WEIGHS_OTHERWISE, "weighs otherwise", filing.source_no)
            yield (
                waybill.carrier_code,
                Arrival(
                    waybill_no=waybill.waybill_no,
                    arrived_at=now,
                    site=SITE,
                    packages=waybill.packages,
                    gross_weight=waybill.gross_weight * 2 + 1 if otherwise else waybill.gross_weight,
                ),
            )
