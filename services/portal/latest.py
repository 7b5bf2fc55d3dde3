"""The latest declarations: a list, and what holds the open ones.

The list is the declaration service's; what holds a declaration, clearance knows. Either may be away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.portal.sheet import Sheet, sheet_of
from services.portal.upstream import Answer

SHOWN = 15
"""Declarations on the live page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the live page lists."""

    sheets: tuple[Sheet, ...] = ()
    away: str = ""
    """The service without which the list, or what holds its declarations, is not known now."""
    is_told: bool = False
    """Whether there is a list."""
    is_cut: bool = False
    """Whether there are more, older than these."""


class Seeing(Protocol):
    """Whoever may see declarations."""

    async def see(self, service: str, path: str) -> Answer:
        """A document of a service."""
        ...


async def list_of(desk: Seeing, asked: str = f"limit={SHOWN}") -> Listed:
    """The list as it is now, narrowed to what is asked for."""
    answer = await desk.see("declaration", f"/v1/declarations?{asked}")
    told = answer.body.get("items") if answer.is_good and isinstance(answer.body, dict) else None
    if not isinstance(told, list):
        return Listed(away=answer.away or "declaration")
    gates = await _gates(desk, [row for row in told if row.get("status") == "SUBMITTED"])
    known = gates.body if gates.is_good and isinstance(gates.body, dict) else {}
    sheets = tuple(sheet_of({**row, "clearance": known.get(row.get("declaration_id"))}) for row in told)
    missing = "" if gates.is_good else gates.away or "clearance"
    return Listed(sheets=sheets, away=missing, is_told=True, is_cut=bool(answer.body.get("next_cursor")))


async def _gates(desk: Seeing, rows: Sequence[Mapping[str, Any]]) -> Answer:
    """The gates of some declarations, by their ids."""
    if not rows:
        return Answer(status=200)
    asked = ",".join(str(row["declaration_id"]) for row in rows)
    return await desk.see("clearance", f"/internal/gates?declaration_ids={asked}")
