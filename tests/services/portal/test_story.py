"""The story: order, words, and when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.portal.story import away_of, facts_of, is_settled, length, took
from tests.support.told import FILED, cleared, gate, told

LATER = FILED + timedelta(minutes=1)


def test_facts_stand_in_the_order_of_their_moments() -> None:
    facts = facts_of({"facts": cleared()})

    assert [fact.id for fact in facts] == [
        "declaration:1",
        "quarantine:1",
        "tax:1",
        "logistics:1",
        "clearance:1",
        "tax:2",
    ]


@pytest.mark.parametrize(
    "timeline",
    [None, 1, "text", {}, {"facts": None}, {"facts": "text"}, {"facts": [1, None, {}, {"source": "tax"}]}],
)
def test_what_is_not_a_fact_is_left_out(timeline: Any) -> None:
    assert facts_of(timeline) == []


def test_a_fact_of_a_bad_moment_is_left_out() -> None:
    assert facts_of({"facts": [told("tax", 1, "assessed", recorded_at="yesterday")]}) == []


@pytest.mark.parametrize(
    ("entry", "words", "mood"),
    [
        (told("tax", 1, "assessed", event=gate("PASSED")), "Tax assessed it", "passed"),
        (told("tax", 1, "assessed", event=gate("HELD")), "Tax assessed it", "held"),
        (
            told("quarantine", 1, "triaged", event=gate("NOT_REQUIRED")),
            "Quarantine looked at goods and papers",
            "quiet",
        ),
        (told("clearance", 1, "permit-issued"), "Clearance issued the permit", "passed"),
        (told("tax", 9, "something-new"), "Tax tax.something-new.v1", "plain"),
    ],
)
def test_a_fact_says_what_happened_and_how_it_is_painted(entry: Any, words: str, mood: str) -> None:
    fact = facts_of({"facts": [entry]})[0]

    assert (f"{fact.actor} {fact.deed}", fact.mood) == (words, mood)


@pytest.mark.parametrize(
    ("entries", "settled"),
    [
        ([], False),
        ([told("declaration", 1, "submitted")], False),
        (cleared(), True),
        ([told("declaration", 1, "submitted"), told("clearance", 1, "refused")], True),
        ([told("clearance", 1, "refused"), told("declaration", 2, "submitted", version=2)], False),
        ([told("clearance", 1, "cancelled"), told("declaration", 2, "submitted", version=2)], True),
        ([told("clearance", 1, "amendment-admitted", version=2)], False),
    ],
)
def test_a_declaration_is_settled_when_its_running_version_has_an_outcome(
    entries: list[Any], settled: bool
) -> None:
    assert is_settled(facts_of({"facts": entries}), (), LATER) is settled


def test_what_follows_an_outcome_is_waited_for() -> None:
    facts = facts_of({"facts": cleared()})

    assert not is_settled(facts, (), FILED + timedelta(seconds=2))
    assert is_settled(facts, (), FILED + timedelta(seconds=4))


def test_nothing_is_settled_while_a_part_of_the_timeline_is_away() -> None:
    facts = facts_of({"facts": cleared()[:2]})

    assert not is_settled(facts, ["tax"], LATER)
    assert is_settled(facts, [], LATER)


@pytest.mark.parametrize(
    ("timeline", "away"),
    [
        ({"facts": [], "away": ["tax", "logistics"]}, ["tax", "logistics"]),
        ({"facts": []}, []),
        ({"away": None}, []),
        ({"away": "tax"}, []),
        ([], []),
        (None, []),
    ],
)
def test_a_timeline_names_whose_facts_it_lacks(timeline: Any, away: list[str]) -> None:
    assert away_of(timeline) == away


def test_the_time_from_filing_to_outcome_is_told() -> None:
    assert took(facts_of({"facts": cleared()})) == "40 ms"
    assert took(facts_of({"facts": cleared()[1:]})) == ""
    assert took(facts_of({"facts": cleared()[:1]})) == ""


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(milliseconds=12), "12 ms"),
        (timedelta(milliseconds=999), "999 ms"),
        (timedelta(seconds=3.44), "3.4 s"),
        (timedelta(minutes=5, seconds=30), "5 min"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
    ],
)
def test_a_span_is_told_as_people_say_it(span: timedelta, text: str) -> None:
    assert length(span) == text
