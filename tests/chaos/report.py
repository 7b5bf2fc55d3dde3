"""Report: what struck, what came of it, and how to have it again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.chaos.campaign import Outcome, Struck

SHOWN = 20
"""Surprises that are shown to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    seed: int
    faults: int
    only: str = ""
    rate: float = 10.0
    brokers: int = 1

    @property
    def command(self) -> str:
        """The same again."""
        words = [f"make chaos SEED={self.seed} FAULTS={self.faults}"]
        words += [f"ONLY={self.only}"] if self.only else []
        words += [f"RATE={self.rate:g}"] if self.rate != 10 else []
        words += [f"BROKERS={self.brokers}"] if self.brokers != 1 else []
        return " ".join(words)


def write(folder: Path, wish: Wish, outcome: Outcome, skipped: Sequence[tuple[str, str]]) -> Path:
    """Markdown for people, JSON for programs, beside each other; where the first is."""
    folder.mkdir(parents=True, exist_ok=True)
    name = folder / f"chaos-{wish.seed}"
    document = as_document(wish, outcome, skipped)
    name.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))
    name.with_suffix(".md").write_text(as_markdown(wish, outcome, skipped))
    return name.with_suffix(".md")


def as_document(wish: Wish, outcome: Outcome, skipped: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """For programs."""
    return {
        "again": wish.command,
        "verdict": verdict(outcome),
        "wish": msgspec.to_builtins(wish),
        "filed": outcome.filed,
        "answers": outcome.answers,
        "seconds": outcome.seconds,
        "quiet_after_s": outcome.quiet_after,
        "machine": {
            "cores": os.cpu_count(),
            "load": outcome.breath.load,
            "late_s": {"median": outcome.breath.median, "worst": outcome.breath.worst},
        },
        "faults": [_row(each) for each in outcome.struck],
        "skipped": [{"fault": name, "needs": why} for name, why in skipped],
        "audit": msgspec.json.decode(outcome.audit.as_json()) if outcome.audit else None,
        "unsettled": outcome.unsettled,
        "surprises": outcome.surprises,
        "supervisor": outcome.deaths,
    }


def _row(each: Struck) -> dict[str, Any]:
    return {
        "number": each.strike.number,
        "fault": each.strike.fault.name,
        "at_s": each.began,
        "healed_s": each.healed,
        "permit_after_s": each.recovery.permit,
        "caught_up_after_s": each.recovery.caught_up,
        "verdict": each.verdict,
        "trouble": each.trouble,
    }


def verdict(outcome: Outcome) -> str:
    """In a word."""
    return "clean" if outcome.is_clean else "not clean"


def as_markdown(wish: Wish, outcome: Outcome, skipped: Sequence[tuple[str, str]]) -> str:
    """For people."""
    parts = [
        f"# Campaign {wish.seed}: {verdict(outcome)}\n",
        f"`{wish.command}`: {len(outcome.struck)} faults, {outcome.filed} filings acknowledged.",
        f"{outcome.unsettled} declarations have no outcome.",
        f"{outcome.seconds:.0f} s in all, at rest {_seconds(outcome.quiet_after)} after the load.",
        f"The machine: {outcome.breath}.\n",
        "| # | fault | struck | healed | permit after | caught up after | verdict |",
        "|--:|---|--:|--:|--:|--:|---|",
        *(_line(each) for each in outcome.struck),
        *_list("Surprises", outcome.surprises[:SHOWN]),
        *_list("Skipped on this machine", [f"{name}: needs {why}" for name, why in skipped]),
    ]
    audit = outcome.audit.as_markdown().replace("# ", "## ") if outcome.audit else "No audit was made."
    return "\n".join(parts) + f"\n\n{audit}"


def _line(each: Struck) -> str:
    said = f"{each.verdict} {each.trouble}".strip().replace("|", "/")
    recovery = f"{_seconds(each.recovery.permit)} | {_seconds(each.recovery.caught_up)}"
    fault = f"{each.strike.number} | {each.strike.fault.name}"
    return f"| {fault} | {each.began:.1f} s | {each.healed:.1f} s | {recovery} | {said} |"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _list(title: str, lines: Sequence[str]) -> list[str]:
    return [f"\n## {title}\n", *(f"- {line}" for line in lines)] if lines else []
