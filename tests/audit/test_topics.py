"""Topics: planted breaches of records and bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.contracts.topics import PARTITIONS
from tests.support.builders import a_declaration_id
from tests.support.evidence import Evidence
from tests.support.planting import Plant, Plants
from tests.support.six_ways import (
    PERMITTED,
)

plants = Plants()


@plants.break_("every-fact-is-on-its-topic")
def a_fact_that_is_on_no_topic(e: Evidence) -> None:
    name = f"{a_declaration_id(PERMITTED)}/2".encode()
    e.records["tax"] = [each for each in e.records["tax"] if dict(each.headers)["ce_id"] != name]


@plants.break_("every-event-has-its-fact")
def an_event_that_nobody_stored(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0]._replace(seq=7))


@plants.break_("one-payload-an-event")
def an_event_said_twice_with_other_bytes(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0], value=b"{}")


@plants.break_("one-payload-an-event")
def a_type_that_is_not_that_of_the_fact(e: Evidence) -> None:
    fact = e.facts("quarantine", a_declaration_id(PERMITTED))[0]
    e.records["quarantine"] = [each for each in e.records["quarantine"] if each.value != fact.body]
    e.put("quarantine", fact._replace(type="quarantine.decided.v1"))


@plants.break_("records-lie-in-their-partition")
def a_record_in_another_partition(e: Evidence) -> None:
    first = e.records["tax"][0]
    e.records["tax"][0] = first._replace(partition=(first.partition + 1) % PARTITIONS)


@plants.break_("records-lie-in-their-partition")
def a_record_that_is_no_event(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0], headers=[("ce_id", b"x")])


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
