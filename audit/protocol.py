"""Protocol: what is said is heard, without a gap, once, and nothing is left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import timedelta
from typing import TypeVar

from audit.breach import Breach
from audit.dossier import Dossier
from audit.hearing import EARS, PLACE
from audit.rows import Fact, Waiting
from audit.told import Told
from shared.contracts.topics import TYPES
from shared.kernel.ids import bill_subject, party_subject

OLD = timedelta(minutes=1)
"""How late the relay and the timers may be."""
SPEAKER_OF = {kind: kind.partition(".")[0] for kind in TYPES}
Thing = TypeVar("Thing", bound=Hashable)
ONCE = (
    "declaration.submitted.v1",
    "tax.assessed.v1",
    "tax.voided.v1",
    "tax.committed.v1",
    "tax.bill-issued.v1",
    "tax.bill-paid.v1",
    "tax.bill-overdue.v1",
    "quarantine.triaged.v1",
    "logistics.booked.v1",
    "logistics.gated-out.v1",
)
"""Said once of a version at the most."""


def facts_are_gap_free(of: Dossier) -> Iterator[Breach]:
    """A service's facts are 1..n, and its head counts on from there."""
    for service, head in of.heads.items():
        seqs = [fact.seq for fact in of.facts(service)]
        if seqs != list(range(1, head.next_seq)):
            what = f"{service} has facts {_short(seqs)}, its next is {head.next_seq}"
            yield _breach("facts-are-gap-free", of, what)
    for service in of.said.keys() - of.heads.keys():
        yield _breach("facts-are-gap-free", of, f"{service} has facts, it has no head")


def facts_say_what_their_rows_say(of: Dossier) -> Iterator[Breach]:
    """A fact can be read, and speaks of the subject, version and type of its row."""
    for service, facts in of.said.items():
        for fact in facts:
            why = _misread(service, fact)
            if why:
                yield _breach("fact-says-what-its-row-says", of, f"fact {fact.seq} of {service} {why}")


def _misread(service: str, fact: Fact) -> str:
    told = fact.told
    if told is None:
        return "cannot be read"
    if SPEAKER_OF.get(fact.type) != service:
        return f"is a {fact.type}, which {service} does not say"
    if _subject_of(told) != fact.subject or told.version != fact.version:
        return f"speaks of version {told.version} of {_subject_of(told)}, its row of version {fact.version}"
    return ""


def _subject_of(told: Told) -> str:
    if told.bill_no and not told.declaration_id:
        return bill_subject(told.bill_no)
    return told.declaration_id or party_subject(told.code)


def effects_have_causes(of: Dossier) -> Iterator[Breach]:
    """An input that caused a fact was said and heard, and caused it once."""
    for service, facts in of.said.items():
        for fact in facts:
            source, seq = fact.cause_source, fact.cause_seq
            if source in PLACE and seq > min(len(of.facts(source)), of.heard(service, source)):
                what = f"fact {fact.seq} of {service} is caused by {source} {seq}, which it has not heard"
                yield _breach("every-effect-has-its-cause", of, what)


def effects_come_once(of: Dossier) -> Iterator[Breach]:
    """An input causes a kind of fact once; a version is submitted, assessed, triaged, booked, committed once."""
    for service, facts in of.said.items():
        if len(facts) > 1:
            causes = [(f.cause_source, f.cause_seq, f.type) for f in facts if f.cause_source in PLACE]
            for source, seq, kind in _twice(causes):
                yield _breach("effects-come-once", of, f"{source} {seq} caused several {kind} of {service}")
            for kind, version in _twice([(f.type, f.version) for f in facts if f.type in ONCE]):
                yield _breach("effects-come-once", of, f"{kind} of version {version} was said several times")


def _twice(things: list[Thing]) -> list[Thing]:
    """Those that occur more than once; usually none, and that is quickly seen."""
    if len(set(things)) == len(things):
        return []
    return [thing for thing, times in Counter(things).items() if times > 1]


def cursors_are_true(of: Dossier) -> Iterator[Breach]:
    """Everybody has heard what was said, to the end and no further; or says what parks it."""
    for reader, source in EARS:
        heard, said = of.heard(reader, source), len(of.facts(source))
        if heard == said:
            continue
        what = f"{reader} has heard {heard} of {said} from {source}"
        if heard > said:
            yield _breach("nothing-unsaid-is-heard", of, what)
        elif not of.is_stuck(reader, source):
            yield _breach("what-is-said-is-heard", of, what)


def what_waits_has_a_reason(of: Dossier) -> Iterator[Breach]:
    """A parked event has class, cause and attempts; what is applied does not wait; heads count."""
    for service, head in of.heads.items():
        rows = of.of(service, "waiting")
        for row in rows:
            for why in _idle(row, of.heard(service, row.source)):
                what = f"{row.source} {row.seq} waits at {service} {why}"
                yield _breach("what-waits-has-a-reason", of, what)
        if head.waiting != len(rows):
            what = f"the head at {service} counts {head.waiting} that wait, there are {len(rows)}"
            yield _breach("what-waits-has-a-reason", of, what)


def _idle(row: Waiting, heard: int) -> Iterator[str]:
    """Why a row should not wait as it does."""
    if row.state == "parked" and not (row.error_class and row.error and row.attempts > 0):
        yield "parked, without class, cause or attempt"
    if row.state not in ("parked", "early"):
        yield f"as {row.state!r}"
    if 0 < row.seq <= heard:
        yield "and is applied already"


def the_outbox_moves(of: Dossier) -> Iterator[Breach]:
    """No outbox row without its fact, or older than a minute."""
    for service in of.services("outbox"):
        for row in of.of(service, "outbox"):
            late = of.now - row.due_at
            if late > OLD:
                yield _breach("the-outbox-moves", of, f"fact {row.seq} of {service} is unsaid for {late}")
            if row.seq not in {fact.seq for fact in of.facts(service)}:
                yield _breach("the-outbox-moves", of, f"{service} is to say {row.seq}, which is no fact")


def deadlines_run(of: Dossier) -> Iterator[Breach]:
    """No deadline is a minute overdue."""
    for service in of.services("timers"):
        for timer in of.of(service, "timers"):
            if of.now - timer.due_at > OLD:
                what = f"{timer.command} of version {timer.version} at {service} was due {timer.due_at}"
                yield _breach("deadlines-run", of, what)


def _breach(invariant: str, of: Dossier, sentence: str) -> Breach:
    return Breach(invariant, (of.subject,), sentence)


def _short(seqs: list[int]) -> str:
    shown = ", ".join(map(str, seqs[:12]))
    return f"[{shown}{', ...' if len(seqs) > 12 else ''}]"


CHECKS = (
    facts_are_gap_free,
    facts_say_what_their_rows_say,
    effects_have_causes,
    effects_come_once,
    cursors_are_true,
    what_waits_has_a_reason,
    the_outbox_moves,
    deadlines_run,
)
