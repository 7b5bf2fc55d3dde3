"""Growth: copies stand where time would have put them."""

from __future__ import annotations

import asyncpg

from shared.runtime.migrate import migrate
from tests.conftest import MakeDatabase
from tests.load.growth import APART, SERVICES, copy_table, tables_of

IDS = [f"01a20277-173d-771b-a11e-38db17f4cc4{place}" for place in range(3)]


async def test_copies_have_earlier_ids_other_keys_and_short_documents(make_database: MakeDatabase) -> None:
    database = await make_database("declaration")
    await migrate("declaration", database.owner_url)
    connection = await asyncpg.connect(database.owner_url)
    row = "insert into taken_keys (key, declaration_id, content_hash) values ($1, $2, 'h')"
    await connection.executemany(row, [(f"order|P|{place}", known) for place, known in enumerate(IDS)])
    fact = "insert into facts values ($1, 1, 1, 't', $2, 'request', 0, now(), '')"
    await connection.executemany(fact, [(known, b"x" * 900) for known in IDS])

    for table, columns in (await tables_of(connection)).items():
        await copy_table(connection, table, columns, IDS, range(1, 5))

    keys = await connection.fetch("select key, declaration_id::text from taken_keys order by 2, 1")
    bodies = await connection.fetch("select length(body) from facts order by subject_id desc")
    await connection.close()
    assert len(keys) == len(bodies) == 15
    assert keys[0] == ("order|P|0#4", _earlier(IDS[0], 4 * APART))
    assert [length for (length,) in bodies] == [900] * 3 + [2] * 12


async def test_every_service_has_tables_that_grow(make_database: MakeDatabase) -> None:
    for service in SERVICES:
        database = await make_database(service)
        await migrate(service, database.owner_url)
        connection = await asyncpg.connect(database.owner_url)

        found = await tables_of(connection)

        await connection.close()
        assert {"heads", "facts"} <= found.keys(), service


def _earlier(known: str, milliseconds: int) -> str:
    moment = int(known.replace("-", "")[:12], 16) - milliseconds
    text = f"{moment:012x}{known.replace('-', '')[12:]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
