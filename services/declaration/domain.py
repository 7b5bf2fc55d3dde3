"""Filing rules: what must hold before anything is kept.

Every rule is one small function from a submission and its surroundings to the faults it finds; its docstring
says the rule and, after `Source:`, where it comes from. All rules are asked, and all faults are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.declaration.submission import Submission
from shared.kernel.refusal import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A registered party, as the local copy has it."""

    code: str
    roles: frozenset[str] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What rules know beside the submission."""

    now: datetime
    parties: Mapping[str, Party] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a rule found, before it is signed with the rule's name and source."""

    pointer: str
    detail: str
    fix: str
    code: str = "E-VALUE"


Found = Sequence[Wrong]
Rule = Callable[[Submission, Surroundings], Found]
NOTHING: Found = ()


def faults_of(rules: Sequence[Rule], submission: Submission, around: Surroundings) -> list[Fault]:
    """All faults that all rules find."""
    faults: list[Fault] = []
    for rule in rules:
        found = rule(submission, around)
        if found:
            faults += [signed(wrong, rule) for wrong in found]
    return faults


def signed(wrong: Wrong, rule: Rule) -> Fault:
    """The fault, with the name of the rule and the source its docstring cites."""
    return Fault(
        pointer=wrong.pointer,
        code=wrong.code,
        rule=rule.__name__,
        detail=wrong.detail,
        fix=wrong.fix,
        source=" ".join((rule.__doc__ or "").partition("Source: ")[2].split()),
    )


def said_no(faults: Sequence[Fault]) -> str:
    """How many rules said no, in words."""
    count = len({fault.rule for fault in faults})
    return f"{count} rule{'s say' if count > 1 else ' says'} no"
