"""Resay: all facts of a service said again, from its database alone.

`DATABASE_URL=... KAFKA_BOOTSTRAP_SERVERS=... python -m shared.runtime.resay tax` rebuilds tax.events. The service
need not run, and no token is needed: where the topics are lost, so are the keys that tokens are checked with.
"""

from __future__ import annotations

import asyncio
import os
import sys

from shared.contracts.topics import SOURCES
from shared.runtime import relay
from shared.runtime.database import open_engine
from shared.runtime.kafka.guard import lay_topics
from shared.runtime.kafka.reader import KafkaBus
from shared.runtime.settings import Settings, read_settings


async def resay_all(settings: Settings) -> int:
    """Lay the topics that are not there, say every fact of a service; returns how many."""
    await lay_topics(settings)
    engine = open_engine(settings.database_url, pool_size=1, name=f"{settings.service}-resay")
    bus = KafkaBus(settings, ())
    try:
        return await relay.resay_all(engine, bus, settings.service)
    finally:
        await bus.stop()
        await engine.dispose()


def main(service: str) -> None:
    """Say again what a service has ever said; tells how many facts."""
    if service not in SOURCES:
        sys.exit(f"{service} says nothing; these do: {', '.join(SOURCES)}")
    count = asyncio.run(resay_all(read_settings(service, os.environ)))
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
