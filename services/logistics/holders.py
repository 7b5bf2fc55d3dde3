"""Holders: which declaration holds each waybill number that a carrier reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from services.logistics.domain import ReportArrival
from services.logistics.returns import ReportReturn
from services.logistics.store import SqlConsignments
from shared.runtime.database import reading

Report = TypeVar("Report", ReportArrival, ReportReturn)


async def with_holders(engine: AsyncEngine, reports: Sequence[Report]) -> list[Report]:
    """One carrier's reports with the declarations that hold their numbers, as last seen: nothing is locked."""
    if not reports:
        return []
    async with reading(engine) as connection:
        numbers = [report.waybill_no for report in reports]
        holders = await SqlConsignments(connection).holders(reports[0].carrier, numbers)
    return [replace(report, declaration_id=holders.get(report.waybill_no)) for report in reports]
