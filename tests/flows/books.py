"""Books: every service's rows, read by SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from services.clearance.domain import Case
from shared.contracts.topics import SOURCES

Rows = Sequence[Mapping[str, Any]]
SERVICES = (*SOURCES, "portal")
_heard = ", ".join(f"heard_{source}" for source in SOURCES)
_EVERYWHERE = {
    "heads": f"select subject_id::text, next_seq, waiting, {_heard} from heads",
    "facts": "select subject_id::text, seq, version, type from facts order by subject_id, seq",
    "waiting": "select subject_id::text, source, seq, state, error from waiting",
    "outbox": "select subject_id::text, seq from outbox",
    "due": "select subject_id::text, command from timers where due_at <= now()",
}
_OWN = {
    "declaration": {
        "declarations": "select declaration_id::text, version, platform, order_no, summary from declarations",
        "outcomes": "select declaration_id::text, version, outcome from outcomes",
        "requests": "select declaration_id::text, request_id::text, state from requests",
        "keys": "select key, declaration_id::text from taken_keys where key not like 'idem|%'",
    },
    "tax": {
        "assessments": """select declaration_id::text, version, buyer, guarantor, filed_at, status, tax_total,
                          quota_held, guarantee_held from assessments""",
        "quotas": "select buyer, sum(reserved) as reserved, sum(used) as used from quotas group by buyer",
        "accounts": "select party, balance, reserved, due from accounts",
        "deposits": "select party, sum(amount) as amount from deposits group by party",
    },
    "clearance": {
        "cases": "select declaration_id::text, status, permit_no, body from cases",
        "tallies": "select name, sum(n)::bigint as n from tallies group by name having sum(n) <> 0",
    },
}


@dataclass(frozen=True, slots=True)
class Books:
    """All rows that the checks compare: by service, then by table."""

    rows: Mapping[str, Mapping[str, Rows]]
    forged: Collection[str] = field(default=())
    """Declarations about which somebody put words on a topic that no service said."""

    def of(self, service: str, table: str) -> Rows:
        """The rows of a table."""
        return self.rows.get(service, {}).get(table, ())

    def cases(self) -> dict[str, Case]:
        """Clearance's cases by declaration."""
        rows = self.of("clearance", "cases")
        return {row["declaration_id"]: msgspec.json.decode(row["body"], type=Case) for row in rows}


async def read_books(admin_url: str, forged: Collection[str] = ()) -> Books:
    """The books as they stand, service by service."""
    found = await asyncio.gather(*(_read(database_of(admin_url, service), service) for service in SERVICES))
    return Books(dict(zip(SERVICES, found, strict=True)), forged)


async def _read(url: str, service: str) -> dict[str, Rows]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        asked = _EVERYWHERE | _OWN.get(service, {})
        return {table: [dict(row) for row in await connection.fetch(query)] for table, query in asked.items()}
    finally:
        await connection.close()


def database_of(admin_url: str, service: str) -> str:
    """A service's database, as the server's superuser."""
    at = urlsplit(admin_url)
    return urlunsplit((at.scheme, at.netloc, f"/{service}", at.query, ""))
