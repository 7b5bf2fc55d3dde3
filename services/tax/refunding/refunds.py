"""Refunds: what goods that are back give back, kept.

A completed return gives back of each line its taxes and its part of the quota, and of noted goods what they took of
the year, reckoned from the assessment as it was kept and from what earlier returns have given back. Under one head,
so no two returns reckon from the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from services.tax.assessment import KeptAssessment
from services.tax.balances import Balances
from services.tax.law.book import Law
from services.tax.law.jurisdiction import NoLaw
from services.tax.law.schema import PartReturns
from services.tax.notes import Noted, plain
from services.tax.refunding.returning import Restitution, Returned, give_back, of_measure
from services.tax.taxes import Taxes
from shared.kernel.goods import ReturnedPart
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedLine:
    """What one line gives back."""

    line_no: int
    quantity: Decimal
    back: Restitution


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What one return has given back, CNY."""

    declaration_id: DeclarationId
    version: int
    request_id: str
    lines: tuple[RefundedLine, ...]
    refunded_at: datetime
    noted: tuple[Noted, ...] = ()
    """Of the buyer's year of noted goods; none in what an earlier release has kept."""

    @property
    def taxes(self) -> Taxes:
        """Tax by tax."""
        return Taxes(
            customs_duty=sum((line.back.customs_duty for line in self.lines), ZERO),
            consumption_tax=sum((line.back.consumption_tax for line in self.lines), ZERO),
            value_added_tax=sum((line.back.value_added_tax for line in self.lines), ZERO),
        )

    @property
    def quota(self) -> Decimal:
        """Of the buyer's year."""
        return sum((line.back.quota for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsBack:
    """A return that is completed: which parts of which lines."""

    declaration_id: DeclarationId
    version: int
    request_id: str
    parts: tuple[ReturnedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What goods are returned of: their version as it was assessed, and what earlier returns have given back."""

    kept: KeptAssessment
    earlier: Sequence[Refund] = ()


class NotReleased(ValueError):
    """Goods are back that tax has no released assessment of: the message is wrong, not the books."""


def refund_all(
    batch: Sequence[GoodsBack], releases: Mapping[str, Release], balances: Balances, law: Law, now: datetime
) -> list[Refund]:
    """Each return gives back its tax and its quota; the balances move with it."""
    made = []
    for back in batch:
        refund = reckon(back, released(back, releases.get(back.declaration_id)), law, now)
        balances.refund(balances.holdings[back.declaration_id], refund.taxes, refund.quota, refund.noted)
        made.append(refund)
    return made


def released(back: GoodsBack, release: Release | None) -> Release:
    """The released version that the goods are of."""
    holding = release.kept.holding if release else None
    if release is None or holding is None or (holding.version, holding.status) != (back.version, "COMMITTED"):
        raise NotReleased(f"goods of version {back.version} are back, tax has {holding}")
    return release


def reckon(back: GoodsBack, release: Release, law: Law, now: datetime) -> Refund:
    """What the parts give back, by the reading of the rule set that the goods were assessed by."""
    kept, reading = release.kept, reading_of(release.kept.rule_set, law)
    lines = {line.line_no: line for line in kept.working.lines}
    return Refund(
        declaration_id=back.declaration_id,
        version=back.version,
        request_id=back.request_id,
        refunded_at=now,
        lines=tuple(
            RefundedLine(
                line_no=part.line_no,
                quantity=part.quantity,
                back=give_back(
                    lines[part.line_no], gone(part, release.earlier), reading, kept.working.factor
                ),
            )
            for part in back.parts
        ),
        noted=tuple(
            counted_no_more(noted, back.parts, release.earlier)
            for noted in kept.holding.noted
            if any(part.line_no in noted.by_line for part in back.parts)
        ),
    )


def counted_no_more(noted: Noted, parts: Sequence[ReturnedPart], earlier: Sequence[Refund]) -> Noted:
    """What the parts took of a year of noted goods."""
    by_line = {
        part.line_no: of_measure(noted.by_line[part.line_no], gone(part, earlier))
        for part in parts
        if part.line_no in noted.by_line
    }
    return replace(noted, quantity=plain(sum(by_line.values(), ZERO)), by_line=by_line)


def reading_of(rule_set: str, law: Law) -> PartReturns:
    """How the rule set reads the return of a part; nothing is guessed for one that is not kept any more."""
    rules = law.named(rule_set)
    if rules is None:
        raise NoLaw(f"rule set {rule_set} is not kept here: nothing says how its returns are reckoned")
    return rules.readings.part_returns


def gone(part: ReturnedPart, earlier: Sequence[Refund]) -> Returned:
    """A part beside what has gone back of its line before."""
    before = sum(
        (line.quantity for refund in earlier for line in refund.lines if line.line_no == part.line_no),
        Decimal(0),
    )
    return Returned(quantity=part.declared, before=before, now=part.quantity)
