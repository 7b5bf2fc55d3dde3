"""Event map: who says what, who hears it, written to docs/events.md from the code."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from shared.contracts.topics import NAMES, PARTITIONS, TYPES
from shared.runtime.settings import SERVICES

TARGET = Path(__file__).parents[2] / "docs" / "events.md"
HEAD = f"""# Event map

Written by `make events` from the contracts and from the `SUBSCRIPTIONS` at the foot of every `handlers.py`; a
test fails when it is stale. Topics are `<service>.events`, {PARTITIONS} partitions each, keyed by declaration id
(registry: by the UUID of party, client or key; bills: by the bill's). Every record is a CloudEvents 1.0 message in
Kafka binary mode: headers `ce_id` (`<subject>/<seq>`, seq counts 1..n per source and subject), `ce_source`,
`ce_type`, `ce_time`, `traceparent`; the value is JSON. Keys and revocations of registry are heard by every replica,
which reads them from the beginning.

| event | said by | heard by | meaning |
|---|---|---|---|
"""


def hearers() -> dict[str, list[str]]:
    """Services by the name of each event they subscribe to."""
    heard: dict[str, list[str]] = {name: [] for name in TYPES}
    for service in SERVICES:
        if importlib.util.find_spec(f"services.{service}.handlers") is None:
            continue
        handlers = importlib.import_module(f"services.{service}.handlers")
        for event in handlers.SUBSCRIPTIONS:
            heard[NAMES[event]].append(service)
    return heard


def event_map() -> str:
    """The page."""
    rows = []
    for name, services in hearers().items():
        meaning = (TYPES[name].__doc__ or "").strip().splitlines()[0]
        rows.append(f"| `{name}` | {name.partition('.')[0]} | {', '.join(services) or '-'} | {meaning} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    TARGET.write_text(event_map())
