"""Keys: natural keys belong to living declarations, permit numbers to one.

A living declaration (open, or with a permit) owns the order number and the waybill number of its running version;
what ended without a permit owns none. Waybill numbers are taken for six months.
Source: CEB 311 orderNo, 511 logisticsNo.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.piles import Pile
from audit.told import Told

SIX_MONTHS = timedelta(days=183)
"""From then on a waybill number may be somebody else's."""
TAKEN = "select key, declaration_id::text, expires_at from taken_keys where key not like 'idem|%'"
WAYBILLS = """select carrier, waybill_no, declaration_id::text, taken_at from waybills
              where declaration_id is not null"""


class Keys:
    """Keys needed by the living, taken in declaration, held in logistics."""

    def __init__(self, pile: Pile, now: datetime) -> None:
        self._pile, self._now = pile, now

    def reads(self) -> Sequence[Read]:
        """Taken keys and held waybills."""
        return [
            Read("declaration", TAKEN, self.keep_taken),
            Read("logistics", WAYBILLS, self.keep_waybill),
        ]

    def keep_taken(self, key: str, subject: str, expires_at: datetime | None) -> None:
        """A key as declaration has it."""
        if expires_at is None or expires_at > self._now:
            self._pile.add(key.encode(), ("taken", key, subject))

    def keep_waybill(self, carrier: str, number: str, subject: str, taken_at: datetime) -> None:
        """A number in a declaration's hand, in logistics."""
        if taken_at + SIX_MONTHS > self._now:
            key = f"waybill|{carrier}|{number}"
            self._pile.add(key.encode(), ("held", key, subject))

    def take(self, of: Dossier) -> None:
        """The keys that a declaration needs, and those that a pending amendment has taken beside."""
        story = of.story
        if story.is_living and story.version in story.filed:
            for key in keys_of(story.filed[story.version]):
                self._pile.add(key.encode(), (self._need(key, story.filed), key, of.subject))
        for request in of.of("declaration", "requests"):
            for key in request.keys if request.state == "PENDING" else ():
                self._pile.add(key.encode(), ("needed", key, of.subject))

    def _need(self, key: str, filed: dict[int, Told]) -> str:
        first = min(told.filed_at for told in filed.values() if told.filed_at)
        is_over = key.startswith("waybill|") and first + SIX_MONTHS <= self._now
        return "once" if is_over else "needed"

    def breaches(self) -> Iterator[Breach]:
        """Key by key."""
        for records in self._pile.each():
            found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
            for kind, key, subject in records:
                found[key][kind].add(subject)
            for key, of in found.items():
                for ids, sentence in _faults(of):
                    yield Breach("keys-belong-to-the-living", (key, *ids), sentence)

    def counts(self) -> dict[str, Any]:
        """Nothing that is not in others."""
        return {}


def _faults(of: dict[str, set[str]]) -> Iterator[tuple[list[str], str]]:
    needed, taken = of["needed"], of["taken"]
    if len(needed) > 1:
        yield sorted(needed), f"it is used by {len(needed)} living declarations"
    elif needed and taken != needed:
        yield sorted(needed | taken), f"it is used by {_names(needed)} and taken by {_names(taken)}"
    elif taken - needed - of["once"]:
        yield sorted(taken), f"it is kept by {_names(taken)}, which does not need it"
    idle = of["held"] - needed - of["once"]
    if idle:
        yield sorted(idle), f"logistics holds it for {_names(idle)}, which does not need it"


def _names(subjects: set[str]) -> str:
    return ", ".join(sorted(subjects)) or "nobody"


def keys_of(filed: Told) -> tuple[str, str]:
    """The two keys under which the trade knows a declaration."""
    return f"order|{filed.platform}|{filed.order_no}", f"waybill|{filed.carrier}|{filed.waybill_no}"


class PermitNumbers:
    """Every number that stands on a permit."""

    def __init__(self, pile: Pile) -> None:
        self._pile = pile

    def reads(self) -> Sequence[Read]:
        """None."""
        return ()

    def take(self, of: Dossier) -> None:
        """The permits of a declaration."""
        for fact in of.story.permits:
            number = fact.told.permit_no if fact.told else ""
            self._pile.add(number.encode(), (number, of.subject))

    def breaches(self) -> Iterator[Breach]:
        """Numbers that stand for several declarations."""
        for records in self._pile.each():
            found: dict[str, set[str]] = defaultdict(set)
            for number, subject in records:
                found[number].add(subject)
            for number, subjects in found.items():
                if len(subjects) > 1 or not number:
                    what = f"permit number {number!r} stands for {len(subjects)} declarations"
                    yield Breach("one-permit", (number, *sorted(subjects)), what)

    def counts(self) -> dict[str, Any]:
        """How many permits were said."""
        return {"permits": self._pile.count}
