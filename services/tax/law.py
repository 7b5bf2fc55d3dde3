"""Law: dated rule sets, and the one in force.

The rule sets are data (`data/cn-cbec.toml`), read and checked as a whole by `read_law`: a broken file is
refused with the set and the reason, and nothing of it comes into force. `law()` reads the bundled files once,
when first asked; `main` asks at start, so that a service with broken rules does not start.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from services.tax.tariff import Tariff, read_tariff

BUNDLED = Path(__file__).parent / "data"

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone and has had no summer time since 1991: a fixed offset is exact, and needs no zone files."""


class BrokenLaw(ValueError):
    """A file of rules is not consistent: it stays out of force as a whole."""


class NoLaw(LookupError):
    """No rule set is in force on the day: there is nothing to assess by, and nothing is guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Where the texts allow two readings: the one in force."""

    item_at_year_limit: Literal["excluded", "included"]
    """Whether a single item of exactly the year limit is still CBEC."""
    gift_lines: Literal["count", "pass"]
    """Whether a gift line beside a single item makes two items of it."""

    def __post_init__(self) -> None:
        if self.item_at_year_limit not in ("excluded", "included"):
            raise ValueError("item_at_year_limit reads excluded or included")
        if self.gift_lines not in ("count", "pass"):
            raise ValueError("gift_lines reads count or pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The figures in force from a day to a day (Asia/Shanghai, both included). Amounts in CNY."""

    name: str
    valid_from: date
    valid_to: date | None = None
    order_limit: Decimal
    """Dutiable value of one order, itself included."""
    year_limit: Decimal
    """Dutiable value of one buyer in one calendar year, itself included."""
    factor: Decimal
    """Levied part of the statutory value-added and consumption tax within the limits; above them it is 1."""
    source: str
    confidence: Literal["high", "medium", "low"]
    readings: Readings

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if not 0 < self.order_limit <= self.year_limit:
            raise ValueError("needs 0 < order_limit <= year_limit")
        if not 0 < self.factor <= 1:
            raise ValueError("needs 0 < factor <= 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Every rule set, oldest first, and the tariff."""

    rule_sets: tuple[RuleSet, ...]
    tariff: Tariff

    def on(self, day: date) -> RuleSet:
        """The rule set in force on a day in Asia/Shanghai."""
        for rules in reversed(self.rule_sets):
            if rules.valid_from <= day and (rules.valid_to is None or day <= rules.valid_to):
                return rules
        raise NoLaw(f"no CBEC rule set is in force on {day}")

    def named(self, name: str) -> RuleSet:
        """The rule set that an assessment names."""
        return next(rules for rules in self.rule_sets if rules.name == name)


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai, which decides on law and quota year."""
    return moment.astimezone(SHANGHAI).date()


def read_law(folder: Path) -> Law:
    """The rule sets and the tariff of a folder, checked; raises `BrokenLaw`."""
    rule_sets = _read_rule_sets(folder / "cn-cbec.toml")
    for older, newer in pairwise(rule_sets):
        if older.valid_to is None or older.valid_to + timedelta(days=1) != newer.valid_from:
            raise BrokenLaw(f"{newer.name} must begin on the day after {older.name} ends")
    return Law(rule_sets=rule_sets, tariff=read_tariff(folder / "tariff-demo.csv"))


def _read_rule_sets(path: Path) -> tuple[RuleSet, ...]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenLaw(f"{path.name}: {error}") from error
    rule_sets = tuple(_rule_set(table) for table in document.get("rule_set", ()))
    if not rule_sets:
        raise BrokenLaw(f"{path.name} holds no rule set")
    return rule_sets


def _rule_set(table: dict[str, Any]) -> RuleSet:
    """One set of the file. A missing, unknown or impossible figure names the set it is in."""
    amounts = ("order_limit", "year_limit", "factor")
    try:
        exact = {name: Decimal(table[name]) for name in amounts}
        return RuleSet(**{**table, **exact, "readings": Readings(**table["readings"])})
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BrokenLaw(f"rule set {table.get('name', 'without a name')}: {error}") from error


@cache
def law() -> Law:
    """The bundled law, read once."""
    return read_law(BUNDLED)
