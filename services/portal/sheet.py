"""The sheet of a declaration: what its page shows on top.

Pure: made of what the declaration service answered; whatever is missing there is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LABELS = (
    ("Version", "version"),
    ("Risk lane", "lane"),
    ("Platform", "platform"),
    ("Seller", "seller"),
    ("Declarant", "declarant"),
    ("Carrier", "carrier"),
    ("Waybill", "waybill_no"),
    ("Buyer's number ends", "buyer_ending"),
)
_WORDS = {
    "SUBMITTED": "in progress",
    "PERMITTED": "permitted",
    "PERMIT": "permitted",
    "REFUSED": "refused",
    "CANCELLED": "cancelled",
    "REVOKED": "permit revoked",
}
_MOODS = {
    "permitted": "passed",
    "refused": "refused",
    "permit revoked": "refused",
    "in progress": "open",
    "held": "held",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One declaration."""

    declaration_id: str
    title: str
    word: str
    """Its status in a word or two."""
    reason: str
    """Why it was refused."""
    filed_at: str
    seller: str
    permit_no: str
    labels: tuple[tuple[str, str], ...]
    gates: tuple[Mapping[str, Any], ...]
    """Empty while clearance is away."""

    @property
    def holds(self) -> tuple[Mapping[str, Any], ...]:
        """The gates that hold it: in whose hands it is, and why."""
        return tuple(gate for gate in self.gates if holds(gate)) if self.word == "held" else ()

    @property
    def is_revoked(self) -> bool:
        """Whether its permit is good no longer; the number stays."""
        return self.word == "permit revoked"

    @property
    def mood(self) -> str:
        """How its status is painted."""
        return _MOODS.get(self.word, "quiet")


def sheet_of(told: Mapping[str, Any]) -> Sheet:
    """The sheet of a declaration as the API shows it, in a list or alone."""
    clearance = told.get("clearance")
    gates = clearance.get("gates", ()) if isinstance(clearance, Mapping) else ()
    order_no = str(told.get("order_no") or "")
    return Sheet(
        declaration_id=str(told.get("declaration_id", "")),
        title=f"Order {order_no}" if order_no else "Declaration",
        word=word_of(told, gates),
        reason=": ".join(str(told[name]) for name in ("code", "reason") if told.get(name)),
        filed_at=str(told.get("filed_at") or ""),
        seller=str(told.get("seller") or told.get("platform") or ""),
        permit_no=str(told.get("permit_no") or ""),
        labels=tuple((label, _shown(told, name)) for label, name in _LABELS if told.get(name)),
        gates=tuple(gate for gate in gates if isinstance(gate, Mapping)),
    )


def word_of(told: Mapping[str, Any], gates: Sequence[Mapping[str, Any]]) -> str:
    """The status in a word: held, when somebody has to act before it can go on."""
    word = _WORDS.get(str(told.get("status", "")), str(told.get("status", "")).lower())
    return "held" if word == "in progress" and any(map(holds, gates)) else word


def holds(gate: Mapping[str, Any]) -> bool:
    """Whether a gate has spoken and waits for somebody; one that is silent still only has not been heard."""
    return gate.get("status") == "HELD" and gate.get("code") != "NOT_HEARD"


def _shown(told: Mapping[str, Any], name: str) -> str:
    return f"… {told[name]}" if name == "buyer_ending" else str(told[name])
