"""Returns: orders to take released goods back.

The door checks what it knows: who asks, that the declaration is released, and that its lines are declared so. The
window, and what earlier returns have left, are clearance's word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.declaration.petitions import Keyring, was_asked
from services.declaration.requests import Standing, Wanted, check_party, check_room
from shared.contracts.declaration import ReturnRequested
from shared.contracts.envelope import Event
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import DeclarationId
from shared.kernel.refusal import Refusal
from shared.kernel.returning import Declared, faults_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturn:
    """A seller's order: released goods are to go back."""

    declaration_id: DeclarationId
    wanted: Wanted

    @property
    def content(self) -> str:
        """What its Idempotency-Key stands for."""
        lines = sorted((line.line_no, f"{line.quantity.normalize():f}") for line in self.wanted.lines)
        return f"{self.wanted.reason}|{lines}"


class Returns(Keyring, Protocol):
    """Declarations as they stand, what they declare, and the returns asked for."""

    async def standing(self, declaration_id: str) -> Standing | None:
        """Where a declaration stands; None when there is none."""

    async def declared_lines(self, declaration_id: str, version: int) -> Mapping[int, Declared]:
        """The lines of a version, by number."""

    async def save_request(self, declaration_id: str, wanted: Wanted, now: datetime) -> None:
        """Keep a request that carries no submission."""


async def on_returns_requested(batch: Sequence[RequestReturn], kept: Returns, now: datetime) -> list[Event]:
    """Take a return in; clearance arbitrates."""
    made: list[Event] = []
    for wish in batch:
        if await was_asked(wish.declaration_id, wish.wanted, wish.content, kept, now):
            continue
        standing = check_released(await kept.standing(wish.declaration_id), wish.wanted)
        check_lines(wish.wanted.lines, await kept.declared_lines(wish.declaration_id, standing.version))
        wanted = replace(wish.wanted, based_on_version=standing.version)
        await kept.save_request(wish.declaration_id, wanted, now)
        made.append(requested(wish.declaration_id, standing, wanted, now))
    return made


def requested(
    declaration_id: DeclarationId, standing: Standing, wanted: Wanted, now: datetime
) -> ReturnRequested:
    """The event that tells it."""
    return ReturnRequested(
        declaration_id=declaration_id,
        version=wanted.based_on_version,
        parties=standing.parties,
        request_id=wanted.request_id,
        requested_at=now,
        reason=wanted.reason,
        lines=wanted.lines,
    )


def check_released(standing: Standing | None, wanted: Wanted) -> Standing:
    """The declaration, if this party may ask and its goods were let go, as far as is heard here."""
    known = check_party(standing, wanted)
    if known.outcome == "PERMITTED":
        check_room(known)
        return known
    fixes = {"": "wait for its permit, or cancel it", "REVOKED": "ask the office that revoked it"}
    raise Refusal(
        "E-STATE",
        f"nothing can be returned: it is {known.outcome or 'not released yet'}",
        rule="check_released",
        fix=fixes.get(known.outcome, "there is nothing to return"),
        source="customs announcement 45/2020; CEB 625: released lists only",
    )


def check_lines(lines: Sequence[ReturnedLine], declared: Mapping[int, Declared]) -> None:
    """Every line is declared, and no more of it than that; all faults are told."""
    faults = faults_of(lines, declared, {})
    if faults:
        raise Refusal(
            faults[0].code,
            f"{len(faults)} of the lines cannot be returned so; see errors",
            status=422,
            rule=faults[0].rule,
            fix="correct every fault listed in errors and send it again",
            source=faults[0].source,
            faults=faults,
        )
