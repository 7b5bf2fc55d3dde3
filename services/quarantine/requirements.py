"""Requirements: what quarantine will ask of goods, before anything is filed.

The same rules as those of a filing, read for goods alone: which apply on a day, to which lines, and which papers
satisfy them. A goods code may be shorter than a rule's; then the rule may apply, which is told apart: nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.quarantine.rulebook import EFFECTS, Rule, RuleBook

WHOLE = 10
"""Digits of a whole goods code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Goods that somebody thinks of sending."""

    line_no: int
    goods_code: str
    """Six, eight or ten digits."""
    origin_country: str
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One rule, and the lines that it applies to."""

    rule: Rule
    line_nos: tuple[int, ...]
    perhaps_line_nos: tuple[int, ...]
    """Lines whose code is too short to tell."""


def requirements(book: RuleBook, goods: Sequence[Goods], day: date) -> list[Requirement]:
    """What the rules of a day (Beijing) ask of goods, strongest effect first."""
    in_force = (rule for rule in book.rules if rule.holds_on(day))
    return sorted(_asked_of(in_force, goods), key=lambda asked: EFFECTS.index(asked.rule.effect))


def _asked_of(rules: Iterable[Rule], goods: Sequence[Goods]) -> Iterator[Requirement]:
    for rule in rules:
        meant = [each for each in goods if rule.means_origin(each.origin_country)]
        sure = tuple(each.line_no for each in meant if applies(rule, each))
        perhaps = tuple(each.line_no for each in meant if may_apply(rule, each))
        if sure or perhaps:
            yield Requirement(rule=rule, line_nos=sure, perhaps_line_nos=perhaps)


def applies(rule: Rule, goods: Goods) -> bool:
    """Whether a prefix of the rule is one of the code."""
    return goods.goods_code.startswith(rule.codes)


def may_apply(rule: Rule, goods: Goods) -> bool:
    """Whether a longer code that begins like this one would be meant."""
    is_short = len(goods.goods_code) < WHOLE and not applies(rule, goods)
    return is_short and any(code.startswith(goods.goods_code) for code in rule.codes)


def what_follows(rule: Rule) -> str:
    """What becomes of the goods."""
    if rule.effect == "refuse":
        return "the goods are refused"
    if not rule.papers:
        return "the goods are inspected, whatever papers they have"
    without = "inspected" if rule.effect == "inspection" else "held for an officer"
    return f"the goods are {without} unless {rule.asks_for()} is there"


def what_to_do(rule: Rule) -> str:
    """What the sender can do about it."""
    if rule.papers:
        return f"file with {rule.asks_of()}, valid on the day of filing, for these lines"
    return "leave these lines out" if rule.effect == "refuse" else "allow for the time of an inspection"
