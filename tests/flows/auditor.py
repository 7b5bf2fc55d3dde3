"""Auditor: the auditor of the command line, pointed at the tests' platform."""

from __future__ import annotations

from collections.abc import Collection

from audit.auditor import audit
from audit.report import Report
from audit.where import SERVICES, Where
from tests.flows.platform import Platform


class Auditor:
    """Looks at every database and topic of a platform."""

    def __init__(self, platform: Platform, forged: Collection[str]) -> None:
        stack = platform.stack
        databases = {service: stack.database_url(service) for service in SERVICES}
        self._where, self._forged = Where(databases=databases, bootstrap=stack.bootstrap), forged

    async def look(self, acknowledged: Collection[str] = (), *, seconds: float = 0.0) -> Report:
        """What it finds, once nothing is under way and all adds up, or the time is over."""
        return await audit(self._where, acknowledged=acknowledged, forged=self._forged, wait=seconds)

    async def check(self, acknowledged: Collection[str] = (), *, seconds: float = 60.0) -> Report:
        """All adds up, nothing is parked, and every acknowledged declaration is stored once."""
        report = await self.look(acknowledged, seconds=seconds)
        assert report.is_clean, report.as_markdown()
        assert not [name for name in report.counts if name.startswith("parked at")], report.as_markdown()
        return report
