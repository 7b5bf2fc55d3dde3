"""Guard: what topics are made of, and whether a broker takes connections."""

from __future__ import annotations

import asyncio

import pytest

from shared.runtime.kafka.guard import _topic, connection_options, is_listening
from shared.runtime.settings import Settings, read_settings


@pytest.mark.parametrize(("copies", "in_sync"), [(1, None), (2, None), (3, "2")])
def test_of_three_copies_two_must_be_there_before_a_fact_counts_as_said(
    copies: int, in_sync: str | None
) -> None:
    """With two copies and two of them required, the first death would stop everything."""
    made = _topic(Settings(service="tax", topic_replication=copies), "tax")

    assert made.topic_configs.get("min.insync.replicas") == in_sync


async def test_a_broker_listens_if_one_of_its_addresses_takes_connections() -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        assert await is_listening(f"127.0.0.1:1,127.0.0.1:{port}")

    assert not await is_listening(f"127.0.0.1:{port}")
    assert not await is_listening("nowhere")


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_tls_is_spoken_where_the_protocol_says_so(protocol: str) -> None:
    settings = read_settings("tax", {"KAFKA_SECURITY_PROTOCOL": protocol, "KAFKA_SASL_MECHANISM": "PLAIN"})

    options = connection_options(settings)

    assert options["security_protocol"] == protocol
    assert options["sasl_mechanism"] == "PLAIN"
    assert ("ssl_context" in options) == protocol.endswith("SSL")


def test_a_file_of_authorities_that_cannot_be_read_is_named() -> None:
    settings = read_settings(
        "tax", {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SSL_CAFILE": "/nowhere/ca.pem"}
    )

    with pytest.raises(OSError, match="KAFKA_SSL_CAFILE=/nowhere/ca"):
        connection_options(settings)
