"""Quarantine decisions: goods, origin, day.

Law and clocks follow the filing day in Beijing, never the moment of processing. The rules are data
(`rulebook.py`); what is here turns them into one gate with a reason that names rule, lines and paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import groupby

from services.quarantine.rulebook import EFFECTS, Line, Rule, RuleBook, RuleTable, table_of
from shared.kernel.gate import Gate
from shared.kernel.goods import Certificate
from shared.kernel.review import DecideReview, Review

BEIJING = timezone(timedelta(hours=8))
"""China keeps one zone without summer time."""

OFFICER = "quarantine officer"
CODES = {"refuse": "E-CIQ-EPIDEMIC", "inspection": "INSPECTION", "document_review": "DOCUMENT_REVIEW"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What the rules say of one version, and the names of those that applied."""

    gate: Gate
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule and the lines that no paper clears."""

    rule: Rule
    lines: tuple[Line, ...]


CLEARED = Gate(agency="quarantine", status="PASSED", code="CERTIFICATES", reason="papers satisfy every rule")
NOT_REQUIRED = Triage(gate=Gate(agency="quarantine", status="NOT_REQUIRED"))


def filing_day(filed_at: datetime) -> date:
    """The day of a filing in Beijing."""
    return filed_at.astimezone(BEIJING).date()


def triage(
    book: RuleBook, lines: Sequence[Line], certificates: Sequence[Certificate], filed_at: datetime
) -> Triage:
    """What quarantine says: NOT_REQUIRED, PASSED by papers, HELD for an officer, or REFUSED.

    Sources: GACC announcement 194/2018 (quarantine of retail goods) and the sources of each rule.
    """
    day = filing_day(filed_at)
    table = table_of(book, day)
    touched = [line for line in lines if table.touches(line)]
    applied = rules_applied(table, touched) if touched else {}
    if not applied:
        return NOT_REQUIRED
    return Triage(
        gate=gate_of(book, find_all(applied, certificates, day), filed_at),
        rules=tuple(rule.name for rule in applied),
    )


def rules_applied(table: RuleTable, lines: Iterable[Line]) -> dict[Rule, list[Line]]:
    """Each rule that applies, with its lines."""
    applied: dict[Rule, list[Line]] = defaultdict(list)
    for line in lines:
        for rule in table.rules_for(line):
            applied[rule].append(line)
    return applied


def find_all(
    applied: dict[Rule, list[Line]], certificates: Sequence[Certificate], day: date
) -> list[Finding]:
    """What stays open after the papers, strongest effect first."""
    found = []
    for rule, lines in applied.items():
        lacking = tuple(line for line in lines if not is_cleared(rule, line, certificates, day))
        if lacking:
            found.append(Finding(rule=rule, lines=lacking))
    return sorted(found, key=lambda finding: EFFECTS.index(finding.rule.effect))


def is_cleared(rule: Rule, line: Line, certificates: Sequence[Certificate], day: date) -> bool:
    """Whether each paper that a rule asks for is there; a rule without papers is never cleared by one."""
    fitting = {paper.kind for paper in certificates if vouches(paper, rule, line, day)}
    return bool(rule.papers) and all(fitting.intersection(choice) for choice in rule.papers)


def vouches(paper: Certificate, rule: Rule, line: Line, day: date) -> bool:
    """Whether a paper covers the line, is valid on the filing day (included), and is of the right country.

    ISPM 12 for phytosanitary papers: issued by the authority of the country of origin.
    """
    covers = not paper.line_nos or line.line_no in paper.line_nos
    issued_well = not rule.from_origin or paper.issued_by == line.origin_country
    return covers and issued_well and paper.valid_until >= day


def gate_of(book: RuleBook, found: Sequence[Finding], filed_at: datetime) -> Gate:
    """The gate of what stays open: the strongest finding decides, the reason names them all."""
    if not found:
        return CLEARED
    effect = found[0].rule.effect
    reason = "; ".join(in_words(finding, filing_day(filed_at)) for finding in found)
    if effect == "refuse":
        return Gate(agency="quarantine", status="REFUSED", code=CODES[effect], reason=reason)
    return Gate(
        agency="quarantine",
        status="HELD",
        code=CODES[effect],
        reason=reason,
        awaits=OFFICER,
        due_at=filed_at + timedelta(days=book.due_days[effect]),
    )


def in_words(finding: Finding, day: date) -> str:
    """Rule, lines, and the paper that would satisfy it: what to amend, or that nothing helps."""
    rule = finding.rule
    goods = sorted({f"{line.goods_code[:6]} from {line.origin_country}" for line in finding.lines})
    named = ", ".join(goods[:3]) + (f" and {len(goods) - 3} more" if len(goods) > 3 else "")
    where = f"{rule.name}: lines {as_ranges([line.line_no for line in finding.lines])} ({named})"
    if not rule.papers:
        return f"{where}: no paper replaces this rule ({rule.source})"
    return f"{where}: an amendment with {rule.asks_of()}, valid on {day}, for these lines satisfies it"


def as_ranges(numbers: Iterable[int]) -> str:
    """Line numbers in words: 1-3, 7."""
    runs = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def gate_decided(order: DecideReview) -> Gate:
    """The gate of an officer's decision."""
    if order.verdict == "pass":
        return Gate(agency="quarantine", status="PASSED", code="OFFICER_PASSED", reason=order.reason)
    return Gate(agency="quarantine", status="REFUSED", code="E-CIQ-REFUSED", reason=order.reason)


def review_of(
    declaration_id: str, version: int, parties: tuple[str, ...], gate: Gate, now: datetime
) -> Review:
    """The item of the officers' queue for a gate that is held."""
    if gate.due_at is None:
        raise ValueError(f"{gate.code} of {declaration_id} waits without a due time")
    return Review(
        declaration_id=declaration_id,
        version=version,
        code=gate.code,
        reason=gate.reason,
        parties=parties,
        opened_at=now,
        due_at=gate.due_at,
    )
