"""Keys: planted breaches of keys, counts and copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.builders import NOW, a_declaration_id
from tests.support.evidence import Evidence
from tests.support.planting import Plant, Plants, replace_row
from tests.support.six_ways import (
    CANCELLED,
    PERMITTED,
    REFUSED,
    WAITS,
)

plants = Plants()


@plants.break_("keys-belong-to-the-living")
def a_key_in_anothers_hand(e: Evidence) -> None:
    old = (f"order|PLATFORM01|ORDER-{WAITS}", a_declaration_id(WAITS), None)
    replace_row(e, "declaration", "taken_keys", old, (old[0], a_declaration_id(PERMITTED), None))


@plants.break_("keys-belong-to-the-living")
def a_key_of_the_dead(e: Evidence) -> None:
    row = (f"order|PLATFORM01|ORDER-{CANCELLED}", a_declaration_id(CANCELLED), None)
    e.keep("declaration", "taken_keys", row)


@plants.break_("keys-belong-to-the-living")
def a_waybill_held_for_the_dead(e: Evidence) -> None:
    e.keep("logistics", "waybills", ("CARRIER001", f"WAYBILL-{REFUSED}", a_declaration_id(REFUSED), NOW))


@plants.break_("tallies-are-counts")
def a_live_page_that_miscounts(e: Evidence) -> None:
    replace_row(e, "clearance", "tallies", ("permit", 3), ("permit", 4))


@plants.break_("tallies-are-counts")
def gates_that_let_more_pass_than_there_were(e: Evidence) -> None:
    replace_row(e, "clearance", "tallies", ("passed.customs", 6), ("passed.customs", 7))


@plants.break_("tallies-are-counts")
def gates_that_let_fewer_pass_than_there_were(e: Evidence) -> None:
    replace_row(e, "clearance", "tallies", ("passed.logistics", 4), ("passed.logistics", 2))


@plants.break_("copies-agree")
def a_copy_of_a_party_that_is_no_more(e: Evidence) -> None:
    old = ("CARRIER001", ["carrier"], True)
    replace_row(e, "declaration", "parties", old, ("CARRIER001", ["carrier"], False))


@plants.break_("copies-agree")
def a_carrier_that_logistics_lacks(e: Evidence) -> None:
    e.tables["logistics", "carriers"].clear()


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
