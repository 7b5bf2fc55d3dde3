"""Outcomes: planted breaches of versions, ends and moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.contracts.clearance import DeclarationRefused, HoldLifted, PermitIssued
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.tax import TaxCommitted, TaxSecured
from tests.support.builders import NOW
from tests.support.evidence import LATER, TAX, VALUE, Evidence, gate, of
from tests.support.planting import Plant, Plants
from tests.support.six_ways import (
    AMENDED,
    CANCELLED,
    PERMITTED,
    WAITS,
    WAIVED,
)

plants = Plants()


@plants.break_("versions-are-1-to-n")
def a_version_that_nobody_filed(e: Evidence) -> None:
    e.say(QuarantineTriaged(gate=gate("quarantine"), **of(PERMITTED, 2)))
    e.settle()


@plants.break_("one-permit", "one-outcome")
def a_second_permit(e: Evidence) -> None:
    e.say(_another_permit(e, "SW1b"))
    e.settle()


def _another_permit(e: Evidence, number: str) -> PermitIssued:
    end = LATER + timedelta(days=14)
    return PermitIssued(
        permit_no=number,
        filed_at=NOW,
        issued_at=NOW,
        valid_until=end,
        covers_sha256="",
        key_id="",
        **of(PERMITTED),
    )


@plants.break_("one-permit", "every-change-has-its-event")
def a_permit_number_that_stands_twice(e: Evidence) -> None:
    e.retell("clearance", PERMITTED, 1, lambda event: replace(event, permit_no=f"SW{WAIVED}"))


@plants.break_("one-outcome", "refusals-have-their-ground")
def a_refusal_after_the_permit(e: Evidence) -> None:
    e.say(DeclarationRefused(gate=gate("tax", status="REFUSED"), **of(PERMITTED)))
    e.settle()


@plants.break_("moves-are-legal")
def a_hold_lifted_that_was_none(e: Evidence) -> None:
    e.say(HoldLifted(officer="o", reason="r", **of(WAITS)))
    e.settle()


@plants.break_("moves-are-legal")
def tax_secured_after_the_permit(e: Evidence) -> None:
    e.say(TaxSecured(gate=gate("tax"), tax_total=TAX, **of(WAIVED)))
    e.settle()


@plants.break_("effects-come-once", "moves-are-legal")
def tax_committed_twice(e: Evidence) -> None:
    e.say(TaxCommitted(tax_total=TAX, quota_used=VALUE, **of(PERMITTED)))
    e.settle()


@plants.break_("outcomes-are-known")
def an_outcome_that_declaration_has_lost(e: Evidence) -> None:
    e.lose("declaration", "outcomes", CANCELLED)


@plants.break_("outcomes-are-known")
def a_request_without_an_answer(e: Evidence) -> None:
    e.change("declaration", "requests", AMENDED, state="PENDING")


@plants.break_("every-change-has-its-event")
def a_booking_that_is_lost(e: Evidence) -> None:
    e.lose("logistics", "bookings", PERMITTED)


@plants.break_("every-change-has-its-event")
def a_case_that_says_what_no_event_says(e: Evidence) -> None:
    e.change("clearance", "cases", WAITS, status="REFUSED")


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
