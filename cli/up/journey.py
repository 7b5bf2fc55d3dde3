"""Journey: from filing to the account.

Deposits, filings, arrivals, and then looking on until every order is settled or held and nothing moves any more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import show
from cli.up import state as states
from cli.up.accounting import Account, Key, Kind, Standing, account_of
from cli.up.carriers import Carriers
from cli.up.filing import DoorAnswer, FilingDesk, batches_of
from cli.up.link import Link
from cli.up.reading import Reader
from cli.up.report import Timing
from cli.up.since import seconds_since_the_command, started_at
from cli.up.state import RunState
from sandbox.importer import Filing, filings
from sandbox.parties import DEPOSITS, Client, client_named
from sandbox.real import read_orders

SHOWN = "PLATFORM01"
"""Whose declaration is shown: `sw token` gives this platform's token."""
QUIET, PATIENCE, PAUSE = 2.0, 90.0, 0.5
"""Seconds: nothing has moved, so look closely; nothing has moved and something is open, so give up; between looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller of `up` wants filed."""

    orders: int
    seed: str


class Journey:
    """One run's orders on their way through a window."""

    def __init__(self, root: Path, wish: Wish) -> None:
        self._file = states.file_in(root)
        last = states.load(self._file)
        self.state: RunState = states.next_run(last, wish.seed, wish.orders, datetime.now(UTC))
        self.is_continued = self.state == last
        self._orders: list[Filing] = []
        self._door: dict[Key, DoorAnswer] = {}
        self.a_permitted_id = self.a_held_id = ""

    def prepare(self) -> None:
        """Make the filings; takes a second or two, while other things start."""
        made = list(filings(read_orders(), self.state.run()))
        self._orders = made[: self.state.orders] if self.state.orders else made

    async def travel(self, url: str, ready: float) -> tuple[Account, Timing]:
        """File everything and wait; the account, and when things happened."""
        states.save(self._file, self.state)
        orders = self._orders
        show.err.print(self._what(len(orders)), markup=False)
        async with Link(url) as link:
            reader = Reader(link, _client("operator"), self.state.now)
            await self._deposit(link)
            await self._file_orders(link, reader, orders)
            filed = seconds_since_the_command()
            account, standings = await self._look_on(reader, [filing.key for filing in orders])
            if account.is_ok:
                states.save(self._file, states.completed(self.state))
            self.a_permitted_id, self.a_held_id = (_one_of(standings, kind) for kind in ("permit", "held"))
            first = None if self.is_continued else reader.first_permit_at
            return account, Timing(
                ready=ready,
                filed=filed,
                settled=seconds_since_the_command(),
                first_permit=first.timestamp() - started_at() if first else None,
                repeats=link.repeats,
            )

    def _what(self, count: int) -> str:
        verb = "continuing" if self.is_continued else "filing"
        return f"{verb} run {self.state.number}: {count} orders, seed {self.state.seed}"

    async def _declared(self, reader: Reader) -> set[Key]:
        """The orders that a run that was cut short has declared already."""
        if not self.is_continued:
            return set()
        return {(row["platform"], row["order_no"]) for row in (await reader.look()).rows}

    async def _deposit(self, link: Link) -> None:
        """Guarantees are paid in once a run: the reference makes a repeat harmless."""
        for party, amount in DEPOSITS.items():
            body = {"amount": str(amount), "reference": f"sandbox-run-{self.state.number}"}
            await link.json(_client("officer-tax"), "POST", f"/v1/accounts/{party}/deposits", json=body)

    async def _file_orders(self, link: Link, reader: Reader, orders: Sequence[Filing]) -> None:
        """File what is not declared yet, and have the carriers report what arrives."""
        declared = await self._declared(reader)
        ours = {filing.key: filing for filing in orders}
        carriers = Carriers(link, self.state.run().chance)
        carriers.expect([filing for filing in orders if filing.key in declared])
        with _progress() as progress:
            bar = progress.add_task("filing", total=len(orders), completed=len(declared & set(ours)))

            def note(answers: Sequence[DoorAnswer]) -> None:
                self._door.update({answer.key: answer for answer in answers})
                carriers.expect([ours[answer.key] for answer in answers if answer.is_accepted])
                progress.advance(bar, len(answers))

            batches = list(batches_of(filing for filing in orders if filing.key not in declared))
            async with carriers.at_work():
                await FilingDesk(link, reader, note).file_all(batches)

    async def _look_on(self, reader: Reader, keys: Sequence[Key]) -> tuple[Account, list[Standing]]:
        """Look until all is settled or held and rests, or nothing moves for too long."""
        refused, ours = self._refused_at_the_door(), set(keys)
        seen, moved_at = None, time.monotonic()
        with _progress() as progress:
            bar = progress.add_task("settling", total=len(keys))
            while True:
                look = await reader.look()
                progress.update(bar, completed=len(refused) + look.settled)
                if look.counts != seen:
                    seen, moved_at = look.counts, time.monotonic()
                rests = time.monotonic() - moved_at
                if rests > QUIET:
                    standings = [one for one in refused + await reader.standings(look) if one.key in ours]
                    account = account_of(keys, standings)
                    if not account.moving or rests > PATIENCE:
                        progress.update(bar, completed=len(keys) - account.moving)
                        return account, standings
                await asyncio.sleep(PAUSE)

    def _refused_at_the_door(self) -> list[Standing]:
        return [standing for answer in self._door.values() if (standing := answer.standing())]


def _one_of(standings: Sequence[Standing], kind: Kind) -> str:
    """The id of a declaration to show; empty where there is none."""
    return next((one.declaration_id for one in standings if one.kind == kind and one.key[0] == SHOWN), "")


def _client(client_id: str) -> Client:
    found = client_named(client_id)
    if found is None:
        raise LookupError(f"the sandbox has no client {client_id}")
    return found


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=show.err,
    )
