"""Permits: the predicate of clearance, worked out again from the events.

A permit needs the submission of its version, an open word (PASSED or NOT_REQUIRED) of each of the four agencies
on that very version, said before it, and no hold of clearance's own. The input that caused it is such a word itself.
An open word counts no more once clearance has heard that the gate is shut again. How far it had heard an agency is
known from the inputs that its facts name as their causes: at least so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from audit.breach import Breach
from audit.dossier import Dossier
from audit.hearing import SPEAKERS
from audit.rows import Fact
from audit.story import HELD, LIFTED, REFUSED, Said
from audit.told import Word
from shared.contracts.topics import SOURCES

SKEW = timedelta(seconds=2)
"""How far the clocks of two databases may differ."""


def the_clearance_predicate_holds(of: Dossier) -> Iterator[Breach]:
    """Each permit of the declaration."""
    for permit in of.story.permits:
        for why in _lacks(of, permit):
            sentence = f"permit of version {permit.version}: {why}"
            yield Breach("the-clearance-predicate-holds", (of.subject,), sentence)


def _lacks(of: Dossier, permit: Fact) -> Iterator[str]:
    filed = of.story.filed.get(permit.version)
    if filed is None:
        yield "its version was never submitted"
    elif permit.told is not None and permit.told.filed_at != filed.filed_at:
        yield f"it says filed at {permit.told.filed_at}, the submission {filed.filed_at}"
    for agency in SPEAKERS:
        yield from _gate(of, permit, agency)
    yield from _cause(of, permit)
    if _is_held(of, permit):
        yield "clearance's own hold was open"


def _gate(of: Dossier, permit: Fact, agency: str) -> Iterator[str]:
    said = of.story.words.get((permit.version, agency), ())
    before = [each for each in said if each.fact.recorded_at <= permit.recorded_at + SKEW]
    through = _heard(of, permit, SPEAKERS[agency])
    heard = [each for each in before if each.fact.seq <= through]
    if not any(each.word.is_open for each in (*heard[-1:], *before[len(heard) :])):
        yield f"{agency} had said {_statuses(before)} of this version"
    if any(each.word.agency != agency for each in said):
        yield f"{agency}'s gate was spoken by another"


def _heard(of: Dossier, permit: Fact, source: str) -> int:
    """How far clearance had heard a source at the least when it said the permit."""
    facts = of.facts("clearance")
    causes = [fact.cause_seq for fact in facts if fact.seq <= permit.seq and fact.cause_source == source]
    return max(causes, default=0)


def _cause(of: Dossier, permit: Fact) -> Iterator[str]:
    """The word that brought the permit was itself open; where the cause is an input at all."""
    if permit.cause_source not in SOURCES:
        return
    caused = [fact for fact in of.facts(permit.cause_source) if fact.seq == permit.cause_seq]
    for fact in caused:
        word = fact.told.gate if fact.told else None
        if fact.version != permit.version or word is None or not word.is_open:
            found = f"{fact.type} of version {fact.version}"
            yield f"it was caused by {found}, which opens no gate of its version"


def _is_held(of: Dossier, permit: Fact) -> bool:
    held = False
    for fact in of.facts("clearance"):
        if fact.seq >= permit.seq:
            break
        held = (held or fact.type == HELD) and fact.type != LIFTED
    return held


def _statuses(said: list[Said]) -> str:
    return " then ".join(each.word.status for each in said) or "nothing"


def refusals_have_their_ground(of: Dossier) -> Iterator[Breach]:
    """The gate that a refusal names was REFUSED by its agency; clearance's own, after a hold."""
    for fact in of.facts("clearance"):
        gate = fact.told.gate if fact.type == REFUSED and fact.told else None
        if gate is not None and not _is_said(of, fact, gate):
            what = f"version {fact.version} was refused by {gate.agency}, which had not said so"
            yield Breach("refusals-have-their-ground", (of.subject,), what)


def _is_said(of: Dossier, refusal: Fact, gate: Word) -> bool:
    if gate.agency == "clearance":
        return _is_held(of, refusal)
    said = of.story.words.get((refusal.version, gate.agency), ())
    words = [each.word for each in said if each.fact.recorded_at <= refusal.recorded_at + SKEW]
    return any(word.status == "REFUSED" and word.code == gate.code for word in words)


CHECKS = (the_clearance_predicate_holds, refusals_have_their_ground)
