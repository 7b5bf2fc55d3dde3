"""Catalogue: every fault there is."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.fault import Fault
from tests.chaos.faults import database, deliveries, lines, processes


def all_faults(brokers: Sequence[str]) -> list[Fault]:
    """Of a stack with these brokers."""
    return [*processes.faults(brokers), *lines.faults(), *deliveries.faults(), *database.faults()]
