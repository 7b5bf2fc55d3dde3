"""Campaign: start, load, strike, heal, rest, audit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

import httpx

from audit.report import Report
from cli.faults import Fault
from cli.up.link import Link
from sandbox.parties import Client
from tests.chaos import desks
from tests.chaos.breath import Breath
from tests.chaos.load import Load, client
from tests.chaos.lookout import Lookout
from tests.chaos.plan import Strike
from tests.chaos.recovery import Recovery, recovery
from tests.chaos.verdict import audited
from tests.chaos.world import World

SETTLING = 150.0
"""Seconds after the last healing within which everything must be at rest."""
Say = Callable[[str], None]


@dataclass(slots=True)
class Struck:
    """A fault as it happened."""

    strike: Strike
    began: float = 0.0
    """Seconds after the load began."""
    healed: float = 0.0
    recovery: Recovery = field(default_factory=Recovery)
    trouble: str = ""
    """Why it could not be injected or healed."""

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.trouble:
            return "not injected"
        return "recovered" if self.recovery.permit is not None else "did not recover"


@dataclass(slots=True)
class Outcome:
    """What a campaign has shown."""

    struck: list[Struck] = field(default_factory=list)
    filed: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    audit: Report | None = None
    surprises: list[str] = field(default_factory=list)
    seconds: float = 0.0
    quiet_after: float | None = None
    deaths: list[str] = field(default_factory=list)
    """What the supervisor said."""
    breath: Breath = field(default_factory=Breath)

    @property
    def unsettled(self) -> int:
        """Declarations that are still open: every journey leads to an end, so there should be none."""
        return int(self.audit.counts.get("declarations open", 0)) if self.audit else 0

    @property
    def is_clean(self) -> bool:
        """Something struck what was filed: nothing lost, nothing twice, nobody surprised, every fault over."""
        well = self.filed > 0 and {each.verdict for each in self.struck} == {"recovered"}
        audited = self.audit is not None and self.audit.is_clean and not self.unsettled
        return well and audited and self.quiet_after is not None and not self.surprises


class Campaign:
    """One run."""

    def __init__(self, world: World, link: Link, load: Load, say: Say) -> None:
        self._world, self._link, self._load, self._say = world, link, load, say
        self._begun = 0.0
        self._lookout = Lookout(lambda: [world.service_url(name) for name in world.services])

    async def run(self, strikes: Sequence[Strike]) -> Outcome:
        """From a ready window to its audit."""
        start, outcome = time.monotonic(), Outcome()
        await self._pay_in()
        operator = desks.Operator(self._link)
        async with AsyncExitStack() as stack:
            for agency in desks.AGENCIES:
                _beside(stack, desks.officer(self._link, agency, self._load.verdicts))
            _beside(stack, operator.run())
            _beside(stack, outcome.breath.watch())
            _beside(stack, self._lookout.watch())
            outcome.struck = await self._strike_all(strikes)
            outcome.quiet_after = await self._rest()
            if outcome.quiet_after is not None:
                await self._load.look_after_requests()
        outcome.surprises = [
            *self._load.surprises,
            *(f"parked: {k}: {v}" for k, v in operator.findings.items()),
        ]
        outcome.filed, outcome.answers = len(self._load.acknowledged), dict(self._load.answers)
        outcome.audit = await audited(self._world, self._load.acknowledged, operator.dropped, self._say)
        outcome.seconds = round(time.monotonic() - start, 1)
        return outcome

    async def _pay_in(self) -> None:
        """The guarantor of the load has money enough."""
        wish = {"amount": "9000000.00", "reference": "chaos"}
        who: Client = client("officer-tax")
        await self._link.json(who, "POST", "/v1/accounts/AGENT00001/deposits", json=wish)

    async def _strike_all(self, strikes: Sequence[Strike]) -> list[Struck]:
        """All strikes at their moments under load; ends when the last has been recovered from."""
        enough, self._begun = asyncio.Event(), time.monotonic()
        loading = asyncio.create_task(self._load.run(enough))
        struck = await asyncio.gather(*(self._strike(strike) for strike in strikes))
        enough.set()
        await loading
        self._say("the load has ended; waiting for quiet")
        return list(struck)

    async def _strike(self, strike: Strike) -> Struck:
        """One fault, from its moment to the recovery from it."""
        found, fault = Struck(strike), strike.fault
        await asyncio.sleep(strike.at)
        found.began = self._now()
        self._say(f"{found.began:6.1f} s  {strike.number:2}  {fault.name}")
        try:
            await fault.inject(self._world, strike.chance)
            await asyncio.sleep(fault.lasts)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the others go on
            found.trouble = f"{type(error).__name__}: {error}"[:300]
        await self._heal(found)
        found.healed = self._now()
        found.recovery = await recovery(strike, self._load, self._link, self._lookout)
        self._say(
            f"{self._now():6.1f} s  {strike.number:2}  {fault.name}: {found.verdict} {found.trouble}, "
            f"permit after {found.recovery.permit} s, caught up after {found.recovery.caught_up} s"
        )
        return found

    async def _heal(self, found: Struck) -> None:
        try:
            await found.strike.fault.heal(self._world)
        except Exception as error:  # noqa: BLE001 - as above
            found.trouble += f" not healed: {type(error).__name__}: {error}"[:300]

    async def _rest(self) -> float | None:
        """Seconds until every caller was answered and nothing moved; none if that never came."""
        start = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                await self._load.settle()
                await self._lookout.until_at_most(0)
                while await self._reviews():
                    await self._lookout.until_at_most(0)
                return round(time.monotonic() - start, 1)
        return None

    async def _reviews(self) -> int:
        """What still waits for officers."""
        count = 0
        for agency in desks.AGENCIES:
            with suppress(httpx.HTTPError, Fault):
                who = client(f"officer-{agency}")
                queue = await self._link.json(who, "GET", f"/v1/reviews/{agency}?limit=50")
                count += len(queue["items"])
        return count

    def _now(self) -> float:
        return round(time.monotonic() - self._begun, 1)


def _beside(stack: AsyncExitStack, work: object) -> None:
    """Run something until the stack is left."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)
