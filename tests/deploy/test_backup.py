"""Backup: what cannot be done is refused before anything is touched; what was cut short is not forgotten."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from cli.backups import rebuild_topics
from cli.faults import Fault
from deploy.local import backup
from deploy.local.backup import SPEAKERS, BackupError
from deploy.local.brokers import BrokersError
from deploy.local.environment import SettingError
from deploy.local.jars import JarError
from deploy.local.paths import STATE, HalfMadeError, Root, RootInUseError
from deploy.local.stack import Stack
from services.clearance.permit import running_no_after
from shared.runtime.migrate import migrate
from tests.deploy.test_supervisor import until

HERE = {"PATH": os.defpath}
IMPOSSIBLE = [
    pytest.param({}, 2, BrokersError, id="two brokers"),
    pytest.param({"SW_BROKERS": "2"}, 0, BrokersError, id="two brokers in the environment"),
    pytest.param({"SW_BROKERS": "many"}, 0, SettingError, id="brokers that are no number"),
    pytest.param({"GATEWAY_PORT": "http"}, 0, SettingError, id="a port that is no number"),
]


def with_data(folder: Path) -> Root:
    """A root in which a database has been."""
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("18")
    (folder / "kafka").mkdir()
    return Root(folder)


def a_copy(folder: Path) -> Path:
    """What looks like a backup."""
    (folder / "postgres").mkdir(parents=True)
    (folder / "backup.json").write_text("{}")
    return folder


async def restored(root: Root, folder: Path) -> None:
    await backup.restore(root, folder, {}, count=1, say=quiet)


def quiet(_line: str) -> None:
    """Nobody listens."""


async def no_network(_say: Callable[[str], None]) -> str:
    raise JarError("kafka.jar could not be fetched")


@pytest.fixture
async def root() -> AsyncIterator[Root]:
    """A folder with the databases of all who speak, as at their first start."""
    root = Root(STATE / f"test-backup-{os.getpid()}")
    async with Stack(root.path, services=SPEAKERS, environment=HERE, say=quiet) as stack:
        await stack.start_postgres()
        for service in SPEAKERS:
            await migrate(service, stack.owner_url(service))
    yield root
    shutil.rmtree(root.path)


async def next_number(root: Root) -> int:
    """The running number that the next permit gets."""
    async with Stack(root.path, services=(), environment=HERE, say=quiet) as stack:
        await stack.start_postgres()
        connection = await asyncpg.connect(stack.owner_url("clearance"))
        number: int = await connection.fetchval("SELECT nextval('permit_numbers')")
        await connection.close()
    return number


async def interrupted(root: Root, copy: Path, moment: Callable[[], bool]) -> None:
    """A restore, and Ctrl-C when it has come so far."""
    restoring = asyncio.create_task(backup.restore(root, copy, HERE, count=1, say=quiet))
    await until(moment, 60)
    restoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restoring


async def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").touch()

    with pytest.raises(BackupError, match="is not empty"):
        await backup.back_up(with_data(tmp_path / "run"), tmp_path / "copy")


async def test_where_there_is_no_database_nothing_is_backed_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no embedded database"):
        await backup.back_up(Root(tmp_path / "run"), tmp_path / "copy")

    assert not (tmp_path / "copy").exists()


async def test_data_are_never_restored_over(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds data"):
        await restored(with_data(tmp_path / "run"), a_copy(tmp_path / "copy"))


@pytest.mark.parametrize("name", ["secrets/buyer-token-key", "passwords/tax", "sandbox-run.json"])
async def test_keys_that_are_alive_are_never_restored_over(tmp_path: Path, name: str) -> None:
    root = Root(tmp_path / "run")
    root.create()
    (root.path / name).parent.mkdir(exist_ok=True)
    (root.path / name).write_text("alive")

    with pytest.raises(BackupError, match=f"holds data .{name.split('/', maxsplit=1)[0]}"):
        await restored(root, a_copy(tmp_path / "copy"))

    assert (root.path / name).read_text() == "alive"


async def test_what_a_restore_itself_began_to_put_in_place_hinders_no_other(tmp_path: Path) -> None:
    root = Root(tmp_path / "run")
    root.create()
    (root.secrets / "buyer-token-key").touch()
    root.rebuilding.touch()

    with pytest.raises(BackupError, match="pg_verifybackup"):  # which is further than the refusal
        await restored(root, a_copy(tmp_path / "copy"))


async def test_a_backup_that_was_cut_short_is_none(tmp_path: Path) -> None:
    (tmp_path / "copy.making" / "postgres").mkdir(parents=True)

    with pytest.raises(BackupError, match=r"backup\.json is not in it"):
        await restored(Root(tmp_path / "run"), tmp_path / "copy.making")


async def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_verifybackup"):
        await restored(Root(tmp_path / "run"), a_copy(tmp_path / "copy"))

    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("outside", "count", "why"), IMPOSSIBLE)
async def test_nothing_is_put_in_place_for_a_stack_that_cannot_be(
    tmp_path: Path, outside: dict[str, str], count: int, why: type[Exception]
) -> None:
    with pytest.raises(why):
        await backup.restore(
            Root(tmp_path / "run"), a_copy(tmp_path / "copy"), outside, count=count, say=quiet
        )

    assert not (tmp_path / "run").exists()


async def test_brokers_are_fetched_before_the_topics_of_the_old_ones_are_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "class_path", no_network)
    root = with_data(tmp_path / "run")

    with pytest.raises(JarError):
        await backup.rebuild_topics(root, {}, count=1, say=quiet)
    with pytest.raises(JarError):
        await restored(Root(tmp_path / "new"), a_copy(tmp_path / "copy"))

    assert (root.path / "kafka").exists()
    assert not root.owed
    assert not (tmp_path / "new").exists()


def test_a_restore_that_is_killed_before_the_databases_are_in_place_is_to_be_begun_again(
    tmp_path: Path,
) -> None:
    made, root = Root(tmp_path / "run" / "restoring"), Root(tmp_path / "run")
    (made.path / "databases-ready").mkdir(parents=True)

    with pytest.raises(FileNotFoundError, match="postgres"):
        backup._put_in_place(made, Stack(root.path, environment={}, say=quiet))

    assert (root.path / "databases-ready").exists()
    assert root.owed == "./sw restore FOLDER"


async def test_a_restore_that_is_cut_short_puts_nothing_in_place_or_is_finished_by_making_the_topics(
    root: Root, tmp_path: Path
) -> None:
    await backup.back_up(root, tmp_path / "copy", quiet)
    shutil.rmtree(root.path)
    begun = datetime.now(UTC)

    await interrupted(root, tmp_path / "copy", (root.path / "restoring" / "pids.json").exists)
    assert not root.postgres.exists()
    assert not root.owed
    await interrupted(
        root, tmp_path / "copy", lambda: root.pids.exists() and "kafka" in root.pids.read_text()
    )
    with pytest.raises(HalfMadeError, match=r"\./sw rebuild-topics"):
        await Stack(root.path, environment=HERE, say=quiet).__aenter__()
    await backup.rebuild_topics(root, HERE, count=0, say=quiet)

    assert await next_number(root) >= running_no_after(begun)
    async with Stack(root.path, environment=HERE, say=quiet) as stack:
        assert not stack.root.owed


def test_servers_of_your_own_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_TAX", "postgresql://tax@db/tax")

    with pytest.raises(Fault, match="DATABASE_URL_TAX is set"):
        rebuild_topics()


async def test_a_window_that_runs_is_to_be_stopped_not_thrown_away(tmp_path: Path) -> None:
    root = with_data(tmp_path / "run")
    with root.lock(), pytest.raises(RootInUseError, match="stop it first"):
        await restored(root, a_copy(tmp_path / "copy"))
