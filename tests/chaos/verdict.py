"""Verdict: what the auditor says of a window that has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.chaos.world import World
from tests.flows.account import Auditor


async def audited(world: World, acknowledged: Sequence[str], say: Callable[[str], None]) -> list[str]:
    """Every breach, in words; none when all adds up."""
    try:
        await Auditor(world.admin_url).check(acknowledged, seconds=60)
    except AssertionError as error:
        return [str(error)]
    return []
