"""Tally: counts of declarations, and copies of parties.

The live page's numbers and the parties that others keep are compared with what the events and registry say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.hearing import SPEAKERS
from audit.told import Word

TALLIES = "select name, sum(n)::bigint from tallies group by name having sum(n) <> 0"
PARTIES = "select code, roles, active from parties"
CARRIERS = "select code from carriers"


class Tally:
    """Declarations by where they stand, as clearance counts them."""

    def __init__(self) -> None:
        self._real: Counter[str] = Counter()
        self._perhaps: Counter[str] = Counter()
        """What clearance may have heard before a declaration's end or after it, when it counts no more."""
        self._shown: dict[str, int] = {}
        self._seen: Counter[str] = Counter()

    def reads(self) -> Sequence[Read]:
        """The tally."""
        return [Read("clearance", TALLIES, self.keep)]

    def keep(self, name: str, number: int) -> None:
        """A number of the live page."""
        self._shown[name] = number

    def take(self, of: Dossier) -> None:
        """Count a declaration."""
        self._real.update(counted(of))
        (self._perhaps if of.story.status in ("REFUSED", "CANCELLED") else self._real).update(passed(of))
        if of.is_declaration:
            self._seen["declarations"] += 1
            self._seen["versions"] += len(of.story.filed)
            self._seen[f"declarations {of.story.status.lower()}"] += 1
        self._seen["facts"] += sum(map(len, of.said.values()))
        for service in of.services("waiting"):
            self._seen[f"parked at {service}"] += len(of.parked(service))

    def breaches(self) -> Iterator[Breach]:
        """Numbers that differ."""
        for name in sorted(self._real.keys() | self._shown.keys()):
            least, shown = self._real[name], self._shown.get(name, 0)
            if not least <= shown <= least + self._perhaps[name]:
                most = f" to {least + self._perhaps[name]}" if self._perhaps[name] else ""
                what = f"the tally shows {shown}, the events make it {least}{most}"
                yield Breach("tallies-are-counts", (name,), what)

    def counts(self) -> dict[str, Any]:
        """How many of everything."""
        return {name: number for name, number in self._seen.items() if number}


def counted(of: Dossier) -> Iterator[str]:
    """The names under which a declaration counts, from what clearance has heard."""
    story = of.story
    if not (story.superseded or _has_heard_filing(of)):
        return
    yield from ("filed", story.status.lower(), *("superseded",) * story.superseded)
    if story.is_revoked:
        yield "revoked"
    if story.status == "OPEN":
        yield from (f"held.{agency}" for agency in SPEAKERS if _last(of, agency).status == "HELD")
        if story.hold and story.hold.status == "HELD":
            yield "held.clearance"


def passed(of: Dossier) -> Iterator[str]:
    """The gates that let its running version pass, as far as clearance has heard; of a permit all of them."""
    if of.story.superseded or _has_heard_filing(of):
        has_all = of.story.status == "PERMIT"
        yield from (f"passed.{agency}" for agency in SPEAKERS if has_all or _last(of, agency).is_open)


def _has_heard_filing(of: Dossier) -> bool:
    through = of.heard("clearance", "declaration")
    return any(
        fact.type == "declaration.submitted.v1" and fact.version == of.story.version and fact.seq <= through
        for fact in of.facts("declaration")
    )


def _last(of: Dossier, agency: str) -> Word:
    """What an agency said last of the running version, as far as clearance has heard; an empty word if nothing."""
    through = of.heard("clearance", SPEAKERS[agency])
    said = [each for each in of.story.words.get((of.story.version, agency), ()) if each.fact.seq <= through]
    return said[-1].word if said else Word(agency=agency, status="")


class Copies:
    """Parties of registry, and the copies that others keep."""

    def __init__(self) -> None:
        self._parties: dict[str, dict[str, tuple[frozenset[str], bool]]] = {"registry": {}, "declaration": {}}
        self._carriers: set[str] = set()

    def reads(self) -> Sequence[Read]:
        """Three small tables."""
        return [
            Read("registry", PARTIES, self.keep_party),
            Read("declaration", PARTIES, self.keep_copy),
            Read("logistics", CARRIERS, self.keep_carrier),
        ]

    def keep_party(self, code: str, roles: Sequence[str], active: bool) -> None:
        """A party."""
        self._parties["registry"][code] = frozenset(roles), active

    def keep_copy(self, code: str, roles: Sequence[str], active: bool) -> None:
        """A party, as declaration has it."""
        self._parties["declaration"][code] = frozenset(roles), active

    def keep_carrier(self, code: str) -> None:
        """An active carrier, as logistics has it."""
        self._carriers.add(code)

    def take(self, _: Dossier) -> None:
        """Nothing: parties are no declarations."""

    def breaches(self) -> Iterator[Breach]:
        """Copies that differ."""
        parties, copies = self._parties["registry"], self._parties["declaration"]
        for code in sorted(parties.keys() | copies.keys()):
            if parties.get(code) != copies.get(code):
                what = f"registry has {_party(parties.get(code))}, declaration {_party(copies.get(code))}"
                yield Breach("copies-agree", (code,), what)
        carriers = {code for code, (roles, active) in parties.items() if active and "carrier" in roles}
        for code in sorted(carriers ^ self._carriers):
            who = "registry" if code in carriers else "logistics"
            yield Breach("copies-agree", (code,), f"it is an active carrier for {who} alone")

    def counts(self) -> dict[str, Any]:
        """How many parties."""
        return {"parties": len(self._parties["registry"])}


def _party(found: tuple[frozenset[str], bool] | None) -> str:
    if found is None:
        return "none"
    return f"{', '.join(sorted(found[0])) or 'no role'}{'' if found[1] else ', not active'}"
