"""The pipeline at a moment: how many stand where, and how each service is.

Pure: made of what clearance and the services said when they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SERVICES = ("declaration", "tax", "quarantine", "logistics", "clearance", "registry")
COUNTS = ("filed", "open", "permit", "refused", "cancelled", "superseded", "revoked")
GATES = ("customs", "tax", "quarantine", "logistics", "clearance")
SERVICE_OF_GATE = {"customs": "declaration"}
FRESH = 5.0
"""Seconds after which nobody has looked and the small picture starts anew."""
MEMORY = 120
"""Seconds that the small picture of permits a second shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """How one service is; all zero while it is away."""

    name: str
    is_up: bool = False
    lag: int = 0
    parked: int = 0
    early: int = 0
    outbox: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the live page shows."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """filed, open, permit, refused, cancelled, superseded, revoked."""
    held: Mapping[str, int] = field(default_factory=dict)
    """Open declarations by the gate that holds them."""
    passed: Mapping[str, int] = field(default_factory=dict)
    """Declarations by the gate that let them pass, or needs nothing of them."""
    door: int = 0
    """Filings refused at the door."""
    services: tuple[ServiceState, ...] = ()
    rates: tuple[float, ...] = ()
    """Permits a second, one a second, the newest last."""
    is_known: bool = False
    """Whether clearance has answered; while it is away the counts are the last known."""

    @property
    def rate(self) -> float:
        """Permits a second over the last three seconds."""
        lately = self.rates[-3:]
        return sum(lately) / len(lately) if lately else 0.0

    @property
    def pulse(self) -> str:
        """How the page is, in words: live, or who does not answer and what that means."""
        away = [state.name for state in self.services if not state.is_up and state.name != "clearance"]
        told = f"{listed(away)} not answer; what concerns {'it' if len(away) == 1 else 'them'} waits"
        if self.is_known:
            return told if away else "live"
        also = f"; nor {'does' if len(away) == 1 else 'do'} {joined(away)}" if away else ""
        counts = "the counts are the last known" if self.counts else "there are no counts yet"
        return f"clearance does not answer, {counts}{also}"

    def service(self, name: str) -> ServiceState:
        """The state of one service."""
        found = [state for state in self.services if state.name == name]
        return found[0] if found else ServiceState(name=name)

    def as_json(self) -> dict[str, Any]:
        """The picture for the page's script: values by the path they are shown at."""
        return {
            "counts": {name: self.counts.get(name, 0) for name in COUNTS},
            "held": {gate: self.held.get(gate, 0) for gate in GATES},
            "passed": {gate: self.passed.get(gate, 0) for gate in GATES[:-1]},
            "door": self.door,
            "services": {
                state.name: {
                    "is_up": state.is_up,
                    "lag": state.lag,
                    "parked": state.parked,
                    "early": state.early,
                    "outbox": state.outbox,
                }
                for state in self.services
            },
            "rate": round(self.rate, 1),
            "peak": round(max(self.rates, default=0.0), 1),
            "spark": spark(self.rates, 240, 44),
            "area": area(self.rates, 240, 44),
            "is_known": self.is_known,
            "pulse": self.pulse,
        }


def picture_of(
    tally: Mapping[str, Any] | None,
    states: Mapping[str, Mapping[str, Any] | None],
    before: Picture,
    seconds: float,
    door: int | None = None,
) -> Picture:
    """The picture after one more look; `seconds` have passed since the one before, whose counts stand in for those
    that nobody tells."""
    services = tuple(service_state(name, states.get(name)) for name in SERVICES)
    door = before.door if door is None else door
    if tally is None:
        rates = _remembered(before.rates, 0.0)
        return replace(before, services=services, rates=rates, door=door, is_known=False)
    counts = {name: value for name, value in tally.items() if isinstance(value, int)}
    rates = before.rates if seconds < FRESH else ()
    if before.is_known and 0 < seconds < FRESH:
        fresh = max(counts.get("permit", 0) - before.counts.get("permit", 0), 0)
        rates = _remembered(rates, fresh / seconds)
    return Picture(
        counts=counts,
        held=dict(tally.get("held", {})),
        passed=dict(tally.get("passed", {})),
        door=door,
        services=services,
        rates=rates,
        is_known=True,
    )


def service_state(name: str, status: Mapping[str, Any] | None) -> ServiceState:
    """How a service is, from what it said; None when it did not answer."""
    if status is None:
        return ServiceState(name=name)
    lag, parked, early, outbox = (int(status.get(key) or 0) for key in ("lag", "parked", "early", "outbox"))
    return ServiceState(name=name, is_up=True, lag=lag, parked=parked, early=early, outbox=outbox)


def joined(names: Sequence[str]) -> str:
    """Names as people say them: tax, quarantine and logistics."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def listed(names: Sequence[str]) -> str:
    """Names with their verb: tax does, tax and quarantine do."""
    return f"{joined(names)} {'does' if len(names) == 1 else 'do'}"


def _remembered(rates: tuple[float, ...], rate: float) -> tuple[float, ...]:
    return (*rates, rate)[-MEMORY:]


def spark(values: Sequence[float], width: int, height: int) -> str:
    """A line through the values as an SVG path, the newest at the right end; empty for fewer than two."""
    if len(values) < 2:
        return ""
    top = max(*values, 1.0)
    step = width / (MEMORY - 1)
    start = width - step * (len(values) - 1)
    points = [
        f"{start + step * index:.1f},{height - 2 - (height - 6) * value / top:.1f}"
        for index, value in enumerate(values)
    ]
    return "M" + "L".join(points)


def area(values: Sequence[float], width: int, height: int) -> str:
    """What lies under the line of `spark`."""
    line = spark(values, width, height)
    left = line[1:].partition(",")[0]
    return f"{line}L{width},{height}L{left},{height}Z" if line else ""
