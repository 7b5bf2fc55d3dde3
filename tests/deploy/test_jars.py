"""Kafka's jars: fetched once, never half, and no longer than they are wanted."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from jgo.maven import _core as maven

from deploy.local import jars
from deploy.local.jars import Jar, JarError, class_path

CONTENT = b"a jar" * 100_000
JAR = Jar(path=Path("org", "kafka", "1.0", "kafka-1.0.jar"), sha256=hashlib.sha256(CONTENT).hexdigest())
GIVEN_UP = 5.0
"""Seconds within which a fetch that nobody wants any more has ended; a try alone may take three times as long."""


class Store:
    """A Maven repository on the loopback that knows one jar."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.is_away = self.drips = False
        self.tries = 0
        self.answers: list[asyncio.Task[None]] = []

    def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tries += 1
        self.answers.append(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError), closing(writer):
            await self._say(reader, writer)

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readuntil(b"\r\n\r\n")
        found = line.split()[1].endswith(b".jar") and not self.is_away
        head = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (b"200 OK" if found else b"404 No", len(CONTENT) if found else 0))
        for start in range(0, len(CONTENT) if found else 0, 8192):
            writer.write(CONTENT[start : start + 8192])
            await writer.drain()
            self.asked.set()
            await asyncio.sleep(0.1 if self.drips else 0)
        self.asked.set()


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    made = Store()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setitem(maven.DEFAULT_REMOTE_REPOS, "central", address)
    monkeypatch.setattr(jars, "known_jars", lambda: [JAR])
    yield made
    server.close()
    await asyncio.gather(*made.answers)


async def given_up(store: Store, folder: Path) -> None:
    """A fetch, cancelled when the store was asked; returns when nothing of it runs any more."""
    fetching = asyncio.create_task(class_path(print, folder))
    await store.asked.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    async with asyncio.timeout(GIVEN_UP):
        await asyncio.get_running_loop().shutdown_default_executor()


async def test_a_jar_is_fetched_once_and_lies_where_the_class_path_says(store: Store, tmp_path: Path) -> None:
    where = await class_path(print, tmp_path)
    tries = store.tries

    assert await class_path(print, tmp_path) == where == str(tmp_path / JAR.path)
    assert store.tries == tries
    assert JAR.is_in(tmp_path)


async def test_a_download_that_drips_ends_with_who_wanted_it_and_leaves_nothing(
    store: Store, tmp_path: Path
) -> None:
    store.drips = True

    await given_up(store, tmp_path)

    assert not JAR.is_in(tmp_path)
    assert not (tmp_path / f"incoming-{os.getpid()}").exists()


async def test_a_pause_between_two_tries_ends_with_who_wanted_them(store: Store, tmp_path: Path) -> None:
    store.is_away = True

    await given_up(store, tmp_path)

    assert store.tries < jars.TRIES
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


async def test_a_jar_that_cannot_be_had_is_a_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.is_away = True
    monkeypatch.setattr(jars, "TRIES", 1)

    with pytest.raises(JarError, match=r"kafka-1\.0\.jar could not be fetched"):
        await class_path(print, tmp_path)
