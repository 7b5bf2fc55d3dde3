"""Waybills: numbers, document shapes, arrivals that fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import pytest

from services.logistics.waybills import (
    Arrival,
    Waybill,
    freed,
    is_document_no,
    reported,
    taken,
    unbooked,
)
from shared.kernel.goods import Transport
from shared.kernel.papers import WAYBILL_TAKEN
from tests.support.builders import NOW, a_declaration_id

MINE, THEIRS = a_declaration_id(1), a_declaration_id(2)


def an_arrival(weight: str = "1.2", packages: int = 1) -> Arrival:
    return Arrival(
        arrived_at=NOW, site="PVG", packages=packages, gross_weight=Decimal(weight), reported_at=NOW
    )


def a_waybill(holder: str | None = THEIRS, arrived: Arrival | None = None) -> Waybill:
    return Waybill(
        carrier="CARRIER001", waybill_no="W-1", declaration_id=holder, taken_at=NOW, arrived=arrived
    )


@pytest.mark.parametrize(
    ("mode", "document_no", "fits"),
    [
        ("air", "999-12345675", True),
        ("air", "99912345675", True),
        ("air", "999-12345674", False),
        ("air", "999-1234567", False),
        ("air", "999-12345675 ", False),
        ("air", "９９９-12345675", False),
        ("sea", "LTSU0000001", True),
        ("sea", "ABC", False),
        ("sea", "A" * 37, True),
        ("sea", "A" * 38, False),
        ("land", "SRR0000001", True),
        ("land", "SRR 0000001", False),
        ("land", "SRR0000001\n", False),
    ],
)
def test_a_document_number_has_the_shape_of_its_mode(
    mode: Literal["air", "sea", "land"], document_no: str, fits: bool
) -> None:
    assert is_document_no(Transport(mode=mode, document_no=document_no)) is fits


@pytest.mark.parametrize(
    ("booked", "arrived", "fits"),
    [
        ("1.2", "1.7", True),  # half a kilogram apart, exactly
        ("1.2", "1.71", False),
        ("10", "12", True),  # a fifth apart, exactly
        ("10", "12.01", False),
        ("10", "7.99", False),
        ("0.1", "0.6", True),  # five times as heavy, but a scale's difference
    ],
)
def test_a_weight_is_off_when_both_bounds_are_exceeded(booked: str, arrived: str, fits: bool) -> None:
    assert an_arrival(arrived).fits(1, Decimal(booked)) is fits


def test_other_packages_never_fit() -> None:
    assert not an_arrival(packages=2).fits(1, Decimal("1.2"))


def test_a_number_is_free_for_its_holder_and_for_all_after_six_months() -> None:
    assert a_waybill(None).is_free_for(MINE, NOW)
    assert a_waybill(MINE).is_free_for(MINE, NOW)
    assert not a_waybill().is_free_for(MINE, NOW + WAYBILL_TAKEN - timedelta(seconds=1))
    assert a_waybill().is_free_for(MINE, NOW + WAYBILL_TAKEN)


def test_a_number_taken_early_brings_its_arrival() -> None:
    waybill = taken(a_waybill(None, an_arrival()), MINE, NOW)

    assert (waybill.declaration_id, waybill.arrived) == (MINE, an_arrival())


def test_the_arrival_of_a_lapsed_holder_is_not_the_next_ones() -> None:
    assert taken(a_waybill(THEIRS, an_arrival()), MINE, NOW + WAYBILL_TAKEN).arrived is None


def test_only_its_holder_frees_a_number_and_what_arrived_stays_known() -> None:
    waybill = a_waybill(MINE, an_arrival())

    assert freed(waybill, THEIRS) == waybill
    assert freed(waybill, MINE) == a_waybill(None, an_arrival())


def test_the_first_report_of_an_arrival_stands() -> None:
    waybill = reported(unbooked(("CARRIER001", "W-1"), NOW), an_arrival("1.2"))

    assert reported(waybill, an_arrival("9")) == waybill


def test_after_six_months_another_report_is_of_another_parcel() -> None:
    later = replace(an_arrival("9"), reported_at=NOW + WAYBILL_TAKEN)

    again = reported(a_waybill(THEIRS, an_arrival()), later)

    assert (again.declaration_id, again.arrived, again.taken_at) == (None, later, later.reported_at)


@pytest.mark.parametrize("holder", [THEIRS, None])
def test_what_comes_first_when_the_six_months_are_over_is_kept_for_who_books_the_number_next(
    holder: str | None,
) -> None:
    too_late = replace(an_arrival(), reported_at=NOW + WAYBILL_TAKEN)
    in_time = replace(too_late, reported_at=too_late.reported_at - timedelta(seconds=1))

    assert reported(a_waybill(holder), in_time) == a_waybill(holder, in_time)
    anothers = reported(a_waybill(holder), too_late)

    assert anothers.declaration_id is None
    assert taken(anothers, MINE, too_late.reported_at + timedelta(hours=1)).arrived == too_late
