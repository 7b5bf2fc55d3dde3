"""Replica: one running process of a service: consumer, relay, timers beside its API.

Database and broker are waited for with backoff, and readiness says for which. On the way out the running steps end,
what is pending is stored and said, clients are closed.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import sqlalchemy as sa

from shared.contracts.codec import decode
from shared.contracts.envelope import RegistryEvent
from shared.contracts.topics import source_of
from shared.runtime import relay, telemetry, timers
from shared.runtime.access import TokenVerifier
from shared.runtime.bus import read_message
from shared.runtime.consumer import Consumer
from shared.runtime.database import ONE_PLAN, open_engine, reading
from shared.runtime.doors import Commands
from shared.runtime.filing import FirstSayer
from shared.runtime.http import open_client
from shared.runtime.kafka.guard import WrongPartitions, lay_topics
from shared.runtime.kafka.reader import KafkaBus
from shared.runtime.kafka.tail import KafkaTail
from shared.runtime.loops import Loop
from shared.runtime.migrate import migrate
from shared.runtime.room import Room
from shared.runtime.settings import Settings
from shared.runtime.unit_of_work import UnitOfWork

GRACE = 10.0
"""Seconds for a graceful stop."""


def calm_the_collector() -> None:
    """What is loaded now stays: the collector need not walk it, nor start after every batch of small values."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


class Runtime:
    """One running replica of a room."""

    def __init__(self, room: Room, settings: Settings, verifier: TokenVerifier) -> None:
        self.room, self.settings, self.verifier = room, settings, verifier
        self.engine, self._writing = (
            open_engine(settings.database_url, pool_size=settings.pool_size, name=name, session=session)
            for name, session in ((room.name, {}), (f"{room.name}-work", ONE_PLAN))
        )
        """For what is asked, and for what is done: who reads does not keep the work waiting."""
        self.bus = KafkaBus(settings, sorted({source_of(kind) for kind in room.subscriptions}))
        self.http: httpx.AsyncClient = open_client()
        self.work = UnitOfWork(
            service=room.name,
            engine=self._writing,
            store=room.store,
            subscriptions=room.subscriptions,
            reads=room.reads,
            wake_relay=self.wake_relay,
            wake_drain=self.wake_drain,
        )
        self.commands = Commands(self.work)
        self.first_facts = FirstSayer(self._writing, self.bus, room.name)
        self.filing = self.first_facts.filing
        self.status: dict[str, Any] = {"service": room.name}
        """Lag, parked, waiting, outbox: what the live page shows."""
        self._tail = KafkaTail(settings, "registry")
        self.verifier.is_behind = True
        self._consumer = Consumer(self.bus, self.work, prefix=settings.topic_prefix, quorum=room.quorum)
        self._loops = self._make_loops()
        self._tasks: list[asyncio.Task[None]] = []
        self._resaying: set[asyncio.Task[None]] = set()
        self._waits_for = "start"

    def _make_loops(self) -> dict[str, Loop]:
        loops = {
            "relay": Loop("relay", lambda: relay.say_pending(self._writing, self.bus, self.room.name)),
            "drain": Loop("drain", lambda: relay.drain(self._writing, self.work)),
            "gauges": Loop("gauges", self._measure, idle=2.0),
            "access": Loop("access", self._hear_registry, idle=0.0),
        }
        if self.room.subscriptions:
            loops["consumer"] = Loop("consumer", self._consumer.step, idle=0.0)
        if self.room.deadlines:
            loops["timers"] = Loop("timers", lambda: timers.run_due(self.work, self.room.deadlines), idle=0.5)
        return loops

    @property
    def is_starting(self) -> bool:
        """Whether database, broker or start-up work are waited for."""
        return bool(self._waits_for)

    def wake_relay(self) -> None:
        """There is something in the outbox, perhaps a deadline that is due too."""
        self._loops["relay"].wake()
        if "timers" in self._loops:
            self._loops["timers"].wake()

    def wake_drain(self) -> None:
        """Something that waited may be next."""
        self._loops["drain"].wake()

    def url(self, service: str) -> str:
        """The address of another service, for reads that compose."""
        return self.settings.urls[service]

    async def start(self) -> None:
        """Begin: returns at once; database and broker are waited for in the background."""
        self._tasks.append(asyncio.create_task(self._boot()))

    async def _boot(self) -> None:
        steps: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("database", self._migrate),
            ("broker", lambda: lay_topics(self.settings)),
        ]
        for name, step in steps:
            await self._until_done(name, step)
        self._tasks += [asyncio.create_task(loop.run()) for loop in self._loops.values()]
        if self.room.on_start is not None:
            start = self.room.on_start
            await self._until_done("start-up work", lambda: start(self))
        self._waits_for = ""
        calm_the_collector()
        telemetry.log("service").info("running")

    async def _until_done(self, name: str, step: Callable[[], Awaitable[Any]]) -> None:
        pause = 0.2
        self._waits_for = name
        while True:
            try:
                await step()
                return
            except WrongPartitions as error:
                telemetry.log("service").critical("refusing to start", error=str(error))
                os._exit(78)
            except Exception as error:
                why = f"{type(error).__name__}: {error}"[:300]
                self._waits_for = f"{name}: {why}"
                telemetry.log("service").warning("waiting", what=name, error=why)
                await asyncio.sleep(pause)
                pause = min(pause * 1.6, 3.0)

    async def _migrate(self) -> None:
        if self.settings.migration_database_url:
            await migrate(self.room.name, self.settings.migration_database_url)
        async with self.engine.connect() as connection:
            await connection.execute(sa.text("select count(*) from heads where false"))

    async def _hear_registry(self) -> bool:
        """Keys and revocations: every replica reads them from the beginning, without a group."""
        for record in await self._tail.poll():
            message = read_message(record, self.settings.topic_prefix)
            try:
                event = decode(message.type, message.body)
                if isinstance(event, RegistryEvent):
                    self.verifier.apply(event)
            except ValueError:
                continue  # the consumer of the party copies parks it; a key is never guessed
        self.verifier.is_behind = self.verifier.is_behind and not await self._tail.is_at_end()
        return True

    async def _measure(self) -> bool:
        """Gauges, every two seconds; a client that is stuck ends the process."""
        lag = await self.bus.lag()
        async with reading(self.engine) as connection:
            counted = await connection.execute(sa.text("select state, count(*) from waiting group by state"))
            waits = {"parked": 0, "early": 0, **dict(counted.all())}
            outbox = (await connection.execute(sa.text("select count(*) from outbox"))).scalar_one()
        for topic, count in lag.items():
            telemetry.CONSUMER_LAG.labels(self.room.name, topic).set(count)
        for state, count in waits.items():
            telemetry.WAITING.labels(self.room.name, state).set(count)
        telemetry.OUTBOX.labels(self.room.name).set(outbox)
        self.status.update(lag=sum(lag.values()), lag_by_topic=lag, outbox=outbox, **waits)
        if self._consumer.is_polling and self._loops["consumer"].error is None:
            self.bus.leave_if_stuck(lag)
        return False

    async def has_heard_registry(self) -> bool:
        """Whether keys are here, and what registry had said by then is handled: it says its key last."""
        return self.verifier.is_told and await self.bus.has_handled("registry")

    async def checks(self) -> dict[str, str]:
        """What this replica waits for, by name; empty texts are good."""
        found = {"start": self._waits_for}
        found |= {loop.name: str(loop.error)[:200] for loop in self._loops.values() if loop.error}
        found["partitions"] = (
            "" if self.bus.is_assigned or not self.room.subscriptions else "none assigned yet"
        )
        found["registry keys"] = "" if self.verifier.is_told else "not heard yet"
        try:
            async with asyncio.timeout(2), reading(self.engine) as connection:
                await connection.execute(sa.text("select 1"))
        except Exception as error:
            found["database"] = type(error).__name__
        return found

    def start_resay(self, period: tuple[datetime, datetime]) -> None:
        """Say a period again in the background."""
        task = asyncio.create_task(self._resay(period))
        self._resaying.add(task)
        task.add_done_callback(self._resaying.discard)

    async def _resay(self, period: tuple[datetime, datetime]) -> None:
        """Whoever asked has his 202 already: how it ends is a line in the log."""
        asked = {"since": period[0].isoformat(), "until": period[1].isoformat()}
        try:
            count = await relay.resay(self._writing, self.bus, self.room.name, period)
            telemetry.log("relay").info("said again", facts=count, **asked)
        except Exception as error:
            telemetry.log("relay").error(
                "not all was said again: ask for it once more", error=str(error)[:300], **asked
            )

    async def stop(self) -> None:
        """End the running steps, store and say what is pending, close; ten seconds at most."""
        try:
            async with asyncio.timeout(GRACE):
                await self._stop()
        except TimeoutError:
            telemetry.log("service").warning(
                "stopped before everything was said; it will be said after the next start"
            )

    async def _stop(self) -> None:
        if self._waits_for:
            self._tasks[0].cancel()
        if self.room.on_stop is not None:
            try:
                await self.room.on_stop(self)
            except Exception as error:  # the rest is to be said and closed all the same
                telemetry.log("service").warning("closing", error=f"{type(error).__name__}: {error}"[:300])
        for loop in self._loops.values():
            loop.stop()
        for task in self._resaying:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._consumer.settle()
        await self.first_facts.close()
        await asyncio.gather(self.bus.stop(), self._tail.stop(), self.http.aclose())
        await asyncio.gather(self.engine.dispose(), self._writing.dispose())
