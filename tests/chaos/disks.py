"""Disks: a small file system of their own for broker and database, which can be filled and emptied.

A tmpfs in the campaign's own mount namespace (`unshare --mount`): nobody else sees it, and it ends with the campaign.
Needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

OWN = "CHAOS_OWN_MOUNTS"
"""Set by the campaign for itself once it has a mount namespace of its own."""
ROOMY = "6g"
A_LITTLE = 64 * 1024
DISKS = {"kafka": "kafka", "postgres": "postgres-disk"}
"""Whose disk is mounted where: the database's folder is made elsewhere first, then bound into its place."""


def missing() -> str:
    """Why there are no disks; empty when there are."""
    return "" if os.environ.get(OWN) == "1" else "root and `unshare --mount`"


def own_namespace(argv: list[str]) -> None:
    """Begin again in a mount namespace of our own, where that is allowed; else go on without."""
    if OWN in os.environ or os.geteuid() != 0:
        return
    unshare = ["unshare", "--mount", "--propagation", "private"]
    if shutil.which("unshare") and subprocess.run([*unshare, "true"], check=False).returncode == 0:
        os.execvpe("unshare", [*unshare, *argv], {**os.environ, OWN: "1"})


def mount(root: Path) -> None:
    """A disk each."""
    if missing():
        return
    for folder in DISKS.values():
        (root / folder).mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={ROOMY},mode=0700", "tmpfs", str(root / folder))


def unmount(root: Path) -> None:
    """Let go of the disks."""
    if missing():
        return
    for place in (root / "postgres", *(root / folder for folder in DISKS.values())):
        subprocess.run(["umount", "--lazy", str(place)], check=False, stderr=subprocess.DEVNULL)


def move_in(root: Path, name: str) -> None:
    """Put a folder that was made beside its disk onto it."""
    there = root / DISKS[name] / "data"
    if missing() or there.exists():
        return
    shutil.copytree(root / name, there)
    there.chmod(0o700)
    _run("mount", "--bind", str(there), str(root / name))


def fill(root: Path, name: str) -> None:
    """No room any more: the disk shrinks to what is on it."""
    disk = root / DISKS[name]
    found = os.statvfs(disk)
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    _run("mount", "-o", f"remount,size={used + A_LITTLE}", str(disk))


def empty(root: Path, name: str) -> None:
    """Room again."""
    _run("mount", "-o", f"remount,size={ROOMY}", str(root / DISKS[name]))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
