"""Machine: interpreter, user, folder, disk, memory, clock.

Checks of the doctor about what the machine itself brings.
"""

from __future__ import annotations

import shutil
import ssl
import sys
import time
from pathlib import Path

from cli.finding import Finding, Health
from cli.gateway import CHECKOUT

GIGABYTE = 1024**3
NEEDED_DISK, NEEDED_MEMORY = 3 * GIGABYTE, 3 * GIGABYTE
OLDEST_PYTHON = (3, 11)


def python() -> Finding:
    """The interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return Finding(name="python", health="ok", detail=found)
    return Finding(name="python", health="missing", detail=found, fix="install Python 3.11 or newer")


def root() -> Finding:
    """PostgreSQL runs as a plain user with a name: just what `up` will make of who we are."""
    from deploy.local import unprivileged  # noqa: PLC0415 - doctor must also speak when deploy is broken

    try:
        is_mapped = unprivileged.plain_user() is not None
    except unprivileged.StillRootError as refused:
        detail, _, fix = str(refused).partition(". ")
        return Finding(name="user", health="missing", detail=detail, fix=fix)
    detail = "mapped to a plain user for PostgreSQL" if is_mapped else "a plain user with a name"
    return Finding(name="user", health="ok", detail=detail)


def folder() -> Finding:
    """Every server can work in a folder that is called so: just what `up` will refuse."""
    from deploy.local import paths  # noqa: PLC0415 - doctor must also speak when deploy is broken

    try:
        paths.Root(paths.run_root()).refuse_odd()
    except paths.OddFolderError as odd:
        detail, _, fix = str(odd).rpartition("; ")
        return Finding(name="folder", health="missing", detail=detail, fix=fix)
    return Finding(name="folder", health="ok", detail=str(CHECKOUT))


def disk() -> Finding:
    """Room for data, jars and logs."""
    free = shutil.disk_usage(CHECKOUT).free
    fix = "" if free >= NEEDED_DISK else f"free some space: {NEEDED_DISK // GIGABYTE} GB are needed"
    health: Health = "missing" if fix else "ok"
    return Finding(name="disk", health=health, detail=f"{free / GIGABYTE:.1f} GB free in {CHECKOUT}", fix=fix)


def memory() -> Finding:
    """Room for Kafka, PostgreSQL and seven services."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return Finding(name="memory", health="note", detail="unknown on this system")
    fix = "" if free >= NEEDED_MEMORY else "end other programs: about 3 GB are needed"
    return Finding(
        name="memory", health="note" if fix else "ok", detail=f"{free / GIGABYTE:.1f} GB available", fix=fix
    )


def clock() -> Finding:
    """A clock that is far off voids tokens and times."""
    year = time.gmtime().tm_year
    if year >= 2025:
        return Finding(name="clock", health="ok", detail=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))
    return Finding(
        name="clock", health="missing", detail=f"it is {year}, says the clock", fix="set the clock (NTP)"
    )


def tls() -> Finding:
    """Certificates, for the one download."""
    there = bool(ssl.create_default_context().cert_store_stats()["x509_ca"])
    fix = "" if there else "install ca-certificates, or the first start cannot fetch Kafka"
    return Finding(
        name="certificates",
        health="ok" if there else "note",
        detail="found" if there else "none found",
        fix=fix,
    )
