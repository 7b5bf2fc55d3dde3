"""Permits: planted breaches of the predicate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audit.rows import Request
from shared.contracts.clearance import ClearanceHeld, RequestRefused
from shared.contracts.declaration import CancellationRequested, CustomsDecided
from tests.support.builders import a_declaration_id
from tests.support.evidence import LATER, Evidence, gate, held, of
from tests.support.planting import LONG_AGO, Plant, Plants, forget
from tests.support.six_ways import (
    AMENDED,
    PERMITTED,
    REFUSED,
    WAITS,
)

plants = Plants()


def before_the_permit(e: Evidence) -> None:
    """What clearance has just said, it said before the permit."""
    rows = e.rows["clearance", "facts"]
    permit, said = e.facts("clearance", a_declaration_id(PERMITTED))
    rows.remove(said)
    rows[rows.index(permit)] = permit._replace(seq=2, recorded_at=e.clock)
    rows.append(said._replace(seq=1))
    e.records["clearance"] = []
    for fact in rows:
        e.put("clearance", fact)
    for service in ("tax", "logistics"):
        e.change(service, "facts", PERMITTED, cause_seq=2)
    e.settle()


@plants.break_("the-clearance-predicate-holds")
def a_permit_past_a_shut_gate(e: Evidence) -> None:
    e.retell(
        "quarantine",
        PERMITTED,
        1,
        lambda event: replace(event, gate=held("quarantine", "quarantine officer")),
    )


@plants.break_("the-clearance-predicate-holds")
def a_permit_past_a_refusal(e: Evidence) -> None:
    e.retell(
        "declaration", PERMITTED, 1, lambda event: replace(event, gate=gate("customs", status="REFUSED"))
    )


@plants.break_("the-clearance-predicate-holds")
def a_permit_that_came_before_the_word(e: Evidence) -> None:
    e.change("quarantine", "facts", PERMITTED, recorded_at=LATER)


@plants.break_("the-clearance-predicate-holds")
def a_permit_past_a_gate_that_was_shut_again(e: Evidence) -> None:
    request = "00000000-0000-0000-0000-000000000001"
    e.say(CustomsDecided(gate=held("customs", "customs officer"), officer="o", **of(PERMITTED)))
    e.say(CancellationRequested(request_id=request, requested_at=LONG_AGO, reason="mine", **of(PERMITTED)))
    e.add(
        "declaration",
        "requests",
        Request(a_declaration_id(PERMITTED), request, "cancellation", "REFUSED", ()),
    )
    denied = RequestRefused(request_id=request, code="E-SEQ-STALE", reason="stale", **of(PERMITTED))
    e.say(denied, "declaration", 3)
    before_the_permit(e)


@plants.break_("the-clearance-predicate-holds")
def a_permit_by_the_word_on_another_version(e: Evidence) -> None:
    e.change("clearance", "facts", AMENDED, cause_seq=1)


@plants.break_("the-clearance-predicate-holds")
def a_permit_of_another_filing(e: Evidence) -> None:
    e.retell("clearance", PERMITTED, 1, lambda event: replace(event, filed_at=LONG_AGO))


@plants.break_("the-clearance-predicate-holds")
def a_permit_past_clearances_own_hold(e: Evidence) -> None:
    e.say(ClearanceHeld(gate=held("clearance", "clearance officer"), officer="o", **of(PERMITTED)))
    before_the_permit(e)


@plants.break_("refusals-have-their-ground")
def a_refusal_that_nobody_spoke(e: Evidence) -> None:
    e.retell("clearance", REFUSED, 1, lambda event: replace(event, gate=gate("tax", status="REFUSED")))


@plants.break_("refusals-have-their-ground")
def a_refusal_of_clearances_own_without_a_hold(e: Evidence) -> None:
    e.retell("clearance", REFUSED, 1, lambda event: replace(event, gate=gate("clearance", status="REFUSED")))


@plants.break_("what-is-heard-has-its-effect")
def a_permit_that_logistics_ignored(e: Evidence) -> None:
    forget(e, "logistics", PERMITTED, 2)
    e.change("logistics", "bookings", PERMITTED, permit_no="")


@plants.break_("what-is-heard-has-its-effect", "settled-or-waiting", "tallies-are-counts")
def a_submission_that_quarantine_ignored(e: Evidence) -> None:
    forget(e, "quarantine", WAITS, 1)


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
