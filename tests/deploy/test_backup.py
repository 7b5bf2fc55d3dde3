"""Backup: what cannot be backed up or restored is refused before anything is touched."""

from pathlib import Path

import pytest

from cli.backups import rebuild_topics
from cli.faults import Fault
from deploy.local import backup
from deploy.local.backup import BackupError
from deploy.local.paths import Root, RootInUseError


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
    await backup.restore(root, folder, {}, count=1, say=lambda _line: None)


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


async def test_a_backup_that_was_cut_short_is_none(tmp_path: Path) -> None:
    (tmp_path / "copy.making" / "postgres").mkdir(parents=True)

    with pytest.raises(BackupError, match=r"backup\.json is not in it"):
        await restored(Root(tmp_path / "run"), tmp_path / "copy.making")


async def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_verifybackup"):
        await restored(Root(tmp_path / "run"), a_copy(tmp_path / "copy"))

    assert not (tmp_path / "run").exists()


async def test_topics_of_a_running_stack_are_not_thrown_away(tmp_path: Path) -> None:
    root = with_data(tmp_path / "run")

    with root.lock(), pytest.raises(RootInUseError):
        await backup.rebuild_topics(root, {}, count=1, say=lambda _line: None)

    assert (root.path / "kafka").exists()


def test_servers_of_your_own_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_TAX", "postgresql://tax@db/tax")

    with pytest.raises(Fault, match="DATABASE_URL_TAX is set"):
        rebuild_topics()
