"""Quiet: what is under way, by a cheap look.

Unsaid facts, early messages that no parked one explains, deadlines that are due, records that groups have not passed.
"""

from __future__ import annotations

import asyncio

from audit.books import connect
from audit.broker import Broker
from audit.where import Where

_UNDER_WAY = {
    "unsaid": "select count(*) from outbox",
    "early": """select count(*) from waiting w where state = 'early' and not exists (
                  select from waiting p where p.subject_id = w.subject_id and p.source = w.source
                  and p.state = 'parked' and p.seq < w.seq)""",
    "due": "select count(*) from timers where due_at <= now()",
}


async def under_way(where: Where, broker: Broker) -> dict[str, int]:
    """Counts by service and kind; empty when nothing is under way."""
    found = await asyncio.gather(*(_of(where, service) for service in where.databases))
    counts = {name: number for each in found for name, number in each.items()}
    lag = await broker.lag()
    return counts | {f"{service}: records to hear": number for service, number in lag.items()}


async def _of(where: Where, service: str) -> dict[str, int]:
    connection = await connect(where, service)
    try:
        counts = {kind: await connection.fetchval(query) for kind, query in _UNDER_WAY.items()}
    finally:
        await connection.close()
    return {f"{service}: {kind}": int(number) for kind, number in counts.items() if number}
