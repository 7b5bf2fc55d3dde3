"""Figures: medians with their ranges."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

UNITS = {
    "single_permits_per_s": "permits a second, one POST each, as fast as answers come",
    "bulk_permits_per_s": "permits a second, batches of 200, as fast as answers come",
    "baseline_message_permits_per_s": "permits a second, the usual stack, a message at a time",
    "baseline_batch_permits_per_s": "permits a second, the usual stack, by the batch",
    "permit_p50_ms": "filing to permit readable, 1,000 a second, in the middle, ms",
    "permit_p99_ms": "the same, p99, ms",
    "ack_p99_ms": "filing to its answer, 1,000 a second, p99, ms",
    "cpu_us_single": "CPU a declaration, one POST each, everything together, us",
    "cpu_us_bulk": "CPU a declaration, in bulk, everything together, us",
    "baseline_message_cpu_us": "CPU a declaration, the usual stack, a message at a time, us",
    "baseline_batch_cpu_us": "CPU a declaration, the usual stack, by the batch, us",
    "open_permits_per_s": "permits a second, one POST each, open loop at the national peak",
    "open_late": "of it, filings that were due and not sent at the end",
    "growth_ratio": "CPU a declaration in bulk with the most rows stored, over that of the first round",
    "catchup_s": "seconds until an agency that was away for a minute is 1,000 records behind at most, 1,000 a second",
    "catchup_ack_p99_ms": "filing to its answer meanwhile, p99, ms",
    "overload_busy_part": "twice what one POST each bears: part answered 429",
    "overload_ack_p99_ms": "the same: filing to its answer for what was taken in, p99, ms",
    "generator_cpu_us": "CPU of the generator a filing, one POST each (within the figure above), us",
    "idle_cores": "cores that the platform uses while nothing is filed",
}
"""What each name of build/bench.json means, in the order of the table."""


@dataclass(slots=True)
class Figures:
    """Every measurement of every name."""

    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float | None) -> None:
        """One more measurement; what could not be measured is left out."""
        if value is not None:
            self.found.setdefault(name, []).append(value)

    def summary(self) -> dict[str, dict[str, float | int | list[float]]]:
        """Median, range and number of runs of every name."""
        return {
            name: {
                "median": statistics.median(values),
                "range": [min(values), max(values)],
                "runs": len(values),
            }
            for name, values in self.found.items()
        }

    def table(self) -> str:
        """The same for people."""
        rows = [
            f"| `{name}` | {shown(statistics.median(values))} | {shown(min(values))} to {shown(max(values))} "
            f"| {len(values)} | {UNITS[name]} |"
            for name, values in sorted(self.found.items(), key=lambda item: list(UNITS).index(item[0]))
        ]
        return "\n".join(["| figure | median | range | runs | what it is |", "|---|---|---|---|---|", *rows])


def ratios(of: Mapping[str, Sequence[float]]) -> str:
    """Ours against the usual stack, bulk against bulk."""
    ours = of.get("bulk_permits_per_s")
    parts = []
    for form in ("batch", "message"):
        theirs = of.get(f"baseline_{form}_permits_per_s")
        if ours and theirs:
            times = statistics.median(ours) / statistics.median(theirs)
            parts.append(f"{times:.1f} times the usual stack's {form} form")
    return "bulk: " + ", ".join(parts) if parts else ""


def losses(count: int) -> str:
    """What the usual stack has lost; its races count all the same, with the permits that came."""
    return f"lost by the usual stack: {count:,} filings" if count else "lost by the usual stack: nothing"


def shown(value: float) -> str:
    """A number of a table: three digits are enough."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
