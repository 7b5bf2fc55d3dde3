"""Free ports on the loopback, taken so that no other stack takes them too."""

import random
import socket
from pathlib import Path

LOWEST, HIGHEST = 18_000, 32_000
HIGHEST_PORT = 65_535
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Ports:
    """What one stack has taken; let go of when it closes or its process dies."""

    def __init__(self) -> None:
        self._marks: list[socket.socket] = []

    def take(self, preferred: int | None = None) -> int:
        """The preferred port if it is free, else any."""
        if preferred is not None and self._taken_now(preferred):
            return preferred
        highest = _below_the_ephemeral()
        for _ in range(1_000):
            port = random.randrange(LOWEST, highest)  # noqa: S311 - no secret
            if self._taken_now(port):
                return port
        raise RuntimeError(f"no free port on 127.0.0.1 between {LOWEST} and {highest}")

    def close(self) -> None:
        while self._marks:
            self._marks.pop().close()

    def _taken_now(self, port: int) -> bool:
        mark = _mark(port)
        if mark is None:
            return False
        if not is_free(port):
            mark.close()
            return False
        self._marks.append(mark)
        return True


def is_free(port: int) -> bool:
    """Whether a server could listen there, on the loopback and on all addresses."""
    for address in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 - only tried, never kept
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def _mark(port: int) -> socket.socket | None:
    """A name only one process of this machine can hold: Linux's abstract sockets leave no file behind."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        mark.bind(f"\0single-window-port-{port}")
    except OSError:
        mark.close()
        return None
    return mark


def _below_the_ephemeral() -> int:
    """Clients are given ports from the ephemeral range, so a server that comes back may find its own gone."""
    try:
        lowest_ephemeral = int(EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return HIGHEST
    return HIGHEST if lowest_ephemeral < LOWEST + 2_000 else min(HIGHEST, lowest_ephemeral)
