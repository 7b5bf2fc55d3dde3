"""Probes: what waits for its permit is told, however long and however many wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from cli.load.ledger import Ledger, percentile
from cli.load.probes import Probes
from cli.load.sender import Accepted
from cli.load.wire import Answer

MILLISECOND = 0.001


class LeapingLoop(asyncio.SelectorEventLoop):
    """Time leaps to the next moment that somebody waits for."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class Window:
    """Permits by when they are there; it stands for wire, place and purse."""

    def __init__(self, latency: Callable[[float], float], held: Callable[[float], bool]) -> None:
        self.latency, self.held = latency, held
        self.place = self
        self.is_silent = False
        self.asked = 0

    def head(self, _method: str, path: str, _authorization: bytes) -> bytes:
        return path.encode()

    def authorization(self, _client_id: str) -> bytes:
        return b""

    async def ask(self, head: bytes) -> Answer:
        self.asked += 1
        await asyncio.sleep(MILLISECOND)
        if self.is_silent:
            await asyncio.Event().wait()
        what = head.decode().split("/")
        if what[-1] != "permit":
            return Answer(200, b'{"due_at":"soon"}' if self.held(float(what[-1])) else b'{"due_at":null}')
        due = float(what[-2])
        return Answer(200 if asyncio.get_running_loop().time() >= due + self.latency(due) else 404)


def nobody_holds(_due: float) -> bool:
    return False


def told(
    latency: Callable[[float], float],
    *,
    rate: int,
    seconds: int,
    patience: float = 3.0,
    held: Callable[[float], bool] = nobody_holds,
    is_silent_at_the_end: bool = False,
) -> Ledger:
    """The ledger after filings at a steady rate, each taken in at once; the run ends when all is there."""
    window = Window(latency, held)
    return asked_of(window, rate=rate, seconds=seconds, patience=patience, silent=is_silent_at_the_end)


def asked_of(
    window: Window, *, rate: int, seconds: int, patience: float = 3.0, silent: bool = False
) -> Ledger:
    loop, ledger = LeapingLoop(), Ledger()

    async def run() -> None:
        probes = Probes(cast("Any", window), cast("Any", window), ledger)
        for number in range(rate * seconds):
            due = number / rate
            await asyncio.sleep(due - loop.time())
            probes.offer(Accepted(number, "green", str(due), due, "seller0001"))
        window.is_silent = silent
        async with asyncio.timeout(60):
            await probes.finish(patience)

    loop.run_until_complete(run())
    loop.close()
    return ledger


def true(latency: Callable[[float], float], part: float, *, rate: int, seconds: int) -> float:
    """Milliseconds that a part (in a hundred) of all keeps within."""
    ascending = sorted(latency(number / rate) for number in range(rate * seconds))
    return ascending[int(len(ascending) * part / 100)] * 1000


def away_from_30_to_90(due: float) -> float:
    return 90 - due if 30 <= due < 89.9 else 0.1


def now_and_then_quick(due: float) -> float:
    """Seconds: mostly from two to four, one in fifty a quarter of that."""
    return (2 + due * 7 % 2) * (0.25 if int(due * 10) % 50 == 1 else 1)


def slow_until_20(due: float) -> float:
    return 6.0 if due < 20 else 0.1


@pytest.mark.parametrize("part", [40, 60, 75, 90])
@pytest.mark.parametrize(
    ("latency", "seconds"),
    [(away_from_30_to_90, 120), (slow_until_20, 60), (now_and_then_quick, 60)],
    ids=["away for a minute", "slow at first", "now and then quick"],
)
def test_what_is_told_of_some_is_true_of_all(
    latency: Callable[[float], float], seconds: int, part: float
) -> None:
    ledger = told(latency, rate=50, seconds=seconds)

    right = true(latency, part, rate=50, seconds=seconds)
    found = percentile(ledger.permitted, part)
    assert found is not None
    assert right * 0.98 <= found <= right * 1.12 + 50


@pytest.mark.parametrize("latency", [lambda _: 3.0, now_and_then_quick], ids=["alike", "differing"])
def test_looking_is_no_load_of_its_own_however_late_the_permits_are(
    latency: Callable[[float], float],
) -> None:
    window = Window(latency, nobody_holds)

    ledger = asked_of(window, rate=50, seconds=60)

    assert window.asked < 12 * ledger.permitted.get_total_count()


def test_what_is_not_there_at_the_end_counts_with_its_age() -> None:
    ledger = told(lambda _: 1000.0, rate=50, seconds=20, patience=3.0)

    assert ledger.permitted.get_total_count() == 200
    assert ledger.permitted.get_max_value() >= 22_500_000
    assert ledger.permitted.get_min_value() >= 2_900_000


@pytest.mark.parametrize("latency", [0.1, 1000.0], ids=["beside quick ones", "where nothing comes"])
def test_what_somebody_holds_at_the_end_is_no_slow_permit(latency: float) -> None:
    def held(due: float) -> bool:
        return round(due * 10) % 4 == 0

    ledger = told(lambda due: 1000.0 if held(due) else latency, rate=10, seconds=20, patience=3.0, held=held)

    assert ledger.permitted.get_total_count() == 150


def test_a_window_that_is_silent_at_the_end_ends_the_run_and_every_wait_counts() -> None:
    ledger = told(lambda _: 1000.0, rate=10, seconds=20, held=lambda _: True, is_silent_at_the_end=True)

    assert ledger.permitted.get_total_count() > 0
