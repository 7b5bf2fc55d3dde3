"""Force: the law in force in this process.

Read once, at start. `take` puts a newer folder into its place, whole: a broken one is refused and the one before
stays in force, and so is one that rewrites what has been in force already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from services.tax.law.book import BUNDLED, Law, read_law
from services.tax.law.calendar import DAY, BrokenLaw


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


def open_folder(folder: Path) -> None:
    """Begin with the law of a folder; raises `BrokenLaw`, and then there is none."""
    if _FORCE.law is None or _FORCE.folder != folder:
        _FORCE.law, _FORCE.refused = read_law(folder), ""
        _FORCE.folder = folder


def refused() -> str:
    """Why the folder as it is now is not in force; empty when it is."""
    return _FORCE.refused


def take(folder: Path, today: date) -> Law:
    """The law of a folder from now on; raises `BrokenLaw`, and then nothing has changed."""
    try:
        taken = read_law(folder)
        if _FORCE.law is not None:
            must_keep_the_past(_FORCE.law, taken, today)
    except BrokenLaw as broken:
        _FORCE.refused = str(broken)
        raise
    _FORCE.folder, _FORCE.law, _FORCE.refused = folder, taken, ""
    return taken


def must_keep_the_past(old: Law, new: Law, today: date) -> None:
    """A rule set that was in force is there unchanged; one that still is may only be given an end, from today on."""
    for rules in old.rule_sets:
        if rules.valid_from > today:
            continue
        kept = new.named(rules.name)
        if kept is None or replace(kept, valid_to=rules.valid_to) != rules:
            raise BrokenLaw(f"{rules.name} has been in force since {rules.valid_from} and is changed or gone")
        ended_earlier = kept.valid_to != rules.valid_to and (rules.valid_to or date.max) >= today
        if kept.valid_to != rules.valid_to and not (
            ended_earlier and (kept.valid_to or date.max) >= today - DAY
        ):
            raise BrokenLaw(f"{rules.name}: its end may be moved only from {today} on")
