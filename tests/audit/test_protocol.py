"""Protocol: planted breaches of what is said, heard and promised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audit.rows import Unsaid, Waiting
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.topics import PARTITIONS
from tests.support.builders import a_declaration_id
from tests.support.evidence import LATER, Evidence, gate, of
from tests.support.planting import LONG_AGO, Plant, Plants, hear
from tests.support.six_ways import (
    PERMITTED,
    REFUSED,
    WAITS,
)

plants = Plants()


@plants.break_("acknowledged-is-stored")
def an_id_that_nobody_stored(e: Evidence) -> None:
    e.acknowledged.append(a_declaration_id(99))


@plants.break_("facts-are-gap-free")
def a_head_that_counts_too_far(e: Evidence) -> None:
    e.change("tax", "heads", PERMITTED, next_seq=9)


@plants.break_(
    "facts-are-gap-free",
    "every-event-has-its-fact",
    "nothing-unsaid-is-heard",
    "every-change-has-its-event",
    "what-is-heard-has-its-effect",
)
def a_lost_fact(e: Evidence) -> None:
    e.lose("logistics", "facts", PERMITTED)


@plants.break_("fact-says-what-its-row-says")
def a_fact_about_another(e: Evidence) -> None:
    e.retell("logistics", PERMITTED, 2, lambda event: replace(event, declaration_id=a_declaration_id(WAITS)))


@plants.break_("fact-says-what-its-row-says", "one-payload-an-event", "tallies-are-counts")
def a_fact_that_cannot_be_read(e: Evidence) -> None:
    e.change("logistics", "facts", REFUSED, body=b"{", told=None)


@plants.break_("every-effect-has-its-cause")
def an_effect_of_what_was_never_said(e: Evidence) -> None:
    e.change("quarantine", "facts", PERMITTED, cause_seq=9)


@plants.break_("effects-come-once")
def a_second_triage(e: Evidence) -> None:
    e.say(QuarantineTriaged(gate=gate("quarantine"), **of(WAITS)), "timer")
    e.settle()


@plants.break_("nothing-unsaid-is-heard")
def a_cursor_ahead_of_its_speaker(e: Evidence) -> None:
    hear(e, "clearance", "tax", WAITS, 2)


@plants.break_("what-is-said-is-heard")
def a_service_that_has_not_heard(e: Evidence) -> None:
    hear(e, "quarantine", "clearance", PERMITTED, 0)


@plants.break_("what-is-said-is-heard", "offsets-follow-the-state")
def an_offset_committed_before_the_state(e: Evidence) -> None:
    hear(e, "quarantine", "clearance", PERMITTED, 0)
    e.committed["quarantine"] = {("clearance", number): 1000 for number in range(PARTITIONS)}


@plants.break_("offsets-follow-the-state")
def an_event_lost_behind_a_parked_one(e: Evidence) -> None:
    hear(e, "clearance", "tax", PERMITTED, 0)
    e.add("clearance", "waiting", Waiting(a_declaration_id(PERMITTED), "tax", 1, "parked", "E", "why", 1))
    e.change("clearance", "heads", PERMITTED, waiting=1)
    e.committed["clearance"] = {("tax", number): 1000 for number in range(PARTITIONS)}


@plants.break_("what-waits-has-a-reason")
def a_parked_event_without_a_cause(e: Evidence) -> None:
    e.add("tax", "waiting", Waiting(a_declaration_id(WAITS), "clearance", 1, "parked", "", "", 1))
    e.change("tax", "heads", WAITS, waiting=1)


@plants.break_("what-waits-has-a-reason")
def a_head_that_miscounts_what_waits(e: Evidence) -> None:
    e.change("tax", "heads", WAITS, waiting=1)


@plants.break_("what-waits-has-a-reason")
def something_applied_that_still_waits(e: Evidence) -> None:
    e.add("tax", "waiting", Waiting(a_declaration_id(WAITS), "declaration", 1, "early", "", "", 0))
    e.change("tax", "heads", WAITS, waiting=1)


@plants.break_("the-outbox-moves")
def a_fact_left_unsaid(e: Evidence) -> None:
    e.add("tax", "outbox", Unsaid(a_declaration_id(WAITS), 1, LONG_AGO))


@plants.break_("the-outbox-moves")
def an_outbox_row_of_no_fact(e: Evidence) -> None:
    e.add("tax", "outbox", Unsaid(a_declaration_id(WAITS), 7, LATER))


@plants.break_("deadlines-run")
def a_deadline_that_did_not_run(e: Evidence) -> None:
    e.change("logistics", "timers", WAITS, due_at=LONG_AGO)


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
