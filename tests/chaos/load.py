"""Load: sellers, carriers and agents, at a steady rate whatever the window does (open loop).

Each parcel is a journey of its own. Who gets no answer asks again, under the same Idempotency-Key and the same
natural keys; one call in eight is given up by its caller after some milliseconds, as if the line had broken.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from cli.faults import Fault
from cli.up.link import AGAIN, Link
from sandbox.parties import Client, client_named
from services.declaration.submission import Submission
from tests.chaos.parcels import Parcels
from tests.flows.parcels import body_of, sweets

IMPATIENT = 8
"""One call in so many is given up early."""
PATIENT, PATIENCE, FIRST_PAUSE, LONGEST_PAUSE = 15.0, 240.0, 0.3, 12.0
"""Seconds: for one call, for all tries of it, between two tries at first and at the most."""
AT_ONCE = 48
"""Calls that are out at one moment."""
JSON = {"Content-Type": "application/json"}
CONSIGNMENTS = "/v1/consignments/"


def client(name: str) -> Client:
    """A client of the sandbox."""
    found = client_named(name)
    assert found is not None
    return found


AGENT, CARRIER = client("agent00001"), client("carrier001")


class Load:
    """Everybody who uses the window, and what they were told."""

    def __init__(self, link: Link, seed: int, rate: float, spoilt: Mapping[str, float] | None = None) -> None:
        self._link, self._rate, self._spoilt = link, rate, spoilt or {}
        self._chance, self._parcels = random.Random(f"load-{seed}"), Parcels(f"parcels-{seed}")
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self.acknowledged: list[str] = []
        self.verdicts: dict[str, str] = {}
        """What an officer shall decide, where not to pass."""
        self.requests: list[str] = []
        """Where each amendment or cancellation can be read that was taken in."""
        self.answers: Counter[str] = Counter()
        self.surprises: list[str] = []
        """What no caller should ever see."""

    async def run(self, until: asyncio.Event) -> None:
        """One journey after the other until it is enough, each beginning at its own moment."""
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        while not until.is_set():
            journey = self._draw(number)
            self._spawn(journey)
            number += 1
            await asyncio.sleep(max(0.0, begun + number / self._rate - loop.time()))

    async def settle(self) -> None:
        """Until every caller has had an answer."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def look_after_requests(self) -> None:
        """At rest, each amendment and each cancellation that was taken in is there, and answered."""
        for path in self.requests:
            await self._told(self._is_answered(path))

    async def _is_answered(self, path: str) -> None:
        answer = await self._link.call(AGENT, "GET", path)
        assert answer.status_code == 200, f"{path} was taken in, and is answered {answer.status_code}"
        assert answer.json()["state"] != "PENDING", f"{path} was taken in, and never answered"

    def _spawn(self, journey: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._told(journey))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _told(self, journey: Awaitable[None]) -> None:
        try:
            await journey
        except (Fault, AssertionError, httpx.HTTPError, KeyError) as error:
            self.surprises.append(f"{type(error).__name__}: {error}"[:500])

    def _draw(self, number: int) -> Awaitable[None]:
        """The journey of a number: what is drawn and made is so in order, whatever happens meanwhile."""
        own = random.Random(self._chance.random())
        kinds: list[tuple[int, Callable[[str, random.Random], Awaitable[None]]]] = [
            (50, self._plain),
            (62, self._on_site),
            (74, self._reviewed),
            (88, self._amended),
            (96, self._cancelled),
            (100, self._twice),
        ]
        drawn = own.randrange(100)
        kind = next(make for bound, make in kinds if drawn < bound)
        return kind(f"chaos-{number}", own)

    # Each makes its parcels at once and returns what is to be awaited.

    def _plain(self, key: str, own: random.Random) -> Awaitable[None]:
        return self._file_only(self._parcels.one(), key, own)

    def _reviewed(self, key: str, own: random.Random) -> Awaitable[None]:
        verdict = own.choice(["pass", "pass", "pass", "refuse"])
        return self._file_only(self._parcels.one(sweets()), key, own, verdict)

    def _on_site(self, key: str, own: random.Random) -> Awaitable[None]:
        return self._carried(self._parcels.one(arrival="on_site"), key, own)

    def _amended(self, key: str, own: random.Random) -> Awaitable[None]:
        parcel = self._parcels.one(arrival="on_site")
        return self._changed(parcel, self._parcels.dearer(parcel), key, own)

    def _cancelled(self, key: str, own: random.Random) -> Awaitable[None]:
        return self._withdrawn(self._parcels.one(arrival="on_site"), key, own)

    def _twice(self, key: str, own: random.Random) -> Awaitable[None]:
        return self._filed_twice(self._parcels.one(), key, own)

    async def _file_only(
        self, parcel: Submission, key: str, own: random.Random, verdict: str = "pass"
    ) -> None:
        self.verdicts[await self.file(parcel, key, own)] = verdict

    async def _carried(self, parcel: Submission, key: str, own: random.Random) -> None:
        await self.file(parcel, key, own)
        await asyncio.sleep(own.uniform(0, 5))
        await self.arrive(parcel, own)

    async def _changed(self, parcel: Submission, better: Submission, key: str, own: random.Random) -> None:
        declaration_id = await self.file(parcel, key, own)
        await asyncio.sleep(own.uniform(0, 4))
        wish = {"based_on_version": 1, "submission": msgspec.Raw(body_of(better))}
        await self.ask(declaration_id, "amendments", own, wish)
        await asyncio.sleep(own.uniform(0, 4))
        await self.arrive(parcel, own)

    async def _withdrawn(self, parcel: Submission, key: str, own: random.Random) -> None:
        declaration_id = await self.file(parcel, key, own)
        await asyncio.sleep(own.uniform(0, 4))
        wish = {"based_on_version": 1, "reason": "the buyer withdrew"}
        await self.ask(declaration_id, "cancellation", own, wish)
        if own.random() < 0.5:
            await self.arrive(parcel, own)

    async def _filed_twice(self, parcel: Submission, key: str, own: random.Random) -> None:
        other = random.Random(own.random())
        first, second = await asyncio.gather(self.file(parcel, key, own), self.file(parcel, key, other))
        assert first == second, f"one filing has two ids: {first}, {second}"

    # --- calls ---

    async def file(self, parcel: Submission, key: str, own: random.Random) -> str:
        """File until it is acknowledged; the id."""
        headers = {"Idempotency-Key": key}
        answer = await self._call(own, "/v1/declarations", content=body_of(parcel), headers=headers)
        assert answer.status_code == 202, f"a good filing was answered {answer.status_code}: {answer.text}"
        declaration_id = str(answer.json()["declaration_id"])
        self.acknowledged.append(declaration_id)
        return declaration_id

    async def arrive(self, parcel: Submission, own: random.Random) -> None:
        """The carrier reports it on site. Where it was withdrawn, nobody has booked its number any more."""
        moment = datetime.now(UTC) - timedelta(hours=1)
        seen = {"arrived_at": moment, "site": "PVG-T2", "packages": 1, "gross_weight": "1.20"}
        report = msgspec.json.encode([{"waybill_no": parcel.waybill.waybill_no, **seen}])
        told = await self._reported(report, own)
        assert told["outcome"] in ("arrived", "repeated", "early"), told

    async def _reported(self, report: bytes, own: random.Random) -> dict[str, Any]:
        answer = await self._call(own, "/v1/consignments/arrivals", CARRIER, content=report)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()["items"][0]
        return told

    async def ask(self, declaration_id: str, what: str, own: random.Random, wish: dict[str, Any]) -> None:
        """Amend or cancel. Asked again, it may have been admitted already; then it is refused, rightly."""
        at = f"/v1/declarations/{declaration_id}"
        answer = await self._call(own, f"{at}/{what}", content=msgspec.json.encode(wish), headers=JSON)
        assert answer.status_code in (202, 409), f"{what} was answered {answer.status_code}: {answer.text}"
        if answer.status_code == 202:
            self.requests.append(f"{at}/requests/{answer.json()['request_id']}")

    async def _call(self, own: random.Random, path: str, who: Client = AGENT, **how: Any) -> httpx.Response:
        timeout = own.uniform(0.002, 0.2) if own.randrange(IMPATIENT) == 0 else PATIENT
        begun, pause = time.monotonic(), FIRST_PAUSE
        while True:
            async with self._at_once:
                answer = await self._link.heard(who, "POST", path, timeout=timeout, **how)
            if answer is not None and answer.status_code not in AGAIN:
                self.answers[f"{path.rpartition('/')[2]} {answer.status_code}"] += 1
                return answer
            self._note_fault(path, answer)
            self.answers["no answer, asked again"] += 1
            assert time.monotonic() - begun < PATIENCE, f"no answer at {path} for {PATIENCE:g} s"
            await asyncio.sleep(pause * own.uniform(0.5, 1.5))
            timeout, pause = PATIENT, min(pause * 2, LONGEST_PAUSE)

    def _note_fault(self, path: str, answer: httpx.Response | None) -> None:
        """500 is what no fault of ours should bring about, but a release of ours that is bad."""
        is_spoilt = path.startswith(CONSIGNMENTS) and time.monotonic() < self._spoilt.get("logistics", 0.0)
        if answer is not None and answer.status_code == 500 and not is_spoilt:
            self.surprises.append(f"{path} was answered 500: {answer.text}"[:500])
