"""Story: what the events of a declaration tell.

Worked out from the facts alone, by rules written here again: which version runs, how it ends, what each agency said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.hearing import SPEAKERS
from audit.rows import Fact
from audit.told import Told, Word

PERMIT, REFUSED = "clearance.permit-issued.v1", "clearance.refused.v1"
CANCELLED, ADMITTED = "clearance.cancelled.v1", "clearance.amendment-admitted.v1"
HELD, LIFTED, REVOKED = "clearance.held.v1", "clearance.hold-lifted.v1", "clearance.permit-revoked.v1"
DENIED = "clearance.request-refused.v1"
SUBMITTED = "declaration.submitted.v1"
ENDS = {PERMIT: "PERMIT", REFUSED: "REFUSED", CANCELLED: "CANCELLED"}


class Said(NamedTuple):
    """A gate in an agency's mouth."""

    fact: Fact
    word: Word


@dataclass(slots=True)
class Story:
    """One declaration, as its events tell it."""

    filed: dict[int, Told] = field(default_factory=dict)
    """By version, as submitted."""
    words: dict[tuple[int, str], list[Said]] = field(default_factory=lambda: defaultdict(list))
    """By version and agency, in order."""
    permits: list[Fact] = field(default_factory=list)
    ends: list[tuple[int, str]] = field(default_factory=list)
    """Version and outcome, in order: PERMIT, REFUSED, CANCELLED."""
    version: int = 1
    """The running one, or the last."""
    status: str = "OPEN"
    superseded: int = 0
    hold: Word | None = None
    is_revoked: bool = False
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """Invariant and sentence: moves that clearance could not make."""

    @property
    def has_words(self) -> bool:
        """Whether any agency or clearance has spoken."""
        return bool(self.words or self.ends or self.superseded)

    @property
    def is_living(self) -> bool:
        """Open or permitted."""
        return self.status in ("OPEN", "PERMIT")

    @property
    def permit_no(self) -> str:
        """The number of its permit, or nothing."""
        told = self.permits[0].told if self.permits else None
        return told.permit_no if told else ""

    def latest(self, agency: str) -> Word | None:
        """What an agency said last of the running version."""
        said = self.words.get((self.version, agency))
        return said[-1].word if said else None


def tell(facts: Callable[[str], Sequence[Fact]]) -> Story:
    """The story of all sources' facts."""
    story = Story()
    for fact in facts("declaration"):
        if fact.type == SUBMITTED and fact.told is not None:
            story.filed.setdefault(fact.version, fact.told)
    for agency, source in SPEAKERS.items():
        _speak(story, agency, facts(source))
    for fact in facts("clearance"):
        if fact.type in STEPS:
            STEPS[fact.type](story, fact)
    return story


def _speak(story: Story, agency: str, facts: Sequence[Fact]) -> None:
    for fact in facts:
        if fact.told is not None and fact.told.gate is not None:
            story.words[fact.version, agency].append(Said(fact, fact.told.gate))


def _end(story: Story, fact: Fact) -> None:
    outcome = ENDS[fact.type]
    if outcome == "PERMIT":
        story.permits.append(fact)
    if story.status != "OPEN" or fact.version != story.version:
        running = f"version {story.version} is {story.status}"
        story.wrong.append(("one-outcome", f"{outcome} of version {fact.version} was said while {running}"))
        return
    story.ends.append((fact.version, outcome))
    story.status = outcome


def _admit(story: Story, fact: Fact) -> None:
    if story.status != "OPEN" or fact.version != story.version + 1:
        running = f"version {story.version} is {story.status}"
        story.wrong.append(("one-outcome", f"version {fact.version} was admitted while {running}"))
        return
    story.version, story.superseded = fact.version, story.superseded + 1


def _hold(story: Story, fact: Fact) -> None:
    if story.status != "OPEN" or (story.hold and story.hold.status == "HELD"):
        story.wrong.append(("moves-are-legal", f"held while {story.status}, or held already"))
    story.hold = fact.told.gate if fact.told else None


def _lift(story: Story, _: Fact) -> None:
    if story.status != "OPEN" or story.hold is None:
        story.wrong.append(("moves-are-legal", f"a hold was lifted while {story.status}, held: {story.hold}"))
    story.hold = None


def _revoke(story: Story, _: Fact) -> None:
    if story.status != "PERMIT" or story.is_revoked:
        story.wrong.append(("moves-are-legal", f"a permit was revoked while {story.status}, or twice"))
    story.is_revoked = True


STEPS: dict[str, Callable[[Story, Fact], None]] = {
    PERMIT: _end,
    REFUSED: _end,
    CANCELLED: _end,
    ADMITTED: _admit,
    HELD: _hold,
    LIFTED: _lift,
    REVOKED: _revoke,
}
