"""Backup: the databases at one moment, and the keys; topics are made again from the facts.

All databases are copied as one server (pg_basebackup), so they stop at the same moment: what one has heard, the other
still knows that it said. A topic holds nothing that is not a fact in a database, so topics are never copied. After a
restore they begin empty, every fact is said again, and who has heard it changes nothing.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import brokers
from deploy.local.jars import class_path
from deploy.local.paths import CHECKOUT, Root, RootInUseError
from deploy.local.postgres import ADMIN, Postgres, binary, environment
from deploy.local.stack import Stack

Say = Callable[[str], None]
BESIDE = ("secrets", "passwords", "databases-ready", "sandbox-run.json")
"""What goes with the databases. The keys are copied after them: a key is never needed before it is there."""
MANIFEST = "backup.json"
SPEAKERS = ("registry", "declaration", "tax", "quarantine", "logistics", "clearance")


class BackupError(RuntimeError):
    """It cannot be backed up or restored so."""


async def back_up(root: Root, folder: Path, say: Say = print) -> None:
    """Copy a stack's databases and keys into a new folder, whether it runs or not."""
    making, begun = _begin(root, folder), datetime.now(UTC)
    async with _database(root) as database:
        await _copy_databases(database, making / "postgres")
    for name in BESIDE:
        _copy(root.path / name, making / name)
    _end(making, folder, begun)
    say(f"{folder}: every filing acknowledged before {begun:%Y-%m-%d %H:%M:%S} UTC is in it")


def _begin(root: Root, folder: Path) -> Path:
    """A folder beside the wanted one: a backup that was cut short never looks finished."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty: name a folder that is not there yet")
    if not (root.postgres / "PG_VERSION").exists():
        raise BackupError(f"there is no embedded database in {root.path}")
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700, parents=True)
    return making


def _end(making: Path, folder: Path, begun: datetime) -> None:
    manifest = {"begun_at": begun.isoformat(), "ended_at": datetime.now(UTC).isoformat(), "layout": 1}
    (making / MANIFEST).write_text(json.dumps(manifest, indent=1))
    if folder.exists():
        folder.rmdir()
    making.replace(folder)


async def restore(root: Root, folder: Path, environment: Mapping[str, str], *, count: int, say: Say) -> None:
    """Make a stack's folder out of a backup, its topics out of the facts. Nothing that is there is overwritten."""
    root.refuse_in_use()
    _refuse_to_overwrite(root)
    if not (folder / MANIFEST).exists():
        raise BackupError(f"{folder} is no complete backup: {MANIFEST} is not in it")
    stack = await _startable(root, environment, count, say)
    say("checking the backup ...")
    await _run("pg_verifybackup", "--quiet", str(folder / "postgres"))
    root.create()
    with root.lock():
        made = await _made_beside(root, folder, environment, say)
        _put_in_place(made, stack)
    await _rebuild(stack, say)


def _refuse_to_overwrite(root: Root) -> None:
    """Keys may be alive without a database beside them. What a restore itself began to put here is no such thing."""
    ours = () if root.rebuilding.exists() else BESIDE
    held = [name for name in ("postgres", *ours) if _is_something(root.path / name)]
    if held:
        raise BackupError(f"{root.path} holds data ({', '.join(held)}): move it away, or `make fresh`")


def _is_something(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


async def _made_beside(root: Root, folder: Path, environment: Mapping[str, str], say: Say) -> Root:
    """The backup as a folder of its own, which nobody takes for the window's before it can be.

    A copied server that is stopped before it first answers never starts again, and permits are not to be numbered as
    if nothing had come after the backup.
    """
    made = Root(root.path / "restoring")
    shutil.rmtree(made.path, ignore_errors=True)
    for name in ("postgres", *BESIDE):
        _copy(folder / name, made.path / name)
    async with Stack(made.path, services=(), environment=environment, say=say) as stack:
        await stack.start_postgres()
        await _go_on_numbering(stack)
    return made


def _put_in_place(made: Root, stack: Stack) -> None:
    """The databases last: where they are, all is that belongs to them."""
    _note(stack)
    for name in BESIDE:
        _copy(made.path / name, stack.root.path / name)
    made.postgres.replace(stack.root.postgres)
    shutil.rmtree(made.path)


async def rebuild_topics(root: Root, environment: Mapping[str, str], *, count: int, say: Say) -> None:
    """Throw the topics of a stopped stack away, and say every fact again. It finishes what was cut short.

    On as many brokers as are asked for; else as what was cut short wanted, as SW_BROKERS says, as there were.
    """
    if not (root.postgres / "PG_VERSION").exists():
        raise BackupError(f"there is no embedded database in {root.path}")
    stack = await _startable(root, environment, count or _noted(root), say)
    stack.wanted_brokers = stack.wanted_brokers or brokers.kept(root)
    await _rebuild(stack, say)


async def _startable(root: Root, environment: Mapping[str, str], count: int, say: Say) -> Stack:
    """The stack to do it with. What can hinder its start is met here, before anything is touched."""
    stack = Stack(root.path, services=(), brokers=count, environment=environment, say=say)
    await class_path(say)
    return stack


async def _rebuild(stack: Stack, say: Say) -> None:
    """Make the topics again. The note is there before they are gone, and goes when the last fact is said."""
    with stack.root.lock():
        _note(stack)
        brokers.forget(stack.root)
    async with stack:
        await stack.start_infrastructure()
        said = await asyncio.gather(*(_resay(stack, service) for service in SPEAKERS))
        stack.root.rebuilding.unlink()
    say(f"topics rebuilt: {sum(said)} facts said again; `./sw up` starts the window")


def _note(stack: Stack) -> None:
    """So that no window starts on what is half made, and who finishes it takes as many brokers as were wanted."""
    stack.root.rebuilding.write_text(str(stack.wanted_brokers or 0))


def _noted(root: Root) -> int:
    """How many brokers were wanted by what was cut short; 0 where nobody said, or nothing was."""
    return int(root.rebuilding.read_text() or 0) if root.rebuilding.exists() else 0


async def _go_on_numbering(stack: Stack) -> None:
    """What was numbered after the backup is unknown to it: no number is given out twice."""
    await _module(stack, "clearance", "services.clearance.restored")


async def _resay(stack: Stack, service: str) -> int:
    return await _module(stack, service, "shared.runtime.resay", service)


async def _module(stack: Stack, service: str, *module: str) -> int:
    """Run a module in a service's environment; the number that it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *module),
        env=stack.environment(service),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, trouble = await process.communicate()
    if process.returncode != 0:
        raise BackupError(f"{' '.join(module)} failed ({trouble.decode(errors='replace')[-1000:]})")
    return int(said)


@asynccontextmanager
async def _database(root: Root) -> AsyncIterator[Postgres]:
    """The stack's database server: the running one, or one started for this."""
    try:
        root.refuse_in_use()
    except RootInUseError:
        yield Postgres(root, json.loads(root.ports.read_text())["postgres"])
        return
    async with Stack(root.path, services=(), environment={}, say=lambda _line: None) as stack:
        await stack.start_postgres()
        yield stack.postgres


async def _copy_databases(database: Postgres, to: Path) -> None:
    """All databases of the server as they were at one moment, with what it takes to start from them."""
    where = ("--host=127.0.0.1", f"--port={database.port}", f"--username={ADMIN}", "--no-password")
    how = ("--format=plain", "--wal-method=stream", "--checkpoint=fast")
    await _run("pg_basebackup", *where, *how, f"--pgdata={to}", password=database.admin_password)
    await _run("pg_verifybackup", "--quiet", str(to))


async def _run(program: str, *arguments: str, password: str = "") -> None:
    process = await asyncio.create_subprocess_exec(
        *(str(binary(program)), *arguments),
        env=environment() | ({"PGPASSWORD": password} if password else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise BackupError(f"{program}: {said.decode(errors='replace')[-2000:]}")


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy2(source, to)
