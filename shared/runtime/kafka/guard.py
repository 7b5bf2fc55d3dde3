"""Guard: deadlines on the client, its options, its topics.

aiokafka 0.14 hangs where it should fail while a broker is away (an idempotent send, a commit, a stop), so every
await has a deadline and a stop runs in a task of its own.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.runtime.settings import Settings
from shared.runtime.telemetry import log

START, SAY, COMMIT, STOP = 15.0, 20.0, 3.0, 5.0
"""Deadlines in seconds."""
RETENTION_MS = {"registry": -1}
"""registry.events is kept for ever: every replica reads keys and parties from its beginning. Others: a week."""
A_WEEK_MS = 604_800_000
_TOPIC_EXISTS = 36


class BrokerAway(ConnectionError):
    """The broker did not answer within the deadline."""


class WrongPartitions(RuntimeError):
    """A topic has another number of partitions than the platform is built on."""


async def within(seconds: float, work: Awaitable[Any], what: str) -> Any:
    """The result of a client call, or `BrokerAway` when it fails or takes too long."""
    try:
        return await asyncio.wait_for(work, seconds)
    except (KafkaError, TimeoutError, OSError) as error:
        raise BrokerAway(f"{what}: {type(error).__name__} {error}") from error


async def is_listening(servers: str) -> bool:
    """Whether one of some addresses (host:port, by comma) takes connections."""
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 1)
        except (OSError, TimeoutError, ValueError):
            continue
        writer.close()
        return True
    return False


def connection_options(settings: Settings) -> dict[str, Any]:
    """Bootstrap address and, where set, TLS and SASL."""
    options: dict[str, Any] = {"bootstrap_servers": settings.bootstrap_servers, **settings.kafka_security}
    cafile = options.pop("ssl_cafile", None)
    if str(options.get("security_protocol", "")).endswith("SSL"):
        options["ssl_context"] = _trusting(cafile)
    return options


def _trusting(cafile: str | None) -> ssl.SSLContext:
    """TLS that trusts the authority in a file; without one, whom the system trusts."""
    try:
        return ssl.create_default_context(cafile=cafile)
    except OSError as error:
        raise OSError(f"KAFKA_SSL_CAFILE={cafile} cannot be used: {error}") from error


async def lay_topics(settings: Settings) -> None:
    """Make the topics that are not there; refuse another number of partitions than eight."""
    names = [settings.topic_prefix + topic_of(source) for source in SOURCES]
    admin = AIOKafkaAdminClient(**connection_options(settings), request_timeout_ms=10_000)
    try:
        await within(START, admin.start(), "admin start")
        wanted = [_topic(settings, source) for source in SOURCES]
        answer = await within(START, admin.create_topics(wanted), "create topics")
        for name, code, *_ in answer.topic_errors:
            if code not in (0, _TOPIC_EXISTS):
                raise BrokerAway(f"topic {name} was not made: Kafka error {code}")
        for topic in await within(START, admin.describe_topics(names), "describe topics"):
            if topic["error_code"] == 0 and len(topic["partitions"]) != PARTITIONS:
                raise WrongPartitions(
                    f"{topic['topic']} has {len(topic['partitions'])} partitions, not {PARTITIONS}"
                )
    finally:
        await stop_quietly(admin.close)


def kept_for(source: str) -> int:
    """Milliseconds that a record of a speaker is kept; -1 is for ever."""
    return RETENTION_MS.get(source, A_WEEK_MS)


def _topic(settings: Settings, source: str) -> NewTopic:
    kept = {
        "retention.ms": str(kept_for(source)),
        "message.timestamp.type": "LogAppendTime",  # what is said again is kept as long as what is new
    }
    if settings.topic_replication >= 3:
        kept["min.insync.replicas"] = "2"  # whatever the cluster's own default: acknowledged is on two
    name = settings.topic_prefix + topic_of(source)
    return NewTopic(name, PARTITIONS, settings.topic_replication, topic_configs=kept)


async def stop_quietly(stop: Callable[[], Awaitable[Any]]) -> None:
    """Stop a client in a task of its own, bounded: its stray cancellations stay there."""
    task = asyncio.ensure_future(stop())
    await asyncio.wait([task], timeout=STOP)
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1)
    elif not task.cancelled() and task.exception() is not None:
        log("kafka").debug("client stopped badly", error=str(task.exception()))
