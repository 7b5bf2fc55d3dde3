"""Waits: what is not settled waits somewhere, with an owner, a reason and a due time.

An officer is an owner only with a review in the agency's queue; anybody else, with a deadline or a review that looks
at it again. A parked event is a place too: its owner is the operator, its reason the cause it was parked with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from audit.breach import Breach
from audit.dossier import Dossier
from audit.hearing import SPEAKERS
from audit.rows import Review
from audit.told import Word

LEASE = timedelta(minutes=15)
OFFICER = " officer"


def settled_or_waiting(of: Dossier) -> Iterator[Breach]:
    """An open declaration is held by somebody, for a reason, until a time."""
    story = of.story
    if not of.is_declaration or story.status != "OPEN" or of.parked("clearance"):
        return
    for sentence in _lacks(of):
        yield Breach("settled-or-waiting", (of.subject,), f"open in version {story.version}: {sentence}")


def _lacks(of: Dossier) -> Iterator[str]:
    story = of.story
    if story.version not in story.filed:
        yield "its version is not submitted"
        return
    words = {agency: story.latest(agency) or _parked(of, source) for agency, source in SPEAKERS.items()}
    words["clearance"] = story.hold or OPEN
    if all(word is not None and word.is_open for word in words.values()):
        yield "every gate is open, and it is not settled"
    for agency, word in words.items():
        if word is None:
            yield f"{agency} has not spoken, and has nothing parked"
        elif word.status == "REFUSED":
            yield f"{agency} has refused it, and it goes on"
    yield from _owners(of, [word for word in words.values() if word and word.status == "HELD"])


def _parked(of: Dossier, service: str) -> Word | None:
    """Held by the operators, where something of it is parked."""
    return PARKED if of.parked(service) else None


def _owners(of: Dossier, held: list[Word]) -> Iterator[str]:
    for word in held:
        if word is PARKED:
            continue
        if not (word.reason and word.awaits and word.due_at):
            yield f"held by {word.agency} without reason, owner or due time"
        elif not _is_looked_at(of, word):
            what = "review" if word.awaits.endswith(OFFICER) else "deadline or review"
            yield f"{word.agency} waits for {word.awaits}, and has no {what} of it"


def _is_looked_at(of: Dossier, word: Word) -> bool:
    service = SPEAKERS.get(word.agency, word.agency)
    version = of.story.version
    rows = [*of.of(service, "reviews")]
    if not word.awaits.endswith(OFFICER):
        rows += of.of(service, "timers")
    return any(row.version == version for row in rows)


def reviews_are_of_the_living(of: Dossier) -> Iterator[Breach]:
    """A review is of the running version of what is not refused or cancelled; its lease is whole and short."""
    for service in of.services("reviews"):
        for review in of.of(service, "reviews"):
            for why in _faults(of, review):
                yield Breach("reviews-are-of-the-living", (of.subject,), f"review at {service}: {why}")


def _faults(of: Dossier, review: Review) -> Iterator[str]:
    version, officer = review.version, review.officer
    until, lease_no = review.lease_until, review.lease_no
    story = of.story
    if not story.is_living or version != story.version:
        yield f"it is of version {version}, while {story.version} is {story.status}"
    if bool(officer) != (until is not None) or (officer and lease_no < 1):
        yield f"lease {lease_no} of {officer!r} until {until}"
    elif until is not None and until > of.now + LEASE:
        yield f"its lease runs until {until}, longer than {LEASE}"


PARKED = Word(agency="", status="HELD")
"""Held by the operators: something of it is parked."""
OPEN = Word(agency="clearance", status="PASSED")
"""Clearance holds nothing of its own."""
CHECKS = (settled_or_waiting, reviews_are_of_the_living)
