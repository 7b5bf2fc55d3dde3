"""Not being root: PostgreSQL runs as a plain user that the machine's list knows, so a child maps itself to one."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from deploy.local.libc import libc

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
MEND = (
    "PostgreSQL runs neither as root nor as a user without a name, and this machine lets nobody be mapped to a plain "
    "user ({reason}). Any of these mends it: run as a user that /etc/passwd names and who is not root; in a "
    "container, start it with --security-opt seccomp=unconfined, or with --user and such a user; on a host, set the "
    "kernel's user.max_user_namespaces above 0 and, where it is there, kernel.apparmor_restrict_unprivileged_userns "
    "to 0; or use servers of your own (DATABASE_URL_<SERVICE>)."
)
NOBODY_ELSE = "its /etc/passwd names nobody but root"


class StillRootError(RuntimeError):
    """PostgreSQL cannot be started as who we are here."""


def die_with_parent(stop: signal.Signals) -> None:
    """In a child before exec: when the parent is gone, the kernel sends this signal. Linux only."""
    if sys.platform == "linux":
        libc().prctl(PR_SET_PDEATHSIG, int(stop), 0, 0, 0)


def map_to(plain: int) -> None:
    """In a child before exec: a user namespace in which we are that user. No user is made, no mode changed."""
    uid, gid = os.geteuid(), os.getegid()
    if libc().unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{plain} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{plain} {gid} 1")


def plain_user() -> Callable[[], None] | None:
    """What a child of root, or of a user without a name, must do before exec; nothing for anybody else."""
    if os.geteuid() != 0 and _has_a_name(os.geteuid()):
        return None
    plain = next((user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0), None)
    refused = NOBODY_ELSE if plain is None else _refusal(plain)
    if plain is None or refused:
        raise StillRootError(MEND.format(reason=refused))
    return partial(map_to, plain)


def _has_a_name(uid: int) -> bool:
    """initdb asks for it, and a container's --user may have none."""
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


@cache
def _refusal(plain: int) -> str:
    """Try it once in a child, which says why not."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            map_to(plain)
        except OSError as failure:
            os.write(writing, f"the kernel refused a user namespace or its map: {failure}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said
