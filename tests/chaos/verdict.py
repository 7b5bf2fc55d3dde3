"""Verdict: what the auditor says of a window that has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from audit.auditor import audit
from audit.report import Report
from audit.where import SERVICES, Where
from tests.chaos.faults.deliveries import NOBODY
from tests.chaos.world import World

PATIENCE = 90.0


async def audited(
    world: World, acknowledged: Sequence[str], poison: Collection[str], say: Callable[[str], None]
) -> Report:
    """What does not add up, of all that was acknowledged. The poison that we put on topics is forgiven."""
    where = Where(
        databases={service: world.database_url(service) for service in SERVICES},
        bootstrap=world.bootstrap,
    )
    forged = {*poison, NOBODY.decode()}
    return await audit(where, acknowledged=acknowledged, forged=forged, wait=PATIENCE, progress=say)
