"""The pipeline at a moment: how many stand where, and how each service is.

Pure: made of what clearance and the services said when they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

    def service(self, name: str) -> ServiceState:
        """The state of one service."""
        found = [state for state in self.services if state.name == name]
        return found[0] if found else ServiceState(name=name)

    def as_json(self) -> dict[str, Any]:
        """The picture for the page's script: values by the path they are shown at."""
        return {
            "counts": {name: self.counts.get(name, 0) for name in COUNTS},
            "held": {gate: self.held.get(gate, 0) for gate in GATES},
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
        }


def picture_of(
    tally: Mapping[str, Any] | None,
    states: Mapping[str, Mapping[str, Any] | None],
    before: Picture,
    seconds: float,
) -> Picture:
    """The picture after one more look; `seconds` have passed since the one before."""
    services = tuple(service_state(name, states.get(name)) for name in SERVICES)
    if tally is None:
        rates = _remembered(before.rates, 0.0)
        return Picture(counts=before.counts, held=before.held, services=services, rates=rates)
    counts = {name: value for name, value in tally.items() if isinstance(value, int)}
    rates = before.rates if seconds < FRESH else ()
    if before.is_known and 0 < seconds < FRESH:
        fresh = max(counts.get("permit", 0) - before.counts.get("permit", 0), 0)
        rates = _remembered(rates, fresh / seconds)
    return Picture(
        counts=counts, held=dict(tally.get("held", {})), services=services, rates=rates, is_known=True
    )


def service_state(name: str, status: Mapping[str, Any] | None) -> ServiceState:
    """How a service is, from what it said; None when it did not answer."""
    if status is None:
        return ServiceState(name=name)
    lag, parked, early, outbox = (int(status.get(key) or 0) for key in ("lag", "parked", "early", "outbox"))
    return ServiceState(name=name, is_up=True, lag=lag, parked=parked, early=early, outbox=outbox)


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
