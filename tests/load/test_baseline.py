"""Baseline: the rival is complete, so that beating it means something."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from types import ModuleType

import pytest
import sqlalchemy as sa
from faststream.kafka import TestKafkaBroker
from pydantic import TypeAdapter

from sandbox.importer import Run
from sandbox.parcels import Press, pool_of, stencils
from sandbox.real import read_orders
from services.declaration.filing import Filer, Secret, accept
from services.declaration.sayings import submitted
from services.declaration.submission import Submission
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.kernel.gate import Gate
from shared.kernel.ids import uuid7
from tests.conftest import MakeDatabase
from tests.load.baseline import bus, clearance, logistics, quarantine, tax
from tests.load.baseline.tables import TABLES, Sessions, open_sessions

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AGENCIES = {"tax": tax, "quarantine": quarantine, "logistics": logistics}
Rooms = dict[str, Sessions]


@pytest.fixture
async def rooms(make_database: MakeDatabase) -> Rooms:
    """A database for each service, and money on the guarantors' accounts."""
    made: Rooms = {}
    for service in TABLES:
        url = (await make_database(f"baseline_{service}")).owner_url
        made[service] = await open_sessions(url.replace("postgresql://", "postgresql+asyncpg://"), service)
    async with made["tax"].begin() as session:
        for party in ("PLATFORM01", "PLATFORM02", "SELLER0004"):
            await session.execute(sa.text(f"insert into accounts values ('{party}', 1000000, 0, 0)"))
    return made


def filed(count: int) -> list[DeclarationSubmitted]:
    """Parcels that customs passes."""
    pool = pool_of(stencils(read_orders(), Run(seed="1", now=NOW), 40), "PLATFORM01")
    press, filer, read = Press("B1", 1), Filer(party="PLATFORM01", client_id="-"), TypeAdapter(Submission)
    made = []
    for number in range(count * 2):
        submission = read.validate_json(press.body(pool, "green", number))
        known = uuid7(int(NOW.timestamp() * 1000), os.urandom(10))
        event = submitted(accept(submission, filer, known, Secret(key=b"k"), NOW), known, 1, NOW)
        made += [event] if event.gate == Gate(agency="customs", status="PASSED") else []
    return made[:count]


async def heard(rooms: Rooms, name: str, room: ModuleType, events: Sequence[Event]) -> list[Event]:
    """What a service says of some events."""
    async with rooms[name].begin() as session:
        said: list[Event] = await room.handle(session, events)
    return said


async def travel(rooms: Rooms, events: Sequence[Event]) -> list[Event]:
    """Through every agency, clearance, and back to those that hear of the permit."""
    said = [word for name, room in AGENCIES.items() for word in await heard(rooms, name, room, events)]
    permits = await heard(rooms, "clearance", clearance, [*events, *said])
    after = [
        word for name in ("tax", "logistics") for word in await heard(rooms, name, AGENCIES[name], permits)
    ]
    return [*said, *permits, *after]


@pytest.mark.parametrize("size", [1, 20])
async def test_every_parcel_is_taxed_triaged_booked_permitted_and_let_out_once(
    rooms: Rooms, size: int
) -> None:
    events = filed(20)

    said: Counter[str] = Counter()
    for start in range(0, 20, size):
        said.update(type(word).__name__ for word in await travel(rooms, events[start : start + size]))

    words = ("TaxAssessed", "QuarantineTriaged", "ConsignmentBooked", "PermitIssued", "TaxCommitted")
    assert said == dict.fromkeys((*words, "ConsignmentGatedOut"), 20)


async def test_tax_holds_a_guarantee_until_the_permit_commits_it(rooms: Rooms) -> None:
    events = filed(5)

    said = [word for name, room in AGENCIES.items() for word in await heard(rooms, name, room, events)]
    held = await _sums(rooms)
    permits = await heard(rooms, "clearance", clearance, [*events, *said])
    await heard(rooms, "tax", tax, permits)

    committed = await _sums(rooms)
    assert held["due"] == committed["reserved"] == 0
    assert held["reserved"] == committed["due"] > 0


async def test_the_same_again_changes_nothing(rooms: Rooms) -> None:
    events = filed(5)
    await travel(rooms, events)
    before = await _sums(rooms)

    again = await heard(rooms, "tax", tax, events)

    assert again == []
    assert await _sums(rooms) == before
    assert before["reserved"] == 0 < before["due"]


@pytest.mark.parametrize("form", bus.FORMS)
async def test_what_is_said_is_heard_whole_in_both_forms(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PREFIX", "b."), ("FORM", form)):
        monkeypatch.setenv(f"BASELINE_{name}", value)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "nowhere:1")
    monkeypatch.setenv("KAFKA_COMPRESSION", "none")
    broker, events = bus.make_broker(), filed(5)
    got: list[Event] = []

    async def note(batch: Sequence[Event]) -> None:
        got.extend(batch)

    bus.hear(broker, "tax", ["declaration", "clearance"], note)
    async with TestKafkaBroker(broker) as connected:
        await bus.say(connected, "declaration", events)

    by_id = {event.declaration_id: event for event in got}
    assert len(got) == 5
    assert by_id == {event.declaration_id: event for event in events}


async def _sums(rooms: Rooms) -> dict[str, int]:
    asked = sa.text("select sum(reserved) as reserved, sum(due) as due from accounts")
    async with rooms["tax"]() as session:
        return dict((await session.execute(asked)).mappings().one())
