"""Baseline's quarantine service: triage."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.quarantine.domain import triage
from services.quarantine.rulebook import bundled_rules
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.contracts.quarantine import QuarantineTriaged
from shared.kernel.gate import Gate
from tests.load.baseline.tables import TriageRow

HEARS = ("declaration",)
_gate = TypeAdapter(Gate)


async def handle(session: AsyncSession, events: Sequence[Event]) -> list[Event]:
    """Say of each filing what quarantine wants; once."""
    filed = [event for event in events if isinstance(event, DeclarationSubmitted)]
    ids = [each.declaration_id for each in filed]
    asked = sa.select(TriageRow.declaration_id).where(TriageRow.declaration_id.in_(ids))
    known = set(await session.scalars(asked)) if ids else set()
    said: list[Event] = []
    for each in filed:
        if each.declaration_id in known:
            continue
        made = triage(bundled_rules(), each.lines, each.certificates, each.filed_at)
        row = TriageRow(
            declaration_id=each.declaration_id, status=made.gate.status, gate=_gate.dump_json(made.gate)
        )
        session.add(row)
        said.append(
            QuarantineTriaged(
                declaration_id=each.declaration_id,
                version=each.version,
                parties=each.parties,
                gate=made.gate,
                rules=made.rules,
            )
        )
    return said
