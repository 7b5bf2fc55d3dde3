"""Replay: past declarations under another law, or as if filed on another day.

Every declaration is assessed twice with the rules of a filing, under the law in force and under the other, in
order of filing, so that a buyer's year fills up in both. Pure: the facts and both laws are arguments. A year that
began before the first fact counts from the first fact on; guarantees are taken to suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from services.tax.assessment import Assessment, assess
from services.tax.balances import Balances
from services.tax.books.guarantee import Account
from services.tax.law.book import Law
from services.tax.law.calendar import SHANGHAI, day_of
from services.tax.law.retail import RETAIL
from services.tax.law.schema import ZERO
from services.tax.notes import YearNote, note_keys
from services.tax.quota import Quota, quota_key
from services.tax.splitting import Part, looks_split
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken, DeclarationId

ENOUGH = Decimal(10) ** 15
Change = Literal["same", "more", "less", "now refused", "now admitted", "refused in both"]
CHANGES: tuple[Change, ...] = ("same", "more", "less", "now refused", "now admitted", "refused in both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was filed, CNY."""

    declaration_id: DeclarationId
    filed_at: datetime
    buyer: BuyerToken
    seller: str
    goods_value: Decimal
    freight: Decimal
    insurance: Decimal
    lines: tuple[GoodsLine, ...]
    ended_without_permit: bool = False
    """Refused by another agency, or cancelled: its quota went back."""
    version: int = 1
    parties: tuple[str, ...] = ()
    declarant: str = "replay"
    guarantor: str = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One declaration under both laws."""

    past: Past
    before: Assessment
    after: Assessment

    @property
    def change(self) -> Change:
        """Who pays more, who pays less, who may no longer come in so."""
        was, now = self.before.working.fault is None, self.after.working.fault is None
        if was and now:
            difference = self.after.holding.tax_total - self.before.holding.tax_total
            return "same" if not difference else "more" if difference > 0 else "less"
        return "now refused" if was else "now admitted" if now else "refused in both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The lines of one kind in declarations that both laws admit, CNY."""

    name: str
    lines: int
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """What is paid more, or less."""
        return self.after - self.before


def compare(facts: Iterable[Past], law: Law, other: Law, as_of: date | None = None) -> list[Compared]:
    """Every declaration under both laws, oldest first."""
    past = sorted(facts, key=lambda each: (each.filed_at, each.declaration_id))
    moved = past if as_of is None else [replace(each, filed_at=_moved(each.filed_at, as_of)) for each in past]
    before, after = _assess_all(past, law), _assess_all(moved, other)
    return [
        Compared(past=fact, before=one, after=two) for fact, one, two in zip(past, before, after, strict=True)
    ]


def _moved(filed_at: datetime, day: date) -> datetime:
    """The same time of day in China, on another day."""
    return datetime.combine(day, filed_at.astimezone(SHANGHAI).time(), SHANGHAI)


def _assess_all(past: Sequence[Past], law: Law) -> list[Assessment]:
    keys = {quota_key(each.buyer, each.filed_at) for each in past}
    balances = Balances(
        accounts={"replay": Account(party="replay", balance=ENOUGH)},
        quotas={key: Quota(buyer=key[0], year=key[1]) for key in keys},
        notes={key: YearNote(key=key) for key in note_keys(past, law.china)},
    )
    return [_assess(each, balances, law) for each in past]


def _assess(fact: Past, balances: Balances, law: Law) -> Assessment:
    made = assess(fact, balances, law, fact.filed_at)
    if fact.ended_without_permit:
        balances.give_back(made.holding, "VOIDED")
    return made


def changes(compared: Iterable[Compared]) -> dict[Change, int]:
    """How many declarations fare how."""
    counted = dict.fromkeys(CHANGES, 0)
    for each in compared:
        counted[each.change] += 1
    return counted


def by_goods(compared: Iterable[Compared], law: Law) -> list[Row]:
    """By heading of the tariff in force, the largest difference first."""

    def name(past: Past, line: GoodsLine) -> str:
        rate = law.china.on(day_of(past.filed_at)).rate_of(line.goods_code)
        return f"{rate.hs_prefix} {rate.goods}".strip()

    return _rows(compared, name)


def by_country(compared: Iterable[Compared]) -> list[Row]:
    """By country of origin, the largest difference first."""
    return _rows(compared, lambda _, line: line.origin_country)


def _rows(compared: Iterable[Compared], name: Callable[[Past, GoodsLine], str]) -> list[Row]:
    rows: dict[str, Row] = {}
    for each in compared:
        pairs = zip(each.before.working.lines, each.after.working.lines, strict=False)
        for line, (was, now) in zip(each.past.lines, pairs, strict=False):
            key = name(each.past, line)
            row = rows.get(key) or Row(name=key, lines=0, before=ZERO, after=ZERO)
            rows[key] = replace(
                row, lines=row.lines + 1, before=row.before + was.tax, after=row.after + now.tax
            )
    return sorted(rows.values(), key=lambda row: (-abs(row.difference), row.name))


def split_groups(compared: Iterable[Compared], law: Law) -> int:
    """Groups of orders of one buyer, seller and day that are beyond the order limit together (R05)."""
    groups: dict[tuple[str, str, date], list[Compared]] = {}
    for each in compared:
        key = each.past.buyer, each.past.seller, day_of(each.past.filed_at)
        groups.setdefault(key, []).append(each)
    return sum(_is_split(group, law, day) for (_, _, day), group in groups.items())


def _is_split(group: list[Compared], law: Law, day: date) -> bool:
    rules = law.china.on(day).rule_sets.get(RETAIL)
    parts = [
        Part(
            value=each.before.working.dutiable_value,
            goods=each.before.working.goods_value,
            tax=each.before.holding.tax_total,
        )
        for each in group
    ]
    return rules is not None and looks_split(parts, rules, rules.order_limit)


def midnight(day: date) -> datetime:
    """The beginning of a day in China."""
    return datetime.combine(day, time(), SHANGHAI)
