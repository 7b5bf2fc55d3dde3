"""Acknowledged: what callers were promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.piles import Pile


class Acknowledged:
    """Ids that were answered 202, and what declaration keeps of them."""

    def __init__(self, pile: Pile, ids: Iterable[str]) -> None:
        self._pile, self._number = pile, 0
        for each in ids:
            self._pile.add(each.encode(), ("promised", each))
            self._number += 1

    def reads(self) -> Sequence[Read]:
        """None."""
        return ()

    def take(self, of: Dossier) -> None:
        """A first version, stored and said."""
        is_stored = any(row.version == 1 for row in of.of("declaration", "declarations"))
        if self._number and is_stored and 1 in of.story.filed:
            self._pile.add(of.subject.encode(), ("stored", of.subject))

    def breaches(self) -> Iterator[Breach]:
        """Promises that were not kept."""
        for records in self._pile.each():
            stored = {subject for kind, subject in records if kind == "stored"}
            promised = {subject for kind, subject in records if kind == "promised"}
            for subject in sorted(promised - stored):
                yield Breach("acknowledged-is-stored", (subject,), "it was acknowledged and is not stored")

    def counts(self) -> dict[str, Any]:
        """How many were promised."""
        return {"acknowledged": self._number}


def ids_in(source: Path | Iterable[str]) -> Iterator[str]:
    """Declaration ids, from a file of one a line (or whose first word it is), or as given."""
    if not isinstance(source, Path):
        yield from source
        return
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if words:
                yield words[0]
