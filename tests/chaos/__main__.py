"""`make chaos SEED=7 FAULTS=40`: one campaign; exit code 0 only when it is clean, 2 when nothing here can strike."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from cli.faults import USAGE
from cli.up.link import Link
from deploy.local.brokers import NAMES
from deploy.local.paths import CHECKOUT, forget_abandoned
from tests.chaos import disks, report
from tests.chaos.campaign import Campaign, Outcome
from tests.chaos.catalogue import all_faults
from tests.chaos.load import Load
from tests.chaos.plan import Strike, chosen, draw
from tests.chaos.report import Wish
from tests.chaos.world import World

REPORTS = CHECKOUT / "build" / "chaos"


def main() -> int:
    """The command."""
    wish, dry = _read_arguments()
    known = chosen(all_faults(NAMES[: wish.brokers]), wish.only)
    able = [fault for fault in known if not fault.missing]
    skipped = [(fault.name, fault.missing) for fault in known if fault.missing]
    for name, why in skipped:
        _say(f"skipped: {name} needs {why}")
    strikes = draw(wish.seed, wish.faults, able) if able else []
    if not strikes:
        _say("no fault can strike: a campaign without one proves nothing")
        return USAGE
    if dry:
        for strike in strikes:
            _say(f"{strike.at:7.1f} s  {strike.number:2}  {strike.fault.name}")
        return 0
    outcome = asyncio.run(_campaign(wish, strikes))
    path = report.write(REPORTS, wish, outcome, skipped)
    _say(f"{report.verdict(outcome)}: {path.relative_to(CHECKOUT)}")
    return 0 if outcome.is_clean else 1


async def _campaign(wish: Wish, strikes: Sequence[Strike]) -> Outcome:
    forget_abandoned()
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(_let_torn_lines_be)
    async with World(brokers=wish.brokers, said=said) as world:
        await world.start(timeout=150)
        _say(f"ready at {world.gateway_url}; {wish.command}")
        async with Link(world.gateway_url, patience=240.0) as link:
            load = Load(link, wish.seed, wish.rate, world.spoilt)
            outcome = await Campaign(world, link, load, _say).run(strikes)
        outcome.deaths = said
        if not outcome.is_clean:
            world.keep_logs(REPORTS / f"chaos-{wish.seed}-logs")
    return outcome


def _let_torn_lines_be(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client whose connection we have torn may leave an error that nobody waits for."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


def _read_arguments() -> tuple[Wish, bool]:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--only", default="", help="faults or families, with commas")
    parser.add_argument("--rate", type=float, default=10.0, help="journeys a second")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--dry", action="store_true", help="only say what would strike when")
    given = vars(parser.parse_args())
    return Wish(**{name: value for name, value in given.items() if name != "dry"}), given["dry"]


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is a command


if __name__ == "__main__":
    disks.own_namespace([sys.executable, "-m", "tests.chaos", *sys.argv[1:]])
    sys.exit(main())
