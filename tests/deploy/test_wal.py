"""WAL: a segment that is not written any more leaves the system's memory, and nothing of it is lost."""

import asyncio
import ctypes
import mmap
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.libc import libc
from deploy.local.paths import STATE
from deploy.local.stack import Stack
from deploy.local.wal import Segments, forget, keep_out_of_memory

FIRST, SECOND = "000000010000000000000001", "000000010000000000000002"


@pytest.fixture
def folder() -> Iterator[Path]:
    """In the checkout: a folder for temporary files may be memory and nothing else."""
    made = STATE / f"test-wal-{os.getpid()}"
    made.mkdir(parents=True)
    yield made
    shutil.rmtree(made)


def written(file: Path, at: int) -> Path:
    with file.open("ab") as log:
        log.write(b"row" * 100_000)
        os.fsync(log.fileno())
    os.utime(file, ns=(at, at))
    return file


def pages_in_memory(file: Path) -> int:
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        count = -(-len(mapped) // mmap.PAGESIZE)
        found = (ctypes.c_ubyte * count)()
        view = ctypes.c_char.from_buffer(mapped)
        failed = libc().mincore(ctypes.c_void_p(ctypes.addressof(view)), ctypes.c_size_t(len(mapped)), found)
        del view
        assert not failed
        return sum(page & 1 for page in found)


async def until_out_of_memory(file: Path) -> None:
    async with asyncio.timeout(30):
        while pages_in_memory(file):
            await asyncio.sleep(0.05)


def test_a_segment_rests_once_when_it_is_not_written_any_more(folder: Path) -> None:
    segments = Segments(folder)
    first, second = written(folder / FIRST, 1), written(folder / SECOND, 1)
    written(folder / "00000002.history", 1)

    assert segments.resting() == set(), "one look does not tell"
    written(second, 2)
    assert segments.resting() == {first}
    assert segments.resting() == {second}
    assert segments.resting() == set()
    written(first, 3)
    second.unlink()
    assert segments.resting() == set()
    assert segments.resting() == {first}


def test_what_is_forgotten_is_still_on_the_disk(folder: Path) -> None:
    file = written(folder / FIRST, 1)
    before = pages_in_memory(file)

    forget(file)
    forget(folder / "gone")

    assert (before, pages_in_memory(file)) == (74, 0)
    assert file.read_bytes() == b"row" * 100_000


async def test_a_stack_forgets_the_log_that_its_database_has_written(folder: Path) -> None:
    async with Stack(folder, services=(), environment={}, say=lambda _line: None) as stack:
        await stack.start_postgres()
        connection = await asyncpg.connect(stack.admin_url)
        segment = stack.postgres.wal / str(
            await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        )
        await connection.execute("CREATE TABLE rows AS SELECT generate_series(1, 30000)")
        assert pages_in_memory(segment)
        await connection.execute("SELECT pg_switch_wal()")
        await connection.close()

        await until_out_of_memory(segment)


async def test_it_goes_on_until_it_is_cancelled(folder: Path) -> None:
    forgetting = asyncio.create_task(keep_out_of_memory(folder, every=0.01))
    first = written(folder / FIRST, 1)
    await until_out_of_memory(first)
    second = written(folder / SECOND, 1)
    await until_out_of_memory(second)

    forgetting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await forgetting
