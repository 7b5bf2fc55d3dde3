"""Rule book: dated quarantine rules as data.

Rules are found by tariff prefix. Most goods meet none, so the table of a day first asks for the two digits
of the chapter: one look-up a line. The bundled book is read once, when first asked for; `main` asks at start,
so that a service with broken rules does not start.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import Struct

from shared.kernel.goods import GoodsLine
from shared.kernel.papers import PAPER_KINDS

BUNDLED = Path(__file__).parent / "data" / "rules-demo.toml"

Effect = Literal["refuse", "inspection", "document_review"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""Strongest first."""


class RuleError(ValueError):
    """A rule of the book cannot be meant as it stands."""


class Origin(Struct, frozen=True, kw_only=True):
    """Of a `GoodsLine`, all that a rule asks: what the goods are, and where they come from."""

    line_no: int
    goods_code: str
    origin_country: str


Line = GoodsLine | Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One dated rule: which goods, from where, what follows, and which papers let them pass."""

    name: str
    effect: Effect
    codes: tuple[str, ...]
    """Prefixes of the ten-digit goods code, two digits at least."""
    origins: frozenset[str]
    """ISO 3166-1 alpha-2; none means any."""
    papers: tuple[tuple[str, ...], ...]
    """All of these, each a choice of certificate kinds; none means that no paper satisfies."""
    from_origin: bool
    """Whether the country of origin must have issued the papers."""
    valid_from: date
    valid_to: date
    """The last day on which it applies."""
    source: str
    confidence: Literal["H", "M", "L"]
    """As the head of the data file explains."""

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS or self.confidence not in ("H", "M", "L"):
            raise ValueError(f"unknown effect or confidence: {self.effect}, {self.confidence}")
        if not self.codes or not all(code.isdigit() and 2 <= len(code) <= 10 for code in self.codes):
            raise ValueError("codes are prefixes of 2 to 10 digits")
        if self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if unknown := {kind for choice in self.papers for kind in choice} - {*PAPER_KINDS}:
            raise ValueError(f"no declaration can name papers of these kinds: {', '.join(sorted(unknown))}")

    def holds_on(self, day: date) -> bool:
        """Whether it is in force."""
        return self.valid_from <= day <= self.valid_to

    def means_origin(self, country: str) -> bool:
        """Whether goods of a country are meant."""
        return not self.origins or country in self.origins

    def asks_of(self) -> str:
        """The same, and whose they must be: `HEALTH, issued by the country of origin`."""
        return self.asks_for() + (", issued by the country of origin" if self.from_origin else "")

    def asks_for(self) -> str:
        """The papers in words: `FACTORY_REGISTRATION and HEALTH`."""
        return " and ".join(" or ".join(choice) for choice in self.papers)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleBook:
    """All rules of a rule set, of every date; compared by identity."""

    name: str
    rules: tuple[Rule, ...]
    due_days: Mapping[str, int]
    """Days from filing within which an officer decides, by effect."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleTable:
    """The rules of one day, ready for look-up."""

    book: RuleBook
    chapters: frozenset[str]
    """First two digits of every code that some rule names."""
    lengths: tuple[int, ...]
    by_prefix: Mapping[str, tuple[Rule, ...]]

    def touches(self, line: Line) -> bool:
        """Whether a rule names the chapter of the goods at all."""
        return line.goods_code[:2] in self.chapters

    def rules_for(self, line: Line) -> list[Rule]:
        """The rules that apply to a line."""
        found = (self.by_prefix.get(line.goods_code[:length], ()) for length in self.lengths)
        return [rule for rules in found for rule in rules if rule.means_origin(line.origin_country)]


@lru_cache(maxsize=64)
def table_of(book: RuleBook, day: date) -> RuleTable:
    """The rules in force on a day."""
    by_prefix: dict[str, list[Rule]] = defaultdict(list)
    for rule in book.rules:
        if rule.holds_on(day):
            for code in rule.codes:
                by_prefix[code].append(rule)
    return RuleTable(
        book=book,
        chapters=frozenset(code[:2] for code in by_prefix),
        lengths=tuple(sorted({len(code) for code in by_prefix})),
        by_prefix={code: tuple(rules) for code, rules in by_prefix.items()},
    )


def read_rules(text: str) -> RuleBook:
    """The rule book of a TOML text; raises `RuleError` rather than guess."""
    data = tomllib.loads(text)
    rules = tuple(_read_rule(entry) for entry in data["rules"])
    if len({rule.name for rule in rules}) < len(rules):
        raise RuleError(f"{data['rule_set']}: two rules have one name")
    return RuleBook(name=data["rule_set"], rules=rules, due_days=dict(data["due_days"]))


def _read_rule(entry: dict[str, Any]) -> Rule:
    try:
        return Rule(
            name=entry["name"],
            effect=entry["effect"],
            codes=tuple(entry["codes"]),
            origins=frozenset(entry.get("origins", ())),
            papers=tuple(tuple(choice) for choice in entry["papers"]),
            from_origin=entry.get("issuer", "any") == "origin",
            valid_from=entry["valid_from"],
            valid_to=entry.get("valid_to", date.max),
            source=entry["source"],
            confidence=entry["confidence"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"{entry.get('name', 'a rule without a name')}: {error}") from error


@cache
def bundled_rules() -> RuleBook:
    """The rule book that comes with the room."""
    return read_rules(BUNDLED.read_text(encoding="utf-8"))
