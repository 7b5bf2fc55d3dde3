"""The register's promise, kept in memory and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.registry.domain import Client, Party, hash_of
from services.registry.store import SqlRegister
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.support.backends import fresh_database
from tests.support.memory_registry import MemoryRegister

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SELLER = Party(code="SELLER0001", name='Teacup, "Lantern" & Söhne', roles=("seller", "carrier"))
CARRIER = Party(code="CARRIER001", name="Grey Goose", roles=("carrier",), active=False)
NOBODY = Party(code="PLATFORM01", name="A party without a role", roles=())
CLIENT = Client(
    client_id="seller0001",
    party="SELLER0001",
    secret_hash=hash_of("secret"),
    scopes=("declarations:read", "declarations:write"),
)
Register = MemoryRegister | SqlRegister


@pytest.fixture(params=["memory", "sql"])
async def register(request: pytest.FixtureRequest) -> AsyncIterator[Register]:
    if request.param == "memory":
        yield MemoryRegister()
        return
    async with fresh_database(request.getfixturevalue("admin_url"), "registry") as database:
        await migrate("registry", database.owner_url)
        engine = open_engine(database.url, pool_size=1, name="test")
        async with engine.connect() as connection:
            yield SqlRegister(connection)
        await engine.dispose()


async def test_parties_come_back_as_they_were_saved(register: Register) -> None:
    await register.save_parties([SELLER, CARRIER, NOBODY])

    found = await register.parties(["SELLER0001", "PLATFORM01", "ELSEWHERE1"])

    assert found == {"SELLER0001": SELLER, "PLATFORM01": NOBODY}


async def test_a_party_saved_again_is_replaced(register: Register) -> None:
    await register.save_parties([SELLER])

    await register.save_parties([replace(SELLER, name="Teacup", roles=())])

    assert (await register.parties(["SELLER0001"]))["SELLER0001"].roles == ()


async def test_pages_are_in_the_order_of_codes_and_of_one_role_if_asked(register: Register) -> None:
    await register.save_parties([SELLER, CARRIER, NOBODY])

    everybody = await register.page_of_parties(role="", after="", limit=2)
    following = await register.page_of_parties(role="", after=everybody[-1].code, limit=2)
    carriers = await register.page_of_parties(role="carrier", after="", limit=9)

    assert everybody + following == [CARRIER, NOBODY, SELLER]
    assert carriers == [CARRIER, SELLER]


async def test_clients_come_back_as_they_were_saved(register: Register) -> None:
    revoked = replace(CLIENT, client_id="seller0001-old", revoked_at=NOW)
    other = replace(CLIENT, client_id="elsewhere", party="SELLER0002")

    await register.save_clients([CLIENT, revoked, other])

    assert await register.clients(["seller0001", "nobody"]) == {"seller0001": CLIENT}
    assert await register.clients_of("SELLER0001") == [CLIENT, revoked]


async def test_saving_nothing_is_no_fault(register: Register) -> None:
    await register.save_parties([])
    await register.save_clients([])
    await register.save_keys({})

    assert await register.keys() == {}


async def test_keys_are_kept(register: Register) -> None:
    await register.save_keys({"k1": "x"})

    await register.save_keys({"k2": "y"})

    assert await register.keys() == {"k1": "x", "k2": "y"}
