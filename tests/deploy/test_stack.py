"""The stack: broker and database come back after kill -9, with what they had promised."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import kafka
from deploy.local.paths import ODD, STATE, HalfMadeError, OddFolderError, Root, RootInUseError
from deploy.local.stack import Stack


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    root = STATE / f"test-stack-{os.getpid()}"
    async with Stack(root, services=("tax",), environment={}, say=lambda _line: None) as made:
        yield made
    shutil.rmtree(root)


async def say(bootstrap: str, text: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("tax.events", 8, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("tax.events", text)


async def hear(bootstrap: str) -> bytes:
    async with AIOKafkaConsumer(
        "tax.events", bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        record = await asyncio.wait_for(consumer.getone(), 20)
        return bytes(record.value)


async def write(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE promises (kept bool)")
    await connection.execute("INSERT INTO promises VALUES (true)")
    await connection.close()


async def read(url: str) -> bool:
    connection = await asyncpg.connect(url)
    kept = await connection.fetchval("SELECT kept FROM promises")
    await connection.close()
    return bool(kept)


async def test_broker_and_database_survive_kill_9_on_the_same_addresses(stack: Stack) -> None:
    await stack.start_infrastructure()
    await say(stack.bootstrap, b"kept")
    await write(stack.owner_url("tax"))
    before = stack.pids()

    stack.kill("kafka")
    stack.kill("postgres")
    async with asyncio.timeout(30):
        while stack.pids()["kafka"] == before["kafka"] or stack.pids()["postgres"] == before["postgres"]:
            await asyncio.sleep(0.05)
    await stack.wait_for_infrastructure()

    assert await hear(stack.bootstrap) == b"kept"
    assert await read(stack.owner_url("tax"))
    assert json.loads(stack.root.pids.read_text()) == stack.pids()


async def test_one_folder_has_one_stack(stack: Stack) -> None:
    with pytest.raises(RootInUseError):
        await Stack(stack.root.path, environment={}).__aenter__()


async def test_a_folder_that_is_half_made_runs_no_services_and_says_what_finishes_it(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    Root(tmp_path).rebuilding.touch()

    with pytest.raises(HalfMadeError, match=r"half made: run `\./sw rebuild-topics`, which finishes it"):
        await Stack(tmp_path, services=("tax",), environment={}).__aenter__()

    async with Stack(tmp_path, services=(), environment={}) as what_finishes_it:
        assert what_finishes_it.services == ()


@pytest.mark.parametrize("odd", ODD)
def test_a_folder_in_which_a_server_cannot_work_is_refused_before_it_is_made(
    tmp_path: Path, odd: str
) -> None:
    root = tmp_path / f"a{odd}b" / "run"

    with pytest.raises(OddFolderError, match="cannot work there; move the checkout"):
        Stack(root, environment={})

    assert not root.parent.exists()


async def test_passwords_are_nobody_elses(stack: Stack) -> None:
    assert stack.database_url("tax") != stack.owner_url("tax")

    kept = stack.root.path / "passwords"
    assert {file.stat().st_mode & 0o077 for file in [kept, *kept.iterdir(), stack.root.secrets]} == {0}


def test_external_servers_are_taken_at_their_word(tmp_path: Path) -> None:
    outside = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "DATABASE_URL_TAX": "postgresql://tax@db/tax"}

    stack = Stack(tmp_path, services=("tax",), environment=outside)

    assert (stack.bootstrap, stack.database_url("tax")) == ("broker:9092", "postgresql://tax@db/tax")


async def test_nobody_listening_is_no_broker() -> None:
    assert not await kafka.answers(1)
