"""Arrival reports: each item an order or its faults, and no server error."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from services.logistics.arrivals import Unreadable, read_report
from services.logistics.domain import ReportArrival
from shared.kernel.refusal import Refusal

GOOD = {
    "waybill_no": "W-1",
    "arrived_at": "2025-06-03T04:30:00+08:00",
    "site": "PVG-T2",
    "packages": 1,
    "gross_weight": "1.20",
}


def read(*items: Any) -> list[ReportArrival | Unreadable]:
    return read_report(json.dumps(items).encode(), "CARRIER001")


def test_a_good_item_is_an_order_of_the_callers_carrier() -> None:
    order = read(GOOD)[0]

    assert isinstance(order, ReportArrival)
    assert (order.key, order.gross_weight, order.packages) == (("CARRIER001", "W-1"), Decimal("1.20"), 1)


def test_a_weight_as_a_number_stays_exact() -> None:
    order = read_report(json.dumps([GOOD]).replace('"1.20"', "1.10000").encode(), "C")[0]

    assert isinstance(order, ReportArrival)
    assert str(order.gross_weight) == "1.10000"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"waybill_no": ""}, "waybill_no"),
        ({"waybill_no": "W" * 61}, "waybill_no"),
        ({"waybill_no": "W\u0000"}, "waybill_no"),
        ({"waybill_no": 7}, "waybill_no"),
        ({"arrived_at": "2025-06-03T04:30:00"}, "arrived_at"),
        ({"arrived_at": 10**400}, "arrived_at"),
        ({"arrived_at": 1748900000}, "arrived_at"),
        ({"arrived_at": "1748900000"}, "arrived_at"),
        ({"arrived_at": "2025-06-03 04:30:00Z"}, "arrived_at"),
        ({"arrived_at": "0001-01-01T00:00:00+08:00"}, "arrived_at"),
        ({"site": " \u00a0\u200b"}, "site"),
        ({"site": "PVG\u202e2T"}, "site"),
        ({"gross_weight": "1_000"}, "gross_weight"),
        ({"gross_weight": " 5"}, "gross_weight"),
        ({"gross_weight": "1e1"}, "gross_weight"),
        ({"gross_weight": True}, "gross_weight"),
        ({"waybill_no": "<b>W</b>"}, "waybill_no"),
        ({"waybill_no": "W\u202e1"}, "waybill_no"),
        ({"arrived_at": "soon"}, "arrived_at"),
        ({"site": None}, "site"),
        ({"packages": 0}, "packages"),
        ({"packages": True}, "packages"),
        ({"packages": 10**400}, "packages"),
        ({"gross_weight": "NaN"}, "gross_weight"),
        ({"gross_weight": "0"}, "gross_weight"),
        ({"gross_weight": "1e400"}, "gross_weight"),
        ({"gross_weight": "1.000001"}, "gross_weight"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_item_tells_its_faults_and_spoils_no_other(changes: dict[str, Any], place: str) -> None:
    bad, good = read({**GOOD, **changes}, GOOD)

    assert isinstance(bad, Unreadable)
    assert [fault.pointer for fault in bad.faults] == [f"/0/{place}"]
    assert isinstance(good, ReportArrival)


def test_all_faults_of_an_item_are_told_at_once() -> None:
    bad = read({"waybill_no": "W-9"})[0]

    assert isinstance(bad, Unreadable)
    assert len(bad.faults) == 4
    assert bad.waybill_no == "W-9"


@pytest.mark.parametrize("item", [None, 1, "x", [], [GOOD]])
def test_what_is_no_object_is_a_fault_of_its_item(item: Any) -> None:
    assert isinstance(read(item)[0], Unreadable)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b"[NaN]", 400),
        (b'["\xff"]', 400),
        (b'["\\ud800"]', 400),
        (b"[" * 100_000, 400),
        (b"{}", 422),
        (b"[]", 422),
        (b"null", 422),
        (b"[" + b"1," * 1000 + b"1]", 422),
    ],
)
def test_what_is_no_list_is_refused_clearly(raw: bytes, status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        read_report(raw, "CARRIER001")

    assert refusal.value.status == status


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "after a byte order mark"])
def test_an_item_with_a_key_twice_tells_it_and_spoils_no_other(mark: str) -> None:
    good = json.dumps(GOOD)
    twice = good.replace('"packages": 1', '"packages": 1, "packages": 2')

    bad, fine = read_report(f"{mark}[{twice},{good}]".encode(), "CARRIER001")

    assert isinstance(bad, Unreadable)
    assert [(fault.pointer, fault.rule) for fault in bad.faults] == [("/0/packages", "keys_are_unique")]
    assert isinstance(fine, ReportArrival)
