"""CPU of processes and their children, from /proc: seconds since their start."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """User and system seconds of each named process with all its descendants, ended ones included."""
    times, children = _scan()
    return {name: _of_tree(pid, times, children) for name, pid in pids.items()}


def _scan() -> tuple[dict[int, float], dict[int, list[int]]]:
    times: dict[int, float] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            pid = int(folder.name)
            children[int(fields[1])].append(pid)
            times[pid] = sum(int(field) for field in fields[11:15]) / _TICKS
    return times, children


def _of_tree(pid: int, times: Mapping[int, float], children: Mapping[int, list[int]]) -> float:
    return times.get(pid, 0.0) + sum(_of_tree(child, times, children) for child in children.get(pid, ()))
