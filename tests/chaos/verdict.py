"""Verdict: what the auditor says of a window that has come to rest."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from audit.auditor import audit
from audit.report import Report
from audit.where import SERVICES, Where
from tests.chaos.world import World

PATIENCE = 90.0


async def audited(world: World, acknowledged: Sequence[str], say: Callable[[str], None]) -> Report:
    """What does not add up, of all that was acknowledged. What we planted on topics is forgiven."""
    where = Where(
        databases={service: world.database_url(service) for service in SERVICES},
        bootstrap=world.bootstrap,
    )
    forged = [str(uuid.uuid5(uuid.NAMESPACE_URL, place)) for place in world.planted]
    return await audit(where, acknowledged=acknowledged, forged=forged, wait=PATIENCE, progress=say)
