"""The page about the audit names every invariant, as it is."""

from __future__ import annotations

from pathlib import Path

from audit.breach import INVARIANTS

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"


def test_every_invariant_is_on_the_page_word_for_word() -> None:
    page = PAGE.read_text()

    assert [name for name, law in INVARIANTS.items() if f"| `{name}` | {law} |" not in page] == []
