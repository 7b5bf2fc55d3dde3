"""Refunds: goods go back as they may, and give back what they bore.

Tax and quota are reckoned again from the assessment that tax has said, by quantity, over all that has gone back so
far; a set that reads part returns otherwise is held to the bounds. CNY.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from audit.breach import Breach
from audit.dossier import Dossier
from audit.quota import LAW
from audit.returned import BACK, OVERDUE, Return
from audit.told import Line, Told

REFUNDED = "tax.refunded.v1"
ASSESSED = "tax.assessed.v1"
CENT = Decimal("0.01")
KEPT_AS = {"ADMITTED": "AWAITED", "COMPLETED": "BACK", "LAPSED": "OVERDUE"}
TAXES = ("customs_duty", "consumption_tax", "value_added_tax", "dutiable_value")
"""Amounts of a line that are given back; the last is its part of the quota."""
Gone = dict[int, Decimal]


def goods_go_back_as_they_may(of: Dossier) -> Iterator[Breach]:
    """Of what is released, in its days, no more than declared; and each return ends once."""
    for sentence in of.returned.wrong:
        yield Breach("returns-are-of-the-released", (of.subject,), sentence)


def returns_are_kept_as_said(of: Dossier) -> Iterator[Breach]:
    """Clearance keeps the returns it has admitted; logistics those it has heard of, with a deadline while awaited."""
    told = of.returned.returns
    kept = {row.request_id: row.status for row in of.of("clearance", "returns")}
    said = {request_id: each.status for request_id, each in told.items()}
    if kept != said:
        yield _breach(
            "every-change-has-its-event", of, f"clearance keeps returns {kept}, its facts say {said}"
        )
    if told and of.has_heard_all("logistics", "clearance"):
        yield from _awaited(of, said)


def _awaited(of: Dossier, said: Mapping[str, str]) -> Iterator[Breach]:
    kept = {row.request_id: row.status for row in of.of("logistics", "awaited_returns")}
    words = {fact.told.request_id: fact.type for fact in of.facts("logistics") if fact.told}
    heard = {
        request_id: {BACK: "BACK", OVERDUE: "OVERDUE"}.get(words.get(request_id, ""), "AWAITED")
        for request_id in said
    }
    if kept != heard:
        yield _breach("every-change-has-its-event", of, f"logistics awaits {kept}, its facts say {heard}")
    has_deadline = any(row.command == "ReturnsOverdue" for row in of.of("logistics", "timers"))
    if "AWAITED" in kept.values() and not has_deadline:
        yield _breach("settled-or-waiting", of, "goods are awaited back, and nothing looks at it again")
    if of.has_heard_all("clearance", "logistics"):
        ended = {request_id: KEPT_AS[status] for request_id, status in said.items()}
        if ended != heard:
            what = f"logistics has said of returns {heard}, clearance has made of it {said}"
            yield _breach("what-is-heard-has-its-effect", of, what)


def refunds_are_exact(of: Dossier) -> Iterator[Breach]:
    """Each completed return gives back, once, what its parts bore."""
    refunds = [fact.told for fact in of.facts("tax") if fact.type == REFUNDED and fact.told]
    kept = sorted((row.request_id, row.tax_total, row.quota) for row in of.of("tax", "refunds"))
    said = sorted((told.request_id, told.tax_total, told.quota_returned) for told in refunds)
    if kept != said:
        yield _breach("every-change-has-its-event", of, f"tax keeps refunds {kept}, its facts say {said}")
    done = {each.request_id: each for each in of.returned.completed()}
    ids = [told.request_id for told in refunds]
    if len(set(ids)) != len(ids) or not set(ids) <= done.keys():
        yield _breach("refunds-are-exact", of, f"given back for {ids}, completed are {sorted(done)}")
    elif of.has_heard_all("tax", "clearance") and set(ids) != done.keys():
        yield _breach("refunds-are-exact", of, f"completed are {sorted(done)}, given back is for {ids}")
    else:
        yield from _reckoned(of, refunds, done)


def _reckoned(of: Dossier, refunds: Sequence[Told], done: Mapping[str, Return]) -> Iterator[Breach]:
    assessed = {fact.version: fact.told for fact in of.facts("tax") if fact.type == ASSESSED and fact.told}
    gone: Gone = defaultdict(Decimal)
    for told in refunds:
        levied = assessed.get(told.version)
        lines = {line.line_no: line for line in levied.lines} if levied else {}
        is_pro_rata = levied is not None and reading_of(levied.rule_set) == "pro_rata"
        for part in done[told.request_id].parts:
            back = next((line for line in told.lines if line.line_no == part.line_no), Line())
            for name, due in _due(lines.get(part.line_no, Line()), part, gone).items():
                given = getattr(back, name)
                if given != due if is_pro_rata else given < 0:
                    what = f"return {told.request_id} gave back {given} of {name}, line {part.line_no} {due}"
                    yield _breach("refunds-are-exact", of, what)
            gone[part.line_no] += part.quantity


def _due(line: Line, part: Line, gone: Gone) -> dict[str, Decimal]:
    """What the part gives back of each amount: by quantity, over all that is gone."""
    before, of = gone[part.line_no], part.declared or Decimal(1)
    after = before + part.quantity
    return {
        name: part_of(getattr(line, name), after, of) - part_of(getattr(line, name), before, of)
        for name in TAXES
    }


def part_of(amount: Decimal, gone: Decimal, of: Decimal, digit: Decimal = CENT) -> Decimal:
    """By quantity, half up to a digit, but no more than the whole, which may be finer; the whole once all is gone."""
    return amount if gone == of else min(amount, (amount * gone / of).quantize(digit, ROUND_HALF_UP))


@cache
def _readings() -> Mapping[str, str]:
    sets = tomllib.loads(LAW.read_text(encoding="utf-8"))["rule_set"]
    return {table["name"]: table.get("readings", {}).get("part_returns", "pro_rata") for table in sets}


def reading_of(rule_set: str) -> str:
    """How a rule set reads the return of a part; one that is not bundled is held to the bounds alone."""
    return _readings().get(rule_set, "")


def _breach(invariant: str, of: Dossier, sentence: str) -> Breach:
    return Breach(invariant, (of.subject,), sentence)


CHECKS = (goods_go_back_as_they_may, returns_are_kept_as_said, refunds_are_exact)
