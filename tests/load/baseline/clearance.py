"""Baseline's clearance service: hear all gates, issue the permit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearance import domain, sayings
from services.clearance.domain import Case
from services.clearance.handlers import news_of, settled
from services.clearance.permit import Draft, declared
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.contracts.logistics import ConsignmentBooked
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.tax import TaxAssessed
from tests.load.baseline.tables import PERMIT_NUMBERS, CaseRow, PermitRow, put_missing

HEARS = ("declaration", "tax", "quarantine", "logistics")
KEY = "baseline-key"
Spoken = DeclarationSubmitted | TaxAssessed | QuarantineTriaged | ConsignmentBooked
_read_case = msgspec.json.Decoder(Case).decode


async def handle(session: AsyncSession, events: Sequence[Event]) -> list[Event]:
    """Hear what agencies say, and decide the cases it decides."""
    spoken = [event for event in events if isinstance(event, Spoken)]
    if not spoken:
        return []
    now = datetime.now(UTC)
    rows = await _locked(session, sorted({event.declaration_id for event in spoken}))
    before = {key: _read(row) for key, row in rows.items()}
    heard = dict(before)
    for event in spoken:
        heard[event.declaration_id] = domain.hear(heard[event.declaration_id], news_of(event, now))
        if isinstance(event, DeclarationSubmitted):
            rows[event.declaration_id].declared = declared(event)
    ready = [case for case in heard.values() if domain.due(case) == "PERMIT"]
    drafts = await _drafts(session, ready, rows)
    after = {key: settled(case, drafts.get(key), now) for key, case in heard.items()}
    for key, case in after.items():
        rows[key].status, rows[key].body = case.status, msgspec.json.encode(case)
    session.add_all(
        _permit(case) for case in after.values() if before[case.declaration_id].status != case.status
    )
    return [word for key, case in after.items() for word in sayings.outcome(before[key], case)]


async def _locked(session: AsyncSession, ids: Sequence[str]) -> dict[str, CaseRow]:
    await put_missing(session, CaseRow, [{"declaration_id": each} for each in ids])
    asked = sa.select(CaseRow).where(CaseRow.declaration_id.in_(ids)).order_by(CaseRow.declaration_id)
    return {row.declaration_id: row for row in await session.scalars(asked.with_for_update())}


async def _drafts(session: AsyncSession, ready: Sequence[Case], rows: dict[str, CaseRow]) -> dict[str, Draft]:
    if not ready:
        return {}
    series = sa.func.generate_series(1, len(ready)).table_valued("n")
    numbers = await session.scalars(sa.select(PERMIT_NUMBERS.next_value()).select_from(series))
    return {
        case.declaration_id: Draft(
            running_no=number, key_id=KEY, declared=rows[case.declaration_id].declared or b""
        )
        for case, number in zip(ready, numbers, strict=True)
    }


def _read(row: CaseRow) -> Case:
    return _read_case(row.body) if row.body else Case(declaration_id=row.declaration_id)


def _permit(case: Case) -> PermitRow:
    permit = case.permit
    if permit is None:
        raise ValueError(f"{case.declaration_id} ended as {case.status}: the baseline files what passes")
    return PermitRow(
        permit_no=permit.permit_no,
        declaration_id=case.declaration_id,
        issued_at=permit.issued_at,
        covers_sha256=permit.covers_sha256,
    )
