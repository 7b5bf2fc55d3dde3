"""Memory clearance: the case book without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.clearance.domain import Case, review_of
from services.clearance.permit import Draft, lines_of
from services.clearance.returns import Return
from services.clearance.tally import tally_change
from shared.kernel.returning import Declared
from shared.kernel.review import Review
from tests.support.builders import NOW


class MemoryCaseBook:
    """Keeps the promise of `CaseBook` in dicts."""

    def __init__(self, key_id: str = "key-1") -> None:
        self.cases: dict[str, Case] = {}
        self.texts: dict[tuple[str, int], bytes] = {}
        self.returns: dict[tuple[str, str], Return] = {}
        self.queue: dict[str, Review] = {}
        self.counts: Counter[str] = Counter()
        self.last_no = 0
        self.clock = NOW
        self._key_id = key_id

    async def read(self, declaration_ids: Sequence[str]) -> dict[str, Case]:
        return {key: self.cases.get(key) or Case(declaration_id=key) for key in declaration_ids}

    async def keep_declared(self, texts: Mapping[tuple[str, int], bytes]) -> None:
        if texts.keys() & self.texts.keys():
            raise KeyError("a version is declared once")
        self.texts |= texts

    async def draft(self, ready: Sequence[Case]) -> dict[str, Draft]:
        return {case.declaration_id: self._draft(case) for case in ready}

    async def save(self, before: Mapping[str, Case], after: Mapping[str, Case]) -> None:
        changed = [case for key, case in after.items() if case is not before[key]]
        self.cases |= {case.declaration_id: case for case in changed}
        for case in changed:
            self.queue.pop(case.declaration_id, None)
            if review := review_of(case):
                self.queue[case.declaration_id] = review
        self.counts.update(tally_change((before[case.declaration_id], case) for case in changed))

    def forget(self) -> None:
        """Nothing is gathered here."""

    async def declared_lines(self, released: Sequence[Case]) -> dict[str, dict[int, Declared]]:
        return {
            case.declaration_id: lines_of(self.texts[case.declaration_id, case.version]) for case in released
        }

    async def returns_of(self, declaration_ids: Sequence[str]) -> dict[str, list[Return]]:
        found: dict[str, list[Return]] = {}
        for (declaration_id, _), each in sorted(self.returns.items()):
            if declaration_id in declaration_ids:
                found.setdefault(declaration_id, []).append(each)
        return found

    async def save_returns(self, changed: Sequence[Return]) -> None:
        self.returns |= {(each.declaration_id, each.request_id): each for each in changed}

    async def now(self) -> datetime:
        return self.clock

    async def by_permit(self, permit_no: str) -> Case | None:
        found = (case for case in self.cases.values() if case.permit and case.permit.permit_no == permit_no)
        return next(found, None)

    async def declared(self, case: Case) -> bytes:
        return self.texts[case.declaration_id, case.version]

    async def tally(self) -> dict[str, int]:
        return {name: count for name, count in sorted(self.counts.items()) if count}

    def _draft(self, case: Case) -> Draft:
        self.last_no += 1
        return Draft(
            running_no=self.last_no,
            key_id=self._key_id,
            declared=self.texts[case.declaration_id, case.version],
        )
