"""Audit: on a real platform, clean; and what SQL plants in it is seen, by its name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from audit.where import SERVICES
from cli.app import app
from shared.runtime.bus import partition_of
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel, sweets
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.test_green_lane import green
from tests.flows.test_poison import parked, path_of
from tests.flows.window import Window
from tests.support.addresses import database_of
from tests.support.builders import a_declaration_id

ACCOUNT = "party = 'AGENT00001'"
ONE = "subject_id = '{id}'"
CASE = "declaration_id = '{id}'"
PLANTS = {
    "accounts-add-up": (
        "tax",
        f"update accounts set reserved = reserved + 1 where {ACCOUNT}",
        f"update accounts set reserved = reserved - 1 where {ACCOUNT}",
    ),
    "money-is-whole": (
        "tax",
        f"update assessments set tax_total = tax_total + 1, guarantee_held = guarantee_held + 1 where {CASE}",
        f"update assessments set tax_total = tax_total - 1, guarantee_held = guarantee_held - 1 where {CASE}",
    ),
    "outcomes-are-known": (
        "declaration",
        f"update outcomes set outcome = 'REFUSED' where {CASE}",
        f"update outcomes set outcome = 'PERMITTED' where {CASE}",
    ),
    "every-change-has-its-event": (
        "clearance",
        f"update cases set status = 'REFUSED' where {CASE}",
        f"update cases set status = 'PERMIT' where {CASE}",
    ),
    "tallies-are-counts": (
        "clearance",
        "insert into tallies (name, slot, n) values ('permit', 99, 1)",
        "delete from tallies where slot = 99",
    ),
    "one-payload-an-event": (
        "quarantine",
        f"update facts set body = body || ' '::bytea where {ONE}",
        f"update facts set body = substring(body from 1 for length(body) - 1) where {ONE}",
    ),
    "offsets-follow-the-state": (
        "logistics",
        f"update heads set heard_clearance = 0 where {ONE}",
        f"update heads set heard_clearance = 1 where {ONE}",
    ),
    "it-comes-to-rest": (
        "portal",
        f"""insert into timers (subject_id, command, version, due_at, body)
            select '{a_declaration_id(77)}', 'Nobody', 1, now() - interval '5 minutes', ''""",
        "delete from timers where command = 'Nobody'",
    ),
}
ALSO = {"what-is-said-is-heard", "every-effect-has-its-cause", "deadlines-run"}
"""What the same plants break beside."""


@pytest.fixture
async def databases(platform: Platform) -> AsyncIterator[dict[str, Any]]:
    """A superuser in every database."""
    async with AsyncExitStack() as stack:
        found = {}
        for service in SERVICES:
            found[service] = await asyncpg.connect(database_of(platform.stack.admin_url, service))
            stack.push_async_callback(found[service].close)
        yield found


async def test_what_is_planted_in_the_databases_is_seen(
    window: Window, auditor: Auditor, databases: dict[str, Any]
) -> None:
    declaration_id = await green(window)
    await auditor.check([declaration_id])

    try:
        for service, plant, _ in PLANTS.values():
            await databases[service].execute(plant.format(id=declaration_id))
        report = await auditor.look([declaration_id, a_declaration_id(78)])
    finally:
        for service, _, undo in PLANTS.values():
            await databases[service].execute(undo.format(id=declaration_id))

    assert set(report.totals) == PLANTS.keys() | ALSO | {"acknowledged-is-stored"}
    told = {breach.invariant: breach.ids for breach in report.breaches}
    assert told["accounts-add-up"] == ("AGENT00001",)
    assert told["outcomes-are-known"] == told["one-payload-an-event"] == (declaration_id,)
    await auditor.check([declaration_id])


async def test_an_event_that_no_service_has_said_is_seen(
    platform: Platform, window: Window, auditor: Auditor, forged: set[str]
) -> None:
    subject = a_declaration_id(79)
    headers = [
        ("ce_id", f"{subject}/1".encode()),
        ("ce_source", b"/tax"),
        ("ce_type", b"tax.assessed.v1"),
    ]
    await auditor.check()

    async with AIOKafkaProducer(bootstrap_servers=platform.stack.bootstrap) as producer:
        await producer.send_and_wait(
            "tax.events", b"{", subject.encode(), partition_of(subject), headers=headers
        )
    row = (await until(lambda: parked(window, "clearance", subject)))[0]
    report = await auditor.look(seconds=1)
    forged.add(subject)
    await window.post(path_of("clearance", row) + "/drop", "operator", json={"reason": "nobody's"})

    assert [(breach.invariant, breach.ids) for breach in report.breaches] == [
        ("every-event-has-its-fact", (subject,))
    ]
    assert report.counts["parked at clearance"] == 1
    await auditor.check()


async def test_the_command_says_what_it_sees_and_ends_by_it(
    platform: Platform, window: Window, auditor: Auditor, tmp_path: Path
) -> None:
    waiting, quarantined = (
        await window.file(a_parcel(arrival="on_site")),
        await window.file(a_parcel(sweets())),
    )
    await window.gate(quarantined, "quarantine")
    await auditor.check([waiting, quarantined])
    ids, report = tmp_path / "ids", tmp_path / "report.json"
    environment = {f"DATABASE_URL_{name.upper()}": platform.stack.database_url(name) for name in SERVICES}
    environment["KAFKA_BOOTSTRAP_SERVERS"] = platform.stack.bootstrap

    async def run(*words: str, **changes: str) -> Any:
        said = ["audit", "--wait", "1", "--json", str(report), *words]
        return await asyncio.to_thread(CliRunner().invoke, app, said, env=environment | changes)

    ids.write_text(f"{waiting}\n{a_declaration_id(78)}\n")
    missing = await run("--acknowledged", str(ids))
    away = await run(DATABASE_URL_TAX="postgresql://nobody@127.0.0.1:1/tax")

    assert missing.exit_code == 1
    assert "acknowledged-is-stored" in missing.output
    assert a_declaration_id(78) in missing.output
    assert json.loads(report.read_text())["totals"]["acknowledged-is-stored"] == 1
    assert "could not look: the database of tax" in str(away.exception)
