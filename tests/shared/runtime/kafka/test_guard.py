"""Guard: what topics are made of."""

from __future__ import annotations

import pytest

from shared.runtime.kafka.guard import _topic
from shared.runtime.settings import Settings


@pytest.mark.parametrize(("copies", "in_sync"), [(1, None), (2, None), (3, "2")])
def test_of_three_copies_two_must_be_there_before_a_fact_counts_as_said(
    copies: int, in_sync: str | None
) -> None:
    """With two copies and two of them required, the first death would stop everything."""
    made = _topic(Settings(service="tax", topic_replication=copies), "tax")

    assert made.topic_configs.get("min.insync.replicas") == in_sync
