"""Not being root: PostgreSQL refuses to run as root, so a child maps itself to a plain user."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from deploy.local.libc import libc

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PLAIN = 1000
MEND = (
    "PostgreSQL refuses to run as root, and this machine lets nobody map root to a plain user "
    "(the unshare system call was refused: {reason}). Any of these mends it: run as a user other than root; "
    "in a container, start it with --security-opt seccomp=unconfined or with --user; on a host, set the kernel's "
    "user.max_user_namespaces above 0; or use servers of your own (DATABASE_URL_<SERVICE>)."
)


class StillRootError(RuntimeError):
    """PostgreSQL cannot be started as root here."""


def die_with_parent(stop: signal.Signals) -> None:
    """In a child before exec: when the parent is gone, the kernel sends this signal. Linux only."""
    if sys.platform == "linux":
        libc().prctl(PR_SET_PDEATHSIG, int(stop), 0, 0, 0)


def map_to_plain_user() -> None:
    """In a child before exec: a user namespace in which root is user 1000. No user is made, no mode changed."""
    uid, gid = os.geteuid(), os.getegid()
    if libc().unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{PLAIN} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{PLAIN} {gid} 1")


def plain_user() -> Callable[[], None] | None:
    """What a child of root must do before exec; nothing for anybody else."""
    if os.geteuid() != 0:
        return None
    refused = _refusal()
    if refused:
        raise StillRootError(MEND.format(reason=refused))
    return map_to_plain_user


@cache
def _refusal() -> str:
    """Try it once in a child, which says why not."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            map_to_plain_user()
        except OSError as failure:
            os.write(writing, str(failure).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said
