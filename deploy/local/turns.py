"""Long turns: a dozen busy programs on a few cores should not take the caches from each other every millisecond.

The kernel's usual turn is about 1.5 ms on two cores, and whoever is woken interrupts. With turns of 20 ms, and nobody
interrupting, the same work cost a tenth less CPU (docs/performance.md). Who asks from outside keeps the usual turns.
"""

import os
import platform
import struct
import sys

from deploy.local.libc import libc

TURN_NS = 20_000_000
"""Linux 6.12 and newer take the length of a turn for ordinary programs as well; older ones take the policy alone."""
_CALLS = {"x86_64": 314, "aarch64": 274}
"""The number of sched_setattr(2), for which neither Python nor older C libraries have a name."""
_SIZE = 48


def take_long_turns() -> None:
    """In a child before exec: batch scheduling, which all it starts inherits; where refused, nothing changes."""
    call = _CALLS.get(platform.machine())
    if sys.platform == "linux" and call is not None:
        libc().syscall(call, 0, _wanted(os.getpriority(os.PRIO_PROCESS, 0)), 0)


def _wanted(nice: int) -> bytes:
    """struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period."""
    return struct.pack("<IIQiIQQQ", _SIZE, os.SCHED_BATCH, 0, nice, 0, TURN_NS, 0, 0)
