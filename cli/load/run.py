"""Run: from the first token to the account.

Tokens, a deposit for the guarantors, the filings at their pace, then looking on until all is settled, and the account
from the window's own list.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from cli.credentials import Credentials
from cli.faults import FORBIDDEN, Away, Fault
from cli.load.account import Account, account_of
from cli.load.agenda import Agenda
from cli.load.books import Books, Found
from cli.load.ledger import Ledger
from cli.load.lookout import Lookout, Tally
from cli.load.mix import Kinds
from cli.load.plan import Filer, Plan
from cli.load.probes import Probes
from cli.load.purse import Purse
from cli.load.sender import Sender
from cli.load.series import Point, Series
from cli.load.usage import between
from cli.load.wire import TRANSIENT, Wire
from cli.load.wish import Wish
from sandbox.importer import Run
from sandbox.parcels import Press, Stencil, pool_of, stencils
from sandbox.real import read_orders

STENCILS = 400
LOOKS = 8
"""Connections for looking on, beside those that file."""
MARGIN = timedelta(minutes=2)
"""How far the window's clock may be from ours."""
QUIET, PAUSE = 3.0, 0.1
"""Seconds: nothing has moved for so long, so look closely; between two looks."""
LOOKS_IN_VAIN = 4
"""Times that the list is read without anything having moved before what is open is called open."""
CREATED = 201
DEPOSIT_TRIES = 20
JSON = "Content-Type: application/json\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a run."""

    name: str
    began_at: datetime
    filing_s: float
    """Seconds from the first moment to the last answer."""
    settled_s: float
    """Seconds from the first moment until nothing moved any more."""
    permitted_s: float | None
    """Seconds from the first moment to the last permit, as the tally shows it."""
    ledger: Ledger
    account: Account
    points: list[Point]
    unsent: int
    cpu: dict[str, float]
    """CPU seconds by process, from the first moment until nothing moved any more."""


class Campaign:
    """One run against one window."""

    def __init__(self, wish: Wish, say: Callable[[Point], None]) -> None:
        self._wish, self._say = wish, say
        self._name = f"L{int(time.time()):x}{secrets.token_hex(1)}"
        self._wire, self._looks = Wire(wish.place, wish.connections), Wire(wish.place, LOOKS)
        everybody = {client.client_id: client for client in (*wish.clients, *_maybe(wish.watcher))}
        self._purse = Purse(self._looks, everybody.values())
        self._watcher = (wish.watcher or wish.clients[0]).client_id
        self._lookout = Lookout(self._looks, self._purse, self._watcher, wish.pids)
        self._ledger = Ledger()
        self._series = Series(self._lookout, self._ledger, wish.pace, say)
        self._beside: list[asyncio.Task[None]] = []

    async def run(self) -> Outcome:
        """All of it."""
        try:
            await asyncio.gather(self._wire.open(), self._looks.open())
        except OSError as error:
            raise Away(str(self._wish.place), str(error)) from error
        try:
            await self._purse.fill()
            self._beside += map(asyncio.create_task, (self._purse.keep_fresh(), self._give_up_silent()))
            return await self._go(await self._plan())
        finally:
            for task in self._beside:
                task.cancel()
            self._wire.close()
            self._looks.close()

    async def _plan(self) -> Plan:
        wish = self._wish
        parties = {client.client_id: self._purse.party(client.client_id) for client in wish.clients}
        run = Run(seed=str(wish.seed), now=datetime.now(UTC))
        made = await asyncio.to_thread(stencils, read_orders(), run, STENCILS)
        if not any(pool_of(made, party).green for party in parties.values()):
            own = next(iter(parties.values()))
            made = await asyncio.to_thread(stencils, read_orders(), run, STENCILS, own)
        filers = [Filer(client_id=name, pool=pool_of(made, party)) for name, party in parties.items()]
        filers = [filer for filer in filers if filer.pool.green]
        await self._deposit(made)
        return Plan(Press(self._name, wish.seed), Kinds(wish.mix, wish.seed), filers, wish.batch)

    async def _deposit(self, made: Sequence[Stencil]) -> None:
        """Guarantees enough for the run, if it is asked for."""
        for party in sorted({stencil.guarantor for stencil in made}) if self._wish.deposit else ():
            path = f"/v1/accounts/{party}/deposits"
            body = msgspec.json.encode({"amount": self._wish.deposit, "reference": self._name})
            answer = await self._looks.ask_again(partial(self._deposit_head, path), body, tries=DEPOSIT_TRIES)
            if answer.status in TRANSIENT:
                raise Away(str(self._looks.place), f"the deposit for {party} was answered {answer.status}")
            if answer.status != CREATED:
                raise Fault(
                    f"the deposit for {party} was answered {answer.status}",
                    "let --watch-as name a client with accounts:write, or give --deposit 0",
                    FORBIDDEN,
                )

    def _deposit_head(self, path: str) -> bytes:
        """Of a deposit; it counts once by its reference, however often it is sent."""
        return self._looks.place.head("POST", path, JSON + self._purse.authorization(self._watcher))

    async def _go(self, plan: Plan) -> Outcome:
        loop, wish = asyncio.get_running_loop(), self._wish
        sender = Sender(self._wire, self._purse, plan, self._ledger, retries=wish.retries)
        probes = Probes(self._looks, self._purse, self._ledger)
        sender.on_accepted = probes.offer
        before, began_at = await self._lookout.tally(), datetime.now(UTC)
        cpu = dict(self._lookout.cpu()) | {"generator": time.process_time()}
        start = loop.time() + 0.05
        agenda = Agenda(wish.pace, wish.batch, start)
        recording = loop.create_task(self._series.record(agenda, start))
        self._beside.append(recording)
        await sender.run(agenda)
        filing_s = loop.time() - start
        permitted_s = await self._settle(before, start)
        settled_s = loop.time() - start
        used = dict(self._lookout.cpu()) | {"generator": time.process_time()}
        await probes.finish(QUIET)
        recording.cancel()
        account = account_of(self._ledger, await self._found(began_at))
        return Outcome(
            name=self._name,
            began_at=began_at,
            filing_s=filing_s,
            settled_s=settled_s,
            permitted_s=permitted_s,
            ledger=self._ledger,
            account=account,
            points=self._series.points,
            unsent=agenda.unsent,
            cpu=between(cpu, used),
        )

    async def _settle(self, before: Tally | None, start: float) -> float | None:
        """Look on until everything the door took in is settled or rests; when the last permit was seen."""
        loop = asyncio.get_running_loop()
        if before is None:
            await asyncio.sleep(QUIET)
            return None
        last, moved_at, permitted_at, end = before, loop.time(), start, loop.time() + self._wish.patience
        while loop.time() - moved_at < self._wish.quiet and loop.time() < end:
            now = await self._lookout.tally() or last
            if now != last:
                permitted_at = loop.time() if now.permit != last.permit else permitted_at
                last, moved_at = now, loop.time()
            if now.done - before.done >= self._ledger.totals.accepted - self._ledger.totals.repeats:
                break
            await asyncio.sleep(PAUSE)
        return permitted_at - start

    async def _found(self, began_at: datetime) -> Found:
        """The window's list; read again as long as something is open and moves."""
        clients = [self._wish.watcher] if self._wish.watcher else self._wish.clients
        names = [client.client_id for client in clients if client is not None]
        books, count = Books(self._looks, self._purse, names, self._name), len(self._ledger.state)
        seen: list[int] = []
        while True:
            found = await books.read(count, began_at - MARGIN, datetime.now(UTC) + MARGIN)
            await books.hold(found)
            seen.append(sum(1 for _ in found.all_of("SUBMITTED")))
            if not seen[-1] or (len(seen) >= LOOKS_IN_VAIN and len(set(seen[-LOOKS_IN_VAIN:])) == 1):
                return found
            await asyncio.sleep(QUIET)

    async def _give_up_silent(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._wire.give_up_silent()
            self._looks.give_up_silent()


def _maybe(client: Credentials | None) -> tuple[Credentials, ...]:
    return () if client is None else (client,)
