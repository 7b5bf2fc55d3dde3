"""Poison: a malformed event is parked, what follows it waits behind it, and all else flows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.logistics import ConsignmentArrived
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from shared.runtime.bus import partition_of
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel, sweets
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.test_green_lane import green
from tests.flows.window import Window
from tests.support.addresses import database_of
from tests.support.builders import PARTIES

TOPIC = "logistics.events"
Headers = list[tuple[str, bytes | None]]


@pytest.fixture
async def producer(platform: Platform) -> AsyncIterator[AIOKafkaProducer]:
    """Somebody who may write on any topic."""
    async with AIOKafkaProducer(bootstrap_servers=platform.stack.bootstrap) as made:
        yield made


def headers(declaration_id: str, seq: int, **changes: bytes | None) -> Headers:
    """Good headers of logistics' seq-th fact of a declaration, but for the changes."""
    usual: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": f"{declaration_id}/{seq}".encode(),
        "ce_source": b"/logistics",
        "ce_type": b"logistics.arrived.v1",
        "ce_time": b"2026-03-01T12:00:00+00:00",
        "content-type": b"application/json",
    }
    return list((usual | changes).items())


def arrived(declaration_id: str) -> bytes:
    """The body of a good fact of logistics: the goods are there."""
    return msgspec.json.encode(
        ConsignmentArrived(
            declaration_id=DeclarationId(declaration_id),
            version=1,
            parties=PARTIES,
            gate=Gate(agency="logistics", status="PASSED", code="ARRIVED"),
            arrived_at=datetime(2026, 3, 1, tzinfo=UTC),
            site="PVG-T2",
        )
    )


async def say(producer: AIOKafkaProducer, key: str, value: bytes | None, given: Headers) -> None:
    """Put a record where the facts of a declaration lie."""
    await producer.send_and_wait(TOPIC, value, key.encode(), partition_of(key), headers=given)


async def parked(window: Window, service: str, subject: str = "") -> list[Any]:
    """What a service has parked, of one declaration if one is named."""
    rows: list[Any] = await window.read(f"/v1/operations/{service}/parked?limit=500", "operator")
    return [row for row in rows if subject in ("", row["subject_id"])]


def path_of(service: str, row: Any) -> str:
    """Where a parked event is shown and mended."""
    return f"/v1/operations/{service}/parked/{row['subject_id']}/{row['source']}/{row['seq']}"


async def waiting_for_arrival(window: Window, forged: set[str]) -> str:
    """A declaration that waits for its carrier; what follows is said by nobody of the platform."""
    declaration_id = await window.file(a_parcel(arrival="on_site"))
    await window.gate_when(declaration_id, "logistics", "HELD")
    forged.add(declaration_id)
    return declaration_id


BROKEN: list[tuple[str, bytes | None, dict[str, bytes | None], str]] = [
    ("half a document", b'{"declaration_id":', {}, "Unreadable"),
    ("no body", None, {}, "Unreadable"),
    ("another's body", b"{}", {}, "Unreadable"),
    ("100,000 deep", b"[" * 100_000, {}, "Unreadable"),
    ("an unknown type", b"{}", {"ce_type": b"logistics.teleported.v9"}, "UnknownType"),
    ("a type with U+0000", b"{}", {"ce_type": b"logistics.\x00.v1"}, "UnknownType"),
    ("a trace with U+0000", b"{}", {"traceparent": b"00-\x00-01"}, "Unreadable"),
    ("a type of 100 KB", b"{}", {"ce_type": b"x" * 100_000}, "UnknownType"),
]


@pytest.mark.parametrize(("name", "body", "changes", "error"), BROKEN, ids=[each[0] for each in BROKEN])
async def test_a_broken_event_is_parked_and_what_follows_waits_until_it_is_dropped(
    window: Window,
    producer: AIOKafkaProducer,
    forged: set[str],
    name: str,
    body: bytes | None,
    changes: dict[str, bytes | None],
    error: str,
) -> None:
    declaration_id = await waiting_for_arrival(window, forged)

    await say(producer, declaration_id, body, headers(declaration_id, 2, **changes))
    await say(producer, declaration_id, arrived(declaration_id), headers(declaration_id, 3))

    row = (await until(lambda: parked(window, "clearance", declaration_id)))[0]
    assert (row["source"], row["seq"], row["error_class"], row["attempts"]) == ("logistics", 2, error, 1)
    assert row["error"]
    assert row["place"].startswith(TOPIC)
    assert (await window.outcome(await green(window)))["status"] == "PERMITTED"  # all else flows
    early = await window.read("/v1/operations/clearance/parked?state=early", "operator")
    assert [each["seq"] for each in early if each["subject_id"] == declaration_id] == [3]
    assert (await window.declaration(declaration_id))["status"] == "SUBMITTED"

    dropped = await window.post(
        path_of("clearance", row) + "/drop", "operator", json={"reason": "not one of ours"}
    )

    assert dropped.status_code == 200
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    assert await parked(window, "clearance", declaration_id) == []


async def test_a_released_event_that_is_still_broken_is_parked_again(
    window: Window, producer: AIOKafkaProducer, forged: set[str]
) -> None:
    declaration_id = await waiting_for_arrival(window, forged)
    await say(producer, declaration_id, b"[", headers(declaration_id, 2))
    row = (await until(lambda: parked(window, "clearance", declaration_id)))[0]
    shown = await window.read(path_of("clearance", row), "operator")
    assert shown["body"] == "["

    released = await window.post(path_of("clearance", row) + "/release", "operator")

    assert released.status_code == 200
    rows = await until(
        lambda: parked(window, "clearance", declaration_id),
        lambda rows: bool(rows) and rows[0]["attempts"] == 2,
    )
    assert len(rows) == 1
    await window.post(path_of("clearance", row) + "/drop", "operator", json={"reason": "not ours"})


NAMELESS: list[tuple[str, Headers]] = [
    ("no headers at all", []),
    ("an id that is none", [("ce_id", b"x"), ("ce_source", b"/logistics"), ("ce_type", b"x")]),
    (
        "a seq that is none",
        [("ce_id", b"019732f0-2a80-7000-8000-000000000001/x"), ("ce_source", b"/logistics")],
    ),
    ("a huge seq", [("ce_id", b"019732f0-2a80-7000-8000-000000000001/9%b" % (b"9" * 400))]),
    ("another source", [("ce_id", b"019732f0-2a80-7000-8000-000000000001/1"), ("ce_source", b"/tax")]),
    ("headers of nothing", [("ce_id", None), ("ce_source", None), ("ce_type", None)]),
    ("headers that are no UTF-8", [("ce_id", b"\xff\xfe"), ("ce_source", b"\xff"), ("ce_type", b"\xff")]),
    ("the same header twice", [("ce_id", b"x"), ("ce_id", b"y")]),
]


@pytest.mark.parametrize(("name", "given"), NAMELESS, ids=[each[0] for each in NAMELESS])
async def test_an_event_without_a_readable_envelope_is_parked_under_its_place(
    window: Window,
    producer: AIOKafkaProducer,
    auditor: Auditor,
    forged: set[str],
    name: str,
    given: Headers,
) -> None:
    before = {row["subject_id"] for row in await parked(window, "clearance")}

    await say(producer, "somebody", b"hello", given)

    rows = await until(
        lambda: parked(window, "clearance"),
        lambda rows: bool({row["subject_id"] for row in rows} - before),
    )
    row = next(row for row in rows if row["subject_id"] not in before)
    forged.add(row["subject_id"])
    assert (row["source"], row["error_class"]) == ("logistics", "Unreadable")
    assert row["place"].startswith(f"{TOPIC}/{partition_of('somebody')}/")
    assert (await window.outcome(await green(window)))["status"] == "PERMITTED"
    dropped = await window.post(path_of("clearance", row) + "/drop", "operator", json={"reason": "nobody's"})
    assert dropped.status_code == 200
    await auditor.check()


async def test_what_a_fault_of_ours_has_parked_goes_on_after_its_release(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    """A table that is not there stands for a release with a fault in it: it is mended, then released."""
    database = await asyncpg.connect(database_of(platform.stack.admin_url, "quarantine"))
    await database.execute("alter table reviews rename to reviews_away")
    try:
        declaration_id = await window.file(a_parcel(sweets()))
        row = (await until(lambda: parked(window, "quarantine", declaration_id)))[0]
        assert (row["source"], row["seq"]) == ("declaration", 1)
        assert "reviews" in row["error"]
        assert (await window.outcome(await green(window)))["status"] == "PERMITTED"
    finally:
        await database.execute("alter table reviews_away rename to reviews")
        await database.close()

    await window.post(path_of("quarantine", row) + "/release", "operator")

    await window.review_and("quarantine", declaration_id, "pass", "papers seen")
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    await auditor.check([declaration_id])
