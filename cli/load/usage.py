"""Usage: CPU and memory of processes and their children, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
Pids = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used so far, and holds now."""

    cpu: float
    """User and system seconds, ended children included."""
    memory: int
    """Resident bytes; what processes share counts in each."""


@dataclass(slots=True)
class _Machine:
    own: dict[int, Usage] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def tree(self, pid: int) -> Usage:
        """A process with all its descendants."""
        below = [self.tree(child) for child in self.children.get(pid, ())]
        own = self.own.get(pid, Usage(0.0, 0))
        return Usage(
            own.cpu + sum(each.cpu for each in below), own.memory + sum(each.memory for each in below)
        )


def usage(pids: Pids) -> dict[str, Usage]:
    """What each named process with its descendants uses."""
    machine = _scan()
    return {name: machine.tree(pid) for name, pid in pids.items()}


def cpu_seconds(pids: Pids) -> dict[str, float]:
    """CPU seconds alone."""
    return {name: used.cpu for name, used in usage(pids).items()}


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used from one look to another; a process that was started anew counts from its start."""
    earlier = {name: before.get(name, 0.0) for name in after}
    return {name: used - earlier[name] if used >= earlier[name] else used for name, used in after.items()}


def _scan() -> _Machine:
    machine = _Machine()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            pid = int(folder.name)
            machine.children[int(fields[1])].append(pid)
            machine.own[pid] = Usage(sum(map(int, fields[11:15])) / _TICKS, int(fields[21]) * _PAGE)
    return machine
