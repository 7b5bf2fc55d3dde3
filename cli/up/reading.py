"""Reading: where the orders of a run stand.

Pages through the declarations filed since the run began (cheap, at every look), and asks for the gates of those whose
end has just come or that rest (once each, and again for those that are held).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.up.accounting import Hold, Key, Kind, Standing
from cli.up.link import Link
from sandbox.parties import Client

ENDS: Mapping[str, Kind] = {
    "PERMITTED": "permit",
    "REVOKED": "permit",
    "REFUSED": "refused",
    "CANCELLED": "cancelled",
}
SILENT = "NOT_HEARD"
"""Code of a gate whose agency has not spoken yet."""
PAGE, AT_ONCE, NOT_FOUND = 100, 8, 404
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the list: every declaration of the run, by where it stands."""

    rows: tuple[Row, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many stand where."""
        return Counter(str(row["status"]) for row in self.rows)

    @property
    def settled(self) -> int:
        """How many have ended."""
        return sum(1 for row in self.rows if row["status"] in ENDS)


class Reader:
    """Looks at the declarations of a run, again and again."""

    def __init__(self, link: Link, client: Client, since: datetime) -> None:
        self._link, self._client, self._since = link, client, since
        self._ended: dict[str, Standing] = {}
        self.first_permit_at: datetime | None = None

    async def look(self) -> Look:
        """The list as it is now."""
        rows: list[Row] = []
        cursor: str | None = ""
        while cursor is not None:
            asked = {"filed_from": self._since.isoformat(), "limit": PAGE}
            page = await self._get("/v1/declarations", asked | ({"cursor": cursor} if cursor else {}))
            rows += page["items"]
            cursor = page.get("next_cursor")
        return Look(rows=tuple(rows))

    async def standings(self, look: Look) -> list[Standing]:
        """The standing of every declaration of a look, with its gates where they matter."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(row: Row) -> Standing:
            async with turn:
                return await self._standing(row)

        return list(await asyncio.gather(*(one(row) for row in look.rows)))

    async def declared(self, keys: Collection[Key]) -> dict[Key, str]:
        """Those of some orders that have a declaration, and its id."""
        found: dict[Key, str] = {}
        for platform, order_no in keys:
            page = await self._get(
                "/v1/declarations", {"platform": platform, "order_no": order_no, "limit": 1}
            )
            for row in page["items"]:
                found[platform, order_no] = str(row["declaration_id"])
        return found

    async def _get(self, path: str, params: Mapping[str, object]) -> Any:
        return await self._link.json(self._client, "GET", path, params=params)

    async def _standing(self, row: Row) -> Standing:
        declaration_id = str(row["declaration_id"])
        known = self._ended.get(declaration_id)
        if known is not None:
            return known
        standing = standing_of(row, await self._gates(declaration_id))
        if row["status"] in ENDS:
            self._ended[declaration_id] = standing
            self._note_permit(row, standing)
        return standing

    async def _gates(self, declaration_id: str) -> tuple[Row, ...]:
        answer = await self._link.call(self._client, "GET", f"/v1/clearance/{declaration_id}")
        return tuple(answer.json()["gates"]) if not answer.is_error else ()

    def _note_permit(self, row: Row, standing: Standing) -> None:
        if standing.seconds is not None:
            at = datetime.fromtimestamp(
                _moment(row["filed_at"]).timestamp() + standing.seconds, self._since.tzinfo
            )
            self.first_permit_at = min(self.first_permit_at or at, at)


def standing_of(row: Row, gates: Iterable[Row]) -> Standing:
    """Where an order stands, from its line in the list and its gates."""
    gates = tuple(gates)
    kind = ENDS.get(str(row["status"])) or _kind_of(gates)
    refusing = next((gate for gate in gates if gate["status"] == "REFUSED"), None)
    code = str(row.get("code") or (refusing or {}).get("code") or "")
    return Standing(
        key=(str(row["platform"]), str(row["order_no"])),
        kind=kind,
        declaration_id=str(row["declaration_id"]),
        agency=str(refusing["agency"]) if kind == "refused" and refusing else "",
        codes=(code,) if code else (),
        holds=tuple(map(_hold, _held(gates))) if kind == "held" else (),
        permit_no=str(row.get("permit_no") or ""),
        seconds=_seconds(row, gates) if kind == "permit" else None,
    )


def _kind_of(gates: Collection[Row]) -> Kind:
    """Held when every agency has spoken and one of them waits; else still open."""
    has_silent = any(gate.get("code") == SILENT for gate in gates)
    return "held" if gates and not has_silent and _held(gates) else "open"


def _held(gates: Iterable[Row]) -> list[Row]:
    return [gate for gate in gates if gate["status"] == "HELD"]


def _hold(gate: Row) -> Hold:
    fields = ("agency", "code", "reason", "awaits", "due_at")
    return Hold(**{name: str(gate.get(name) or "") for name in fields})


def _seconds(row: Row, gates: Iterable[Row]) -> float | None:
    """From filing to permit: it is issued in the moment in which the last gate is heard."""
    heard = [_moment(gate["since"]) for gate in gates if gate.get("since")]
    return (max(heard) - _moment(row["filed_at"])).total_seconds() if heard else None


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
