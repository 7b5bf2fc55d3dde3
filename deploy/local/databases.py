"""Databases and roles: for each service an owner that migrates and a user that cannot."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

# Names and passwords are ours ([a-z0-9_]), so they need no quoting beyond the quotes.
ROLES = """
CREATE ROLE "{name}_owner" LOGIN PASSWORD '{owner_password}';
CREATE ROLE "{name}" LOGIN PASSWORD '{password}';
"""
DATABASE = """CREATE DATABASE "{name}" OWNER "{name}_owner" """
PUBLIC_OUT = """
REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "{name}" TO "{name}";
"""
RIGHTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO "{name}_owner";
GRANT USAGE ON SCHEMA public TO "{name}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{name}_owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{name}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{name}_owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{name}";
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where a service keeps what is its own, as its user and as its owner."""

    name: str
    url: str
    owner_url: str

    def through(self, folder: Path | None, port: int) -> Self:
        """The same database, its user's address through the Unix socket in a folder."""
        if folder is None:
            return self
        at = urlsplit(self.url)
        words = f"host={quote(str(folder))}&port={port}"
        user = at.netloc.rpartition("@")[0]
        return replace(self, url=urlunsplit((at.scheme, f"{user}@", at.path, words, "")))


def new_password() -> str:
    return secrets.token_hex(16)


def url_for(admin_url: str, role: str, password: str, database: str) -> str:
    """The same server, as somebody else, in another database."""
    at = urlsplit(admin_url)
    return urlunsplit(
        (at.scheme, f"{role}:{password}@{at.hostname}:{at.port or 5432}", f"/{database}", at.query, "")
    )


def described(admin_url: str, name: str, password: str, owner_password: str) -> Database:
    return Database(
        name=name,
        url=url_for(admin_url, name, password, name),
        owner_url=url_for(admin_url, f"{name}_owner", owner_password, name),
    )


async def takes_connections(url: str) -> bool:
    """Whether a server is there and ready. Over TCP it is not while an official image prepares the data."""
    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def create_database(
    admin_url: str, name: str, password: str = "", owner_password: str = ""
) -> Database:
    """An empty database with its two roles; safe to run again after a start that was cut short."""
    password, owner_password = password or new_password(), owner_password or new_password()
    words = {"name": name, "password": password, "owner_password": owner_password}
    server = await asyncpg.connect(admin_url)
    try:
        if not await server.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
            await server.execute(ROLES.format(**words))
        if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await server.execute(DATABASE.format(**words))
        await server.execute(PUBLIC_OUT.format(**words))
    finally:
        await server.close()
    await _grant(_inside(admin_url, name), words)
    return described(admin_url, name, password, owner_password)


async def drop_database(admin_url: str, name: str) -> None:
    server = await asyncpg.connect(admin_url)
    try:
        await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await server.execute(f'DROP ROLE IF EXISTS "{name}"')
        await server.execute(f'DROP ROLE IF EXISTS "{name}_owner"')
    finally:
        await server.close()


async def _grant(url: str, words: dict[str, str]) -> None:
    inside = await asyncpg.connect(url)
    try:
        await inside.execute(RIGHTS.format(**words))
    finally:
        await inside.close()


def _inside(admin_url: str, name: str) -> str:
    at = urlsplit(admin_url)
    return urlunsplit((at.scheme, at.netloc, f"/{name}", at.query, ""))
