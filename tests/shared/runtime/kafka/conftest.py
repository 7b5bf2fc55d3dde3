"""Fixtures: a service's settings, with topics of its own."""

from __future__ import annotations

import pytest

from shared.runtime.kafka.guard import lay_topics
from shared.runtime.settings import Settings


@pytest.fixture
async def settings(bootstrap: str, topic_prefix: str) -> Settings:
    """Those of a service whose topics are laid."""
    made = Settings(service="tax", bootstrap_servers=bootstrap, topic_prefix=topic_prefix)
    await lay_topics(made)
    return made
