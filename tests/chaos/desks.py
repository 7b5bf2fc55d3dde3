"""Desks: officers who decide what waits for them, and the operator who looks after what is parked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from cli.faults import Fault
from cli.up.link import Link
from tests.chaos.load import client
from tests.chaos.world import HEARERS

AGENCIES = ("customs", "quarantine", "logistics", "tax")
PAUSE = 0.5
TROUBLE = (Fault, httpx.HTTPError, KeyError, ValueError)
BY_BAD_RELEASE = "does not exist"


async def officer(link: Link, agency: str, verdicts: Mapping[str, str]) -> None:
    """Decide what is in an agency's queue, for ever."""
    who = client(f"officer-{agency}")
    while True:
        with suppress(*TROUBLE):
            queue = await link.json(who, "GET", f"/v1/reviews/{agency}?limit=50", timeout=5.0)
            for item in queue["items"]:
                await _decide(link, agency, item["declaration_id"], verdicts)
        await asyncio.sleep(PAUSE)


async def _decide(link: Link, agency: str, declaration_id: str, verdicts: Mapping[str, str]) -> None:
    """Claim and decide; one who comes too late is told so, and goes on."""
    who, path = client(f"officer-{agency}"), f"/v1/reviews/{agency}/{declaration_id}"
    claimed = await link.call(who, "POST", f"{path}/claim", timeout=10.0)
    if claimed.status_code != 200:
        return
    verdict = verdicts.get(declaration_id, "pass") if agency == "quarantine" else "pass"
    held = claimed.json()
    wish = {"version": held["version"], "lease_no": held["lease_no"], "verdict": verdict}
    await link.call(who, "POST", f"{path}/decision", json={**wish, "reason": "seen"}, timeout=10.0)


class Operator:
    """Drops what we planted, releases what a bad release had parked; what else is parked is a finding."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.dropped: set[str] = set()
        """What stands for records without a name, which only we put on topics."""
        self.findings: dict[str, str] = {}

    async def run(self) -> None:
        """For ever."""
        while True:
            with suppress(*TROUBLE):
                await self.look()
            await asyncio.sleep(2)

    async def look(self) -> None:
        """Every service's parked events, once."""
        for service in HEARERS:
            rows = await self._link.json(
                client("operator"), "GET", _path(service) + "?limit=500", timeout=5.0
            )
            for row in rows:
                await self._mend(service, row)

    async def _mend(self, service: str, row: dict[str, Any]) -> None:
        path = f"{_path(service)}/{row['subject_id']}/{row['source']}/{row['seq']}"
        if row["seq"] == 0:
            await self._post(f"{path}/drop", {"reason": "planted by the campaign"})
            self.dropped.add(row["subject_id"])
        elif BY_BAD_RELEASE in row["error"]:
            await self._post(f"{path}/release", None)
        else:
            self.findings[path] = f"{row['error_class']}: {row['error']}"

    async def _post(self, path: str, body: object) -> None:
        await self._link.call(client("operator"), "POST", path, json=body, timeout=10.0)


def _path(service: str) -> str:
    return f"/v1/operations/{service}/parked"
