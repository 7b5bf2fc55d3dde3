"""Roles: the owner makes tables, the service uses them, nobody reads another's."""

import asyncpg
import pytest

from tests.conftest import MakeDatabase


async def test_a_service_reads_and_writes_but_changes_no_schema(make_database: MakeDatabase) -> None:
    database = await make_database("tax")
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("CREATE TABLE bills (id bigint GENERATED ALWAYS AS IDENTITY, paid bool)")
    await owner.close()

    service = await asyncpg.connect(database.url)
    try:
        await service.execute("INSERT INTO bills (paid) VALUES (true)")
        assert await service.fetchval("SELECT count(*) FROM bills") == 1
        for forbidden in ("DROP TABLE bills", "TRUNCATE bills", "CREATE TABLE more (id int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(forbidden)
    finally:
        await service.close()


async def test_a_service_cannot_enter_another_database(make_database: MakeDatabase) -> None:
    tax, clearance = await make_database("tax"), await make_database("clearance")
    elsewhere = tax.url.replace(f"/{tax.name}", f"/{clearance.name}").replace(
        f"//{clearance.name}", f"//{tax.name}"
    )

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(elsewhere)


async def test_text_is_utf8_sorted_by_code_point(make_database: MakeDatabase) -> None:
    database = await make_database("portal")

    connection = await asyncpg.connect(database.url)
    row = await connection.fetchrow(
        "SELECT current_setting('server_encoding'), datcollate FROM pg_database LIMIT 1"
    )
    await connection.close()

    assert tuple(row) == ("UTF8", "C")
