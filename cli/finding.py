"""Finding: what a check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Health = Literal["ok", "note", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, how it is, and the remedy if it needs one."""

    name: str
    health: Health
    detail: str
    fix: str = ""
