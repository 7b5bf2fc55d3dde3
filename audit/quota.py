"""Quota: a buyer's year, from the declarations that count in it.

Reserved are the dutiable values of open versions, used those of released ones, both from the events. The year is that
of the filing in Asia/Shanghai; the limit is that of the rule sets that the assessments name. CNY.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.piles import Pile

SHANGHAI = timezone(timedelta(hours=8))
LAW = Path(__file__).parents[1] / "services" / "tax" / "data" / "cn.toml"
"""The bundled rule sets as data; no code of tax is asked. A set that is not among them has no limit here."""
QUOTAS = "select buyer, year, reserved, used from quotas"
SCALE = Decimal(100_000)
"""Amounts are summed as whole numbers of a hundred-thousandth: the columns have five digits."""


@dataclass(slots=True)
class Sums:
    """One buyer's year."""

    kept: tuple[int, int] = (0, 0)
    reserved: int = 0
    used: int = 0
    rule_sets: set[str] = field(default_factory=set)
    subjects: list[str] = field(default_factory=list)
    """Some of the declarations in it."""


class Quotas:
    """Quotas kept, and what declarations hold of them."""

    def __init__(self, pile: Pile, limits: Mapping[str, Decimal] | None = None) -> None:
        self._pile = pile
        self._limits = year_limits() if limits is None else limits

    def reads(self) -> Sequence[Read]:
        """The quotas."""
        return [Read("tax", QUOTAS, self.keep)]

    def keep(self, buyer: str, year: int, reserved: Decimal, used: Decimal) -> None:
        """A row of tax's."""
        self._pile.add(buyer.encode(), ("kept", buyer, year, int(reserved * SCALE), int(used * SCALE), ""))

    def take(self, of: Dossier) -> None:
        """What the versions of a declaration hold."""
        for version, held in of.ledger.holdings.items():
            filed = of.story.filed.get(version)
            if held.quota and filed is not None and filed.filed_at is not None:
                kind = "used" if held.status == "COMMITTED" else "reserved"
                year = filed.filed_at.astimezone(SHANGHAI).year
                record = (kind, filed.buyer, year, int(held.quota * SCALE), held.rule_set, of.subject)
                self._pile.add(filed.buyer.encode(), record)

    def breaches(self) -> Iterator[Breach]:
        """Buyer by buyer."""
        for records in self._pile.each():
            sums: dict[tuple[str, int], Sums] = defaultdict(Sums)
            for kind, buyer, year, *rest in records:
                _sum(sums[buyer, year], kind, rest)
            for (buyer, year), each in sums.items():
                yield from self._faults(buyer, year, each)

    def _faults(self, buyer: str, year: int, sums: Sums) -> Iterator[Breach]:
        ids = (f"{buyer}/{year}", *sums.subjects)
        if sums.kept != (sums.reserved, sums.used):
            kept, said = _shown(*sums.kept), _shown(sums.reserved, sums.used)
            yield Breach("quotas-add-up", ids, f"tax keeps {kept}; declarations hold {said}")
        limits = [self._limits[name] for name in sums.rule_sets if name in self._limits]
        held = max(sum(sums.kept), sums.reserved + sums.used)
        if limits and held > max(limits) * SCALE:
            what = f"{held / SCALE} of {max(limits)} are taken"
            yield Breach("quotas-stay-within-the-limit", ids, what)

    def counts(self) -> dict[str, Any]:
        """Nothing that is not in others."""
        return {}


def _sum(sums: Sums, kind: str, rest: Sequence[Any]) -> None:
    if kind == "kept":
        sums.kept = rest[0], rest[1]
        return
    if kind == "used":
        sums.used += rest[0]
    else:
        sums.reserved += rest[0]
    sums.rule_sets.add(rest[1])
    if len(sums.subjects) < 5:
        sums.subjects.append(rest[2])


def _shown(reserved: int, used: int) -> str:
    return f"reserved {reserved / SCALE}, used {used / SCALE}"


@cache
def year_limits() -> Mapping[str, Decimal]:
    """The limit of a year by rule set (CNY), from the data that tax is run with."""
    sets = tomllib.loads(LAW.read_text(encoding="utf-8"))["rule_set"]
    return {table["name"]: Decimal(table["year_limit"]) for table in sets if "year_limit" in table}
