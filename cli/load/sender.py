"""Sender: the open loop.

What is due is sent as soon as a connection is free; what had to wait for one is late from the moment it was due, and
its latency counts from there. Nothing is queued but the next number, so a slow window costs no memory here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from cli.faults import FORBIDDEN, Fault
from cli.gateway import Refused
from cli.load.agenda import Agenda
from cli.load.answers import BARRED, TAKEN_IN, TOO_MANY, Row, rows_of, state_of
from cli.load.ledger import ACCEPTED, REFUSED, Ledger
from cli.load.plan import Job, Plan
from cli.load.purse import Purse
from cli.load.wire import Answer, Wire
from sandbox.parcels import Kind

FINEST, UNCONNECTED = 0.0005, 0.5
"""Seconds between two looks at the clock at least; and while there is no connection at all."""
AMENDED_AFTER = 2.0
"""Seconds from the answer to a filing to the request that amends it."""
SINGLE, NDJSON = "Content-Type: application/json\r\n", "Content-Type: application/x-ndjson\r\n"


class Accepted(NamedTuple):
    """A filing that the door has just taken in."""

    number: int
    kind: Kind
    declaration_id: str
    due: float
    client_id: str


class Heads:
    """Heads of requests: made once for a client and a path, and again with fresh tokens."""

    def __init__(self, wire: Wire, purse: Purse, plan: Plan) -> None:
        self._wire, self._purse, self._plan = wire, purse, plan
        self._made: dict[str, bytes] = {}
        self._turn = 0

    def of(self, job: Job) -> bytes:
        """The head of a job's request, but for its length."""
        if self._turn != self._purse.turn:
            self._made, self._turn = {}, self._purse.turn
        client_id = self._plan.filers[self._plan.place_of(job.numbers[0])].client_id
        if job.amends:
            return self._make(f"/v1/declarations/{job.amends}/amendments", SINGLE, client_id)
        if client_id not in self._made:
            in_bulk = self._plan.batch > 1
            path = "/v1/declarations/batch" if in_bulk else "/v1/declarations"
            self._made[client_id] = self._make(path, NDJSON if in_bulk else SINGLE, client_id)
        return self._made[client_id]

    def _make(self, path: str, kind: str, client_id: str) -> bytes:
        return self._wire.place.head("POST", path, kind + self._purse.authorization(client_id))


class Sender:
    """Sends a plan, and keeps the ledger of it."""

    def __init__(self, wire: Wire, purse: Purse, plan: Plan, ledger: Ledger, *, retries: bool) -> None:
        self._wire, self._plan, self._ledger, self._retries = wire, plan, ledger, retries
        self._heads = Heads(wire, purse, plan)
        self._loop = asyncio.get_running_loop()
        self._flying = 0
        self._timer: asyncio.Handle | None = None
        self._wakes_at = 0.0
        self._over = asyncio.Event()
        self._judged: set[str] = set()
        """Clients of which the door has taken in or refused a filing."""
        self._barred: Fault | None = None
        self.on_accepted: Callable[[Accepted], None] | None = None

    async def run(self, agenda: Agenda) -> None:
        """Everything that comes up, and its answers; a fault where one of the clients may not file."""
        self._agenda = agenda
        self._wire.when_free = self._pump
        self._pump()
        await self._over.wait()
        self._wire.when_free = None
        if self._barred is not None:
            raise self._barred

    def _pump(self) -> None:
        """Send what is due as long as there are connections; the next answer, or the clock, calls again."""
        if self._over.is_set():
            return None
        now = self._loop.time()
        while self._wire.has_free:
            job = self._agenda.pop(now)
            if job is None:
                return self._sleep(now, FINEST)
            self._send(job)
        return None if self._flying else self._sleep(now, UNCONNECTED)

    def _send(self, job: Job) -> None:
        if not job.amends:
            self._ledger.sent([self._plan.original(number) for number in job.numbers])
        self._flying += 1
        self._wire.take().send(self._heads.of(job), self._plan.body(job), partial(self._answered, job))

    def _sleep(self, now: float, least: float) -> None:
        wakes = self._agenda.wakes(now)
        if wakes is None and not self._flying:
            self._over.set()
        elif wakes is not None:
            self._wake_at(max(wakes, now + least))

    def _wake_at(self, moment: float) -> None:
        if self._timer is not None:
            if self._wakes_at <= moment:
                return
            self._timer.cancel()
        # kept here: what uvloop gives back for a moment less than a millisecond away does not tell it
        self._timer, self._wakes_at = self._loop.call_at(moment, self._wake), moment

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    def _answered(self, job: Job, answer: Answer) -> None:
        self._flying -= 1
        if job.amends:
            self._amended(job, answer)
            return
        for number, (row, status) in zip(job.numbers, rows_of(answer, len(job.numbers)), strict=True):
            self._filed(Job(job.due, range(number, number + 1)), row, status)
            if status == TOO_MANY and self._retries and answer.status != TOO_MANY:
                self._again(Job(job.due, range(number, number + 1)), answer)
        if answer.status == TOO_MANY and self._retries:
            self._again(job, answer)

    def _filed(self, job: Job, row: Row, status: int) -> None:
        number, state = self._plan.original(job.numbers[0]), state_of(status)
        self._ledger.answered(number, state, self._loop.time() - job.due)
        if state in (ACCEPTED, REFUSED):
            self._judge(number, row, status)
        if state == REFUSED:
            self._ledger.codes[row.why.code] += 1
        elif state == ACCEPTED and row.replayed:
            self._ledger.totals.repeats += 1
        elif state == ACCEPTED:
            self._accepted(number, job, row)

    def _judge(self, number: int, row: Row, status: int) -> None:
        """Whose first filing is barred may file nothing: there is no load to be made, and the run ends."""
        client_id = self._plan.filers[self._plan.place_of(number)].client_id
        if client_id not in self._judged and status in BARRED:
            refused = Refused(status, msgspec.to_builtins(row.why))
            self._barred = Fault(f"{client_id} may not file: {refused.message}", refused.fix, FORBIDDEN)
            self._over.set()
        self._judged.add(client_id)

    def _accepted(self, number: int, job: Job, row: Row) -> None:
        kind = self._plan.kind_of(number)
        client_id = self._plan.filers[self._plan.place_of(number)].client_id
        if self.on_accepted is not None:
            self.on_accepted(Accepted(number, kind, row.declaration_id, job.due, client_id))
        if kind == "amended":
            due = self._loop.time() + AMENDED_AFTER
            self._agenda.put_off(due, Job(due, range(number, number + 1), row.declaration_id))

    def _amended(self, job: Job, answer: Answer) -> None:
        if answer.status == TOO_MANY:
            self._again(job, answer)
        elif answer.status == TAKEN_IN:
            self._ledger.totals.amendments += 1
        else:
            self._ledger.totals.amendments_failed += 1

    def _again(self, job: Job, answer: Answer) -> None:
        """A busy window names the seconds to wait."""
        self._agenda.put_off(self._loop.time() + (answer.retry_after or 1.0), job)
