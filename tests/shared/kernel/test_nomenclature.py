"""Nomenclature: codes of 2022 are known, others are not, and help is near."""

from __future__ import annotations

from datetime import date

import pytest

from shared.kernel import nomenclature
from shared.kernel.nomenclature import CHAPTERS, FIRST_DAY, LAST_DAY, is_known, name_of, names, nearest

TODAY = date(2026, 11, 25)


def test_the_table_is_that_of_2022_and_whole() -> None:
    counts = [sum(len(code) == digits for code in names()) for digits in (2, 4, 6)]

    assert counts == [96, 1228, 5612]
    assert {code[:2] for code in names()} == CHAPTERS
    assert all(code[: size - 2] in names() for code in names() if (size := len(code)) > 2)
    assert all(names().values())


@pytest.mark.parametrize(
    "code", ["8549210000", "2404110000", "8806210000", "8517130000", "330499", "69111019"]
)
def test_what_came_in_2022_and_what_stayed_is_known(code: str) -> None:
    assert is_known(code, TODAY)


@pytest.mark.parametrize(
    "code", ["8517120000", "8548100000", "9405400000", "7701100000", "9999990000", "9804000000", "0000000000"]
)
def test_what_went_in_2022_and_what_never_was_is_not_known(code: str) -> None:
    assert not is_known(code, TODAY)


def test_a_day_of_another_edition_is_held_against_the_chapters_only() -> None:
    assert is_known("8517120000", date(2021, 12, 31))
    assert is_known("8517990000", date(2028, 1, 1))
    assert not is_known("7701100000", date(2018, 5, 1))
    assert not is_known("8517120000", FIRST_DAY)
    assert not is_known("8517120000", LAST_DAY)


def test_an_unknown_code_names_the_nearest_of_its_heading_or_of_its_chapter() -> None:
    in_heading, in_chapter = nearest("8517120000"), nearest("8520100000")

    assert in_heading.startswith("the nearest subheadings are 851711 (")
    assert "851713 (" in in_heading
    assert in_chapter.startswith("the nearest headings are 8518 (Microphones")
    assert "8519 (Sound recording or reproducing apparatus)" in in_chapter
    assert nearest("7701000000") == "chapters in use are 01 to 97, without 77"


def test_a_code_has_a_name_as_far_as_it_is_of_this_edition() -> None:
    assert "face" in name_of("3304990029").lower() or "cosmetic" in name_of("3304990029").lower()
    assert name_of("8517120000") == ""
    assert nomenclature.names() is names()
