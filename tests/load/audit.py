"""Audit at size: seconds and memory of an audit of many declarations.

`python -m tests.load.audit 200000` starts a broker and a database in a folder of their own, writes so many settled
declarations by SQL, says their facts on the topics, audits them in a process of its own, and says what that took.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from audit.hearing import HEARS
from audit.where import SERVICES, where_from
from deploy.local.databases import create_database
from deploy.local.paths import CHECKOUT, STATE
from deploy.local.stack import Stack
from shared.contracts.envelope import Cause, Fact
from shared.contracts.topics import SOURCES, topic_of
from shared.runtime.kafka.guard import lay_topics
from shared.runtime.kafka.speaker import Speaker
from shared.runtime.migrate import migrate
from shared.runtime.settings import Settings
from tests.load.ledgerful import balance, write

BATCH = 20_000
FACTS = "select subject_id::text, seq, version, type, body, recorded_at from facts"


async def lay(stack: Stack, count: int) -> dict[str, str]:
    """Databases with so many declarations, each with its facts; the addresses."""
    addresses = {}
    for service in SERVICES:
        database = await create_database(stack.admin_url, service)
        await migrate(service, database.owner_url)
        addresses[service] = database.owner_url
    connections = {name: await asyncpg.connect(address) for name, address in addresses.items()}
    for first in range(1, count + 1, BATCH):
        last = min(first + BATCH - 1, count)
        await asyncio.gather(*(write(connections[name], name, first, last) for name in HEARS))
    await balance(connections, count)
    for connection in connections.values():
        await connection.execute("analyze")
        await connection.close()
    return addresses


async def say(addresses: dict[str, str], bootstrap: str) -> None:
    """Every fact onto its topic; then every group has read everything."""
    settings = Settings(service="load", bootstrap_servers=bootstrap)
    await lay_topics(settings)
    speaker = Speaker(settings)
    for service in HEARS:
        connection = await asyncpg.connect(addresses[service])
        await _say(speaker, connection, service)
        await connection.close()
    await speaker.stop()
    for service in HEARS:
        await _commit(bootstrap, service)


async def _say(speaker: Speaker, connection: Any, service: str) -> None:
    async with connection.transaction():
        facts: list[tuple[Fact, int | None]] = []
        async for subject, seq, version, kind, body, moment in connection.cursor(FACTS, prefetch=5000):
            facts.append((Fact(service, subject, seq, version, kind, body, Cause("", 0), moment), None))
            if len(facts) == 5000:
                await speaker.say(facts)
                facts.clear()
        await speaker.say(facts)


async def _commit(bootstrap: str, service: str) -> None:
    """As if the service's group had read everything."""
    places = [TopicPartition(topic_of(source), number) for source in SOURCES for number in range(8)]
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=service, enable_auto_commit=False
    ) as consumer:
        consumer.assign(places)
        await consumer.commit(await consumer.end_offsets(places))


def look(addresses: dict[str, str], bootstrap: str) -> dict[str, Any]:
    """An audit in a process of its own: seconds, peak memory, what it found."""
    environment = {f"DATABASE_URL_{name.upper()}": address for name, address in addresses.items()}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.audit"],
        env=os.environ | environment | {"KAFKA_BOOTSTRAP_SERVERS": bootstrap},
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"process_seconds": round(time.monotonic() - began, 1)}


def main() -> None:
    """With a number: lay so many, and look. Without: look at what the environment names."""
    if len(sys.argv) == 1:
        _look_here()
        return
    count = int(sys.argv[1])
    root = STATE / f"audit-{os.getpid()}"
    try:
        asyncio.run(_run(root, count))
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _run(root: Any, count: int) -> None:
    async with Stack(root, services=(), environment={"PATH": os.defpath}) as stack:
        await stack.start_infrastructure()
        began = time.monotonic()
        addresses = await lay(stack, count)
        await say(addresses, stack.bootstrap)
        print(f"{count:,} declarations laid in {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        found = await asyncio.to_thread(look, addresses, stack.bootstrap)
        print(json.dumps(found, indent=2), flush=True)  # noqa: T201


def _look_here() -> None:
    import resource  # noqa: PLC0415 - not on every system

    from audit.auditor import audit  # noqa: PLC0415

    def say(word: str) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{word} (peak {peak} MiB)", file=sys.stderr)  # noqa: T201

    report = asyncio.run(audit(where_from(os.environ), progress=say))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "seconds": round(report.seconds, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": usage.ru_maxrss // 1024,
        "breaches": dict(report.totals),
        "first": [list(breach) for breach in report.breaches[:5]],
        "counts": {name: str(number) for name, number in report.counts.items()},
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
