"""Ending: of clients whose broker does not answer, or no more.

aiokafka 0.14 ends a client in steps, and takes none that follows one that hangs or fails: tasks and connections stay
behind, and who waits for an acknowledgement waits for nobody. Here each step has its turn.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from shared.runtime.kafka.guard import stop_quietly


async def end_producer(producer: AIOKafkaProducer) -> None:
    """Its sender, then what others still say by it (they are to try another at once), then its connections.

    The client's own stop waits for a flush first, which does not end while the broker is away.
    """
    producer._closed = True
    await stop_quietly(producer._sender.close)
    unsent = producer._message_accumulator
    unsent.fail_all(KafkaConnectionError("the client was given up after a failure"))
    for batch in chain(*unsent._batches.values()):
        batch._drain_waiter.exception()  # else the loop complains that nobody has asked
    await stop_quietly(producer.client.close)


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """What it does in the background, then its connections.

    The client's own stop ends with the first task that it waits for and that was just waiting for the broker.
    """
    await stop_quietly(consumer.stop)
    parts = {id(part) for part in (consumer._client, consumer._fetcher, consumer._coordinator)}
    tasks = [task for task in asyncio.all_tasks() if id(_self_of(task)) in parts]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)
    await stop_quietly(consumer._client.close)


def _self_of(task: asyncio.Task[Any]) -> object:
    """Whose method a task runs; the task itself where it runs none."""
    frame = getattr(task.get_coro(), "cr_frame", None)
    return frame.f_locals.get("self", task) if frame else task
