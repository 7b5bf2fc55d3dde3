"""Away: a broker that refuses, or says nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.errors import KafkaConnectionError


async def refuses(*_: Any, **__: Any) -> None:
    raise KafkaConnectionError("away")


async def is_silent(*_: Any, **__: Any) -> None:
    await asyncio.Event().wait()
