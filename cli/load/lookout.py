"""Lookout: what the window tells of itself.

Its tally (for a client that reads all), the lag of each service (from its metrics, where the gateway shows them), and
the CPU of its processes when it runs on this machine. What is not shown is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from cli.load.purse import Purse
from cli.load.usage import Pids, cpu_seconds
from cli.load.wire import Wire

SERVICES = ("declaration", "tax", "quarantine", "logistics", "clearance")
_LAG = re.compile(rb"^consumer_lag\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)
OK = 200


class Tally(msgspec.Struct, frozen=True):
    """How many declarations stand where, as clearance counts."""

    filed: int
    permit: int
    refused: int
    cancelled: int
    held: dict[str, int]

    @property
    def done(self) -> int:
        """Those that have ended or that one agency holds; less than there are where several hold."""
        return self.permit + self.refused + self.cancelled + max(self.held.values(), default=0)


class Lookout:
    """Looks at a window as one client."""

    def __init__(self, wire: Wire, purse: Purse, client_id: str, pids: Pids) -> None:
        self._wire, self._purse, self._client_id, self._pids = wire, purse, client_id, pids

    async def tally(self) -> Tally | None:
        """Clearance's count of all; None where it is not this client's to see."""
        body = await self._get("/v1/clearance")
        return msgspec.json.decode(body, type=Tally) if body else None

    async def lags(self) -> dict[str, int]:
        """Records not yet handled, by service."""
        pages = {service: await self._get(f"/metrics/{service}") for service in SERVICES}
        return {service: lag_in(page) for service, page in pages.items() if page}

    def cpu(self) -> Mapping[str, float]:
        """CPU seconds of each process so far; nothing for a window elsewhere."""
        return cpu_seconds(self._pids) if self._pids else {}

    async def _get(self, path: str) -> bytes:
        head = self._wire.place.head("GET", path, self._purse.authorization(self._client_id))
        answer = await self._wire.ask(head)
        return answer.body if answer.status == OK else b""


def lag_in(page: bytes) -> int:
    """The lag of all topics on a page of metrics."""
    return int(sum(float(number) for number in _LAG.findall(page)))
