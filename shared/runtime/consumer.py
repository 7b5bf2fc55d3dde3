"""Consumer: poll, let some rest for what belongs to them, save, say what it caused, then let the offsets go.

Saving and saying overlap: while a batch's facts are on their way to the broker, the next batch is saved. One saying
is out at a time, so a declaration's facts keep their order, and offsets pass only after their facts are said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set

from shared.contracts.topics import NAMES
from shared.runtime.bus import Bus, Ends, Message, read_message
from shared.runtime.loops import FIRST_PAUSE, LONGEST_PAUSE
from shared.runtime.quorum import Quorum
from shared.runtime.telemetry import log
from shared.runtime.unit_of_work import UnitOfWork
from shared.runtime.waves import Said


class Consumer:
    """The loop step that feeds a unit of work from a bus."""

    def __init__(
        self, bus: Bus, work: UnitOfWork, *, prefix: str = "", quorum: Set[str] = frozenset()
    ) -> None:
        self._bus, self._work, self._prefix = bus, work, prefix
        self._quorum = Quorum(quorum, {NAMES[kind] for kind in work.subscriptions})
        self._saying: asyncio.Task[None] | None = None
        self.is_polling = False
        """Whether it waits for the bus: while it saves or says, nothing can come."""

    async def step(self) -> bool:
        """One poll, to its end. What cannot be done now is tried again until it can."""
        self.is_polling = True
        try:
            records = await self._bus.poll()
        finally:
            self.is_polling = False
        came = [(record, read_message(record, self._prefix)) for record in records]
        messages, ends = self._quorum.take(came, asyncio.get_running_loop().time())
        said = await self._save(messages) if messages else []
        await self.settle()
        if ends:
            self._saying = asyncio.create_task(self._say(said, ends))
        return True

    async def settle(self) -> None:
        """Wait for the saying that is out."""
        saying, self._saying = self._saying, None
        if saying is not None:
            await saying

    async def _save(self, messages: Sequence[Message]) -> Said:
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._work.run(messages)
            except Exception as error:
                log("consumer").warning("batch waits", messages=len(messages), error=str(error)[:300])
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _say(self, said: Said, ends: Ends) -> None:
        pause = FIRST_PAUSE
        while said:
            try:
                await self._bus.say(said)
                break
            except Exception as error:
                log("consumer").warning("saying waits", facts=len(said), error=str(error)[:300])
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        try:
            await self._bus.commit(ends)
        except Exception as error:  # whoever waits for this saying has saved facts of his own to say
            why = f"{type(error).__name__}: {error}"[:300]
            log("consumer").warning("offsets not committed; repeats change nothing", error=why)
