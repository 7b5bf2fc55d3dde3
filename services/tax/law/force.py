"""Force: the law in force in this process.

Read once, at start, and held against the law that is bundled. `take` puts a newer folder into its place, whole: a
broken one is refused and the one before stays in force, and so is one that rewrites what has been in force already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from services.tax.law.book import BUNDLED, Law, read_law
from services.tax.law.calendar import BrokenLaw, day_of
from services.tax.law.schema import RuleSet


@dataclass(slots=True, kw_only=True)
class _Force:
    """What is in force here: the one place that changes."""

    folder: Path = BUNDLED
    law: Law | None = None
    refused: str = ""


_FORCE = _Force()


def law() -> Law:
    """The law in force, read when first asked for."""
    if _FORCE.law is None:
        _FORCE.law = read_law(_FORCE.folder)
    return _FORCE.law


def open_folder(folder: Path, now: datetime) -> None:
    """Begin with the law of a folder that keeps the bundled past; raises `BrokenLaw`, and then there is none."""
    if _FORCE.law is None or _FORCE.folder != folder:
        _FORCE.folder, _FORCE.law, _FORCE.refused = folder, at_a_start(folder, now), ""


def at_a_start(folder: Path, now: datetime) -> Law:
    """The law of a folder, if a service may begin with it; raises `BrokenLaw`."""
    found = read_law(folder)
    if folder != BUNDLED:
        must_keep_the_past(read_law(BUNDLED), found, now, is_start=True)
    return found


def refused() -> str:
    """Why the folder as it is now is not in force; empty when it is."""
    return _FORCE.refused


def take(folder: Path, now: datetime) -> Law:
    """The law of a folder from now on; raises `BrokenLaw`, and then nothing has changed."""
    try:
        taken = read_law(folder)
        if _FORCE.law is not None:
            must_keep_the_past(_FORCE.law, taken, now)
    except BrokenLaw as broken:
        _FORCE.refused = str(broken)
        raise
    _FORCE.folder, _FORCE.law, _FORCE.refused = folder, taken, ""
    return taken


def must_keep_the_past(old: Law, new: Law, now: datetime, *, is_start: bool = False) -> None:
    """A rule set that was in force is there unchanged; one that still is may only be given an end, from today on.

    Today is the latest in the jurisdiction's own zones. At a start the old law is the bundled one, and nobody knows
    any more when its open sets were given an end: any day goes.
    """
    for home in old.jurisdictions.values():
        today = max(day_of(now, home.zone(country)) for country in home.countries)
        for rules in home.rule_sets:
            if rules.valid_from <= today:
                _must_be_kept(rules, new.named(rules.name), today, date.min if is_start else today)


def _must_be_kept(rules: RuleSet, kept: RuleSet | None, today: date, earliest: date) -> None:
    """Unchanged, or given an end that may be as early as this."""
    if kept is None or replace(kept, valid_to=rules.valid_to) != rules:
        raise BrokenLaw(f"{rules.name} has been in force since {rules.valid_from} and is changed or gone")
    has_ended = rules.valid_to is not None and rules.valid_to < today
    if kept.valid_to != rules.valid_to and (has_ended or (kept.valid_to or date.max) < earliest):
        raise BrokenLaw(f"{rules.name}: its end may be moved only from {today} on")
