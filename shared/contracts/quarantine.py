"""What quarantine says: triaged, decided."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.envelope import Event
from shared.kernel.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineTriaged(Event):
    """Goods, origin and date have decided: NOT_REQUIRED, PASSED by certificate, or HELD for officers."""

    gate: Gate
    rules: tuple[str, ...] = ()
    """Names of the rules that applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineDecided(Event):
    """A quarantine officer has decided a held version."""

    gate: Gate
    officer: str
