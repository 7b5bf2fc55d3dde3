"""Since: how long ago the command was given.

The kernel knows when this process began; SW_STARTED_AT (seconds since 1970), if set, says when its caller did,
so that what `make` does first counts too.
"""

from __future__ import annotations

import os
import time
from pathlib import Path


def started_at() -> float:
    """When the command was given, in seconds since 1970."""
    given = os.environ.get("SW_STARTED_AT", "")
    try:
        return float(given)
    except ValueError:
        return _born_at()


def seconds_since_the_command() -> float:
    """Seconds from the command to now."""
    return time.time() - started_at()


def _born_at() -> float:
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.time() - time.process_time()
