"""Machine: how fast it is, and how durable.

What every figure is to be read with: a fixed amount of interpreter work, the time of a flush, what the hypervisor
took.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

ROUNDS, PAGE = 300, 8192
DURABILITY = "acks=all, enable.idempotence, synchronous_commit=on, fsync=on (both stacks)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the figures were measured on."""

    cores: int
    kernel: str
    python: str
    calibration_ms: float
    fdatasync_us: float
    """Median of flushing 8 kB; tens of microseconds mean a cache that no real disk has."""
    load: float
    durability: str = DURABILITY


def machine(folder: Path) -> Machine:
    """This machine, now; a file in the folder is written and removed."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        kernel=platform.release(),
        python=platform.python_version(),
        calibration_ms=calibrate(),
        fdatasync_us=flush_time(folder),
        load=os.getloadavg()[0],
    )


def calibrate() -> float:
    """Milliseconds of a fixed amount of interpreter work."""
    start = time.perf_counter()
    sum(number * number % 7 for number in range(2_000_000))
    return (time.perf_counter() - start) * 1000


def stolen() -> float:
    """Seconds that the hypervisor has given to others, all cores together."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def flush_time(folder: Path) -> float:
    """Microseconds of writing and flushing a page, in the middle."""
    target, taken = folder / "flush-time", []
    page = os.urandom(PAGE)
    with target.open("wb", buffering=0) as file:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            file.write(page)
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - start)
    target.unlink()
    return statistics.median(taken) * 1e6
