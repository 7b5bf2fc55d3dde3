"""docs/fields.md names every field that a submission has."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from services.declaration.submission import Submission

FIELDS = (Path(__file__).parents[3] / "docs" / "fields.md").read_text()


def names_of(kind: Any) -> set[str]:
    found: set[str] = set()
    for each in fields(kind):
        hint = get_type_hints(kind)[each.name]
        inside = [inner for inner in (hint, *get_args(hint)) if is_dataclass(inner)]
        found |= names_of(inside[0]) if inside else {each.name}
    return found


def test_every_field_is_in_the_table() -> None:
    missing = {name for name in names_of(Submission) if f"{name}`" not in FIELDS and f".{name}" not in FIELDS}

    assert missing == set()


def test_every_field_of_ours_has_a_meaning_and_a_ceb_name() -> None:
    bare = [
        each.name
        for each in fields(Submission)
        if not each.metadata.get("description") or "x-ceb" not in str(each)
    ]

    assert bare == []
