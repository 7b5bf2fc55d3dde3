"""The cursor: whatever becomes visible when, a viewer that comes again is told each fact."""

from __future__ import annotations

import random

import pytest

from services.portal.cursor import LONGEST, Cursor, cursor_of
from services.portal.story import Fact, facts_of
from shared.contracts.topics import SOURCES
from tests.support.told import cleared, told

FACTS = facts_of({"facts": cleared()})
ALL = {fact.id for fact in FACTS}
EVERYTHING = "clearance:1,declaration:1,logistics:1,quarantine:1,tax:2"


def names(facts: list[Fact]) -> list[str]:
    return [fact.id for fact in facts]


def told_of(last_id: str, facts: list[Fact], *away: str) -> list[str]:
    """What a viewer that comes with an id is told."""
    return names(cursor_of(last_id, facts, away).beyond(facts))


def walked(facts: list[Fact]) -> Cursor:
    """The place after all of some facts."""
    cursor = Cursor()
    for fact in cursor.beyond(facts):
        cursor = cursor.past(fact)
    return cursor


def test_an_id_names_the_last_number_of_each_source_in_the_order_of_their_names() -> None:
    assert walked(FACTS).id == EVERYTHING
    assert Cursor().id == ""


def test_a_place_is_found_again_by_its_id() -> None:
    assert cursor_of(EVERYTHING, FACTS, ()) == walked(FACTS)
    assert told_of(EVERYTHING, FACTS) == []
    assert told_of("declaration:1,tax:1", FACTS) == ["quarantine:1", "logistics:1", "clearance:1", "tax:2"]


def test_a_fact_that_is_seen_after_later_ones_is_told_all_the_same() -> None:
    filed, late = told("declaration", 1, "submitted", 100), told("tax", 1, "assessed", 100.1)
    looked_at = told("quarantine", 1, "triaged", 120)

    place = walked(facts_of([filed, looked_at]))

    assert told_of(place.id, facts_of([filed, late, looked_at])) == ["tax:1"]


def test_the_facts_of_a_source_are_told_by_number_though_their_transactions_began_in_another_order() -> None:
    first_began_later = [told("tax", 1, "assessed", 30), told("tax", 2, "secured", 10)]
    facts = facts_of(
        [told("declaration", 1, "submitted"), told("logistics", 1, "booked", 20), *first_began_later]
    )

    assert names(Cursor().beyond(facts)) == ["declaration:1", "tax:1", "logistics:1", "tax:2"]


@pytest.mark.parametrize(
    "last_id",
    [
        "",
        "nonsense",
        "tax",
        "tax:",
        "tax:²",
        "tax:-1",
        "tax:1,",
        "tax:1;declaration:1",
        "tax:99999999999",
        "tax:99",
        "weather:1",
        "declaration:1,weather:1",
    ],
)
def test_an_id_that_nobody_gave_tells_all(last_id: str) -> None:
    assert set(told_of(last_id, FACTS)) == ALL


def test_one_source_alone_is_a_place_too() -> None:
    assert set(told_of("tax:1", FACTS)) == ALL - {"tax:1"}


def test_what_is_said_of_a_source_that_is_away_is_believed() -> None:
    without_tax = [fact for fact in FACTS if fact.source != "tax"]

    assert told_of(EVERYTHING, without_tax, "tax") == []
    assert set(told_of(EVERYTHING, without_tax)) == ALL - {"tax:1", "tax:2"}


def test_the_longest_id_can_be_sent_back() -> None:
    assert len(Cursor(told=dict.fromkeys(SOURCES, 2**31 - 1)).id) <= LONGEST


@pytest.mark.parametrize("seed", range(50))
def test_however_facts_become_visible_and_a_viewer_breaks_off_each_is_told_once(seed: int) -> None:
    chance = random.Random(seed)
    entries = [told(source, seq, "spoke", chance.randrange(50)) for source in SOURCES for seq in range(1, 5)]
    visible, last_id, heard = dict.fromkeys(SOURCES, 0), "", list[str]()

    for turn in range(21):
        visible[chance.choice(SOURCES)] += 1
        seen = facts_of([one for one in entries if turn == 20 or one["seq"] <= visible[one["source"]]])
        cursor = cursor_of(last_id, seen, ())
        fresh = cursor.beyond(seen)
        for fact in fresh if turn == 20 else fresh[: chance.randrange(len(fresh) + 1)]:
            cursor = cursor.past(fact)
            heard.append(fact.id)
        last_id = cursor.id

    assert sorted(heard) == sorted(fact.id for fact in facts_of(entries))
