"""Books: the run's filings, as the window lists them.

Pages through the declarations of the run's time, several stretches at once, and asks for the gates of those that are
open. A few bytes a filing are kept: its status and its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from cli.faults import FORBIDDEN, Away, Fault
from cli.load.purse import Purse
from cli.load.wire import TRANSIENT, Wire

Standing = Literal["", "SUBMITTED", "PERMITTED", "REVOKED", "REFUSED", "CANCELLED", "HELD"]
STANDINGS: tuple[Standing, ...] = ("", "SUBMITTED", "PERMITTED", "REVOKED", "REFUSED", "CANCELLED", "HELD")
"""The window's words; empty for a number it does not list, HELD for an open one that somebody must act on."""
STRETCHES, TRIES = 4, 50
OK, NOT_HEARD = 200, "NOT_HEARD"


class Item(msgspec.Struct):
    """A line of the list."""

    declaration_id: str
    order_no: str
    status: str


class Page(msgspec.Struct):
    """A page of the list."""

    items: list[Item]
    next_cursor: str | None = None


class Gate(msgspec.Struct):
    """What one agency says."""

    status: str
    code: str = ""


class Gates(msgspec.Struct):
    """What all of them say of one declaration."""

    gates: list[Gate]

    @property
    def is_held(self) -> bool:
        """All have spoken, and one of them waits for somebody."""
        waits = [gate.code for gate in self.gates if gate.status == "HELD"]
        return bool(waits) and NOT_HEARD not in waits


@dataclass(slots=True)
class Found:
    """Where every number of the run stands at the window."""

    standings: bytearray
    ids: bytearray
    twice: list[str] = field(default_factory=list)
    """Order numbers under which two declarations are listed."""

    @classmethod
    def nothing(cls, count: int) -> Found:
        """Before the first look."""
        return cls(bytearray(count), bytearray(16 * count))

    def standing(self, number: int) -> Standing:
        """Where a number stands."""
        return STANDINGS[self.standings[number]]

    def note(self, number: int, standing: Standing, declaration_id: str) -> None:
        """A number is listed."""
        known, place = UUID(declaration_id).bytes, slice(16 * number, 16 * number + 16)
        if self.standings[number] and self.ids[place] != known:
            self.twice.append(f"{number}")
        self.ids[place] = known
        self.standings[number] = STANDINGS.index(standing)

    def id_of(self, number: int) -> str:
        """The declaration of a number."""
        return str(UUID(bytes=bytes(self.ids[16 * number : 16 * number + 16])))

    def all_of(self, standing: Standing) -> Iterable[int]:
        """The numbers that stand so."""
        wanted = STANDINGS.index(standing)
        return (number for number, found in enumerate(self.standings) if found == wanted)


class Books:
    """The list of a window, read as some clients (one that reads all, or all that filed)."""

    def __init__(self, wire: Wire, purse: Purse, clients: Sequence[str], run: str) -> None:
        self._wire, self._purse, self._clients, self._prefix = wire, purse, tuple(clients), f"{run}-"

    async def read(self, count: int, since: datetime, until: datetime) -> Found:
        """Every number below `count` that was filed within a time."""
        found = Found.nothing(count)
        step = (until - since) / STRETCHES
        stretches = [(since + step * place, since + step * (place + 1)) for place in range(STRETCHES)]
        for client in self._clients:
            await asyncio.gather(*(self._stretch(client, found, *stretch) for stretch in stretches))
        return found

    async def hold(self, found: Found) -> None:
        """Tell the open ones that somebody must act on from those that are on their way."""
        numbers = iter(list(found.all_of("SUBMITTED")))

        async def ask() -> None:
            for number in numbers:
                declaration_id = found.id_of(number)
                if await self._is_held(declaration_id):
                    found.note(number, "HELD", declaration_id)

        await asyncio.gather(*(ask() for _ in range(STRETCHES)))

    async def _is_held(self, declaration_id: str) -> bool:
        """Asked by the clients in turn: to those that have no part in it, it is not there."""
        for client in self._clients:
            if body := await self._get(client, f"/v1/clearance/{declaration_id}"):
                return msgspec.json.decode(body, type=Gates).is_held
        return False

    async def _stretch(self, client: str, found: Found, since: datetime, until: datetime) -> None:
        cursor: str | None = ""
        while cursor is not None:
            asked = {"filed_from": since.isoformat(), "filed_to": until.isoformat(), "limit": 100}
            query = urlencode(asked | ({"cursor": cursor} if cursor else {}))
            body = await self._get(client, f"/v1/declarations?{query}")
            if not body:
                raise Fault(
                    f"{client} may not read its declarations, so the run cannot be counted",
                    "give the client declarations:read",
                    FORBIDDEN,
                )
            page = msgspec.json.decode(body, type=Page)
            for item in page.items:
                self._note(found, item)
            cursor = page.next_cursor

    def _note(self, found: Found, item: Item) -> None:
        tail = item.order_no.removeprefix(self._prefix)
        if tail != item.order_no and tail.isdigit() and int(tail) < len(found.standings):
            standing = next(known for known in STANDINGS if known == item.status)
            found.note(int(tail), standing, item.declaration_id)

    async def _get(self, client: str, path: str) -> bytes:
        """A page; a window that is busy or away now is asked again. Empty for what is not to be seen."""
        answer = await self._wire.ask_again(
            lambda: self._wire.place.head("GET", path, self._purse.authorization(client)), tries=TRIES
        )
        if answer.status in TRANSIENT:
            raise Away(self._wire.place.host, f"status {answer.status} at {path}")
        return answer.body if answer.status == OK else b""
