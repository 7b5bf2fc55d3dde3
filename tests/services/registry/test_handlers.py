"""Registry's handlers: what is said, and that nothing is said twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from services.registry.domain import (
    Client,
    Party,
    PublishKey,
    RegisterClient,
    RegisterParty,
    RevokeClient,
    hash_of,
)
from services.registry.handlers import (
    on_clients_registered,
    on_clients_revoked,
    on_keys_published,
    on_parties_registered,
)
from services.registry.start import let_in, operator_orders, sandbox_orders
from shared.contracts.registry import ClientRevoked, PartyRegistered, SigningKeyPublished
from shared.kernel.refusal import Refusal
from shared.runtime.doors import Commands
from tests.support.memory_registry import MemoryCommands, MemoryRegister

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEEDS = Path(__file__).parents[3] / "services" / "registry" / "data" / "sandbox.json"


def an_order(name: str = "Teacup") -> RegisterParty:
    return RegisterParty(party=Party(code="SELLER0001", name=name, roles=("seller",)))


def a_client(client_id: str = "seller0001") -> Client:
    return Client(
        client_id=client_id, party="SELLER0001", secret_hash=hash_of("s"), scopes=("declarations:read",)
    )


async def test_a_party_is_said_when_it_changes_and_only_then() -> None:
    register = MemoryRegister()

    first = await on_parties_registered([an_order()], register, NOW)
    again = await on_parties_registered([an_order()], register, NOW)
    renamed = await on_parties_registered([an_order("Lantern")], register, NOW)

    assert first == [PartyRegistered(code="SELLER0001", name="Teacup", roles=("seller",))]
    assert again == []
    assert renamed == [PartyRegistered(code="SELLER0001", name="Lantern", roles=("seller",))]


async def test_a_new_start_takes_back_nothing_that_operators_have_changed() -> None:
    register = MemoryRegister()
    orders = MemoryCommands(register)
    seeds = list(sandbox_orders(SEEDS.read_bytes()))
    for order in seeds:
        await let_in(cast("Commands", orders), order)
    seller = register.known_parties["SELLER0001"]
    ended = RegisterParty(party=replace(seller, name="Closed", active=False))
    await on_parties_registered([ended], register, NOW)
    known = dict(register.known_clients)

    for order in seeds:
        await let_in(cast("Commands", orders), order)

    assert register.known_parties["SELLER0001"] == ended.party
    assert register.known_clients == known


async def test_a_client_that_its_party_may_no_longer_have_stops_no_start() -> None:
    register = MemoryRegister()
    register.known_parties["SELLER0001"] = Party(code="SELLER0001", name="x", roles=("seller",), active=False)
    order = RegisterClient(client=a_client(), replace=True)

    await let_in(cast("Commands", MemoryCommands(register)), order)

    assert register.known_clients == {}


async def test_a_client_of_an_unknown_party_is_not_let_in() -> None:
    register = MemoryRegister()

    with pytest.raises(Refusal, match="E-REG-PARTY"):
        await on_clients_registered([RegisterClient(client=a_client())], register, NOW)

    assert register.known_clients == {}


async def test_a_revocation_is_said_once_and_keeps_its_first_moment() -> None:
    register = MemoryRegister()
    await on_parties_registered([an_order()], register, NOW)
    await on_clients_registered([RegisterClient(client=a_client())], register, NOW)
    order = RevokeClient(client_id="seller0001")

    first = await on_clients_revoked([order], register, NOW)
    again = await on_clients_revoked([order], register, NOW + timedelta(hours=1))

    assert first == [ClientRevoked(code="seller0001", revoked_at=NOW)]
    assert again == []
    assert register.known_clients["seller0001"].revoked_at == NOW


async def test_what_is_not_there_cannot_be_revoked() -> None:
    with pytest.raises(Refusal) as refused:
        await on_clients_revoked([RevokeClient(client_id="nobody")], MemoryRegister(), NOW)

    assert refused.value.status == 404


async def test_a_key_is_said_once() -> None:
    register = MemoryRegister()
    order = PublishKey(key_id="k1", public_key="x")

    first = await on_keys_published([order], register, NOW)
    again = await on_keys_published([order], register, NOW)

    assert first == [SigningKeyPublished(code="k1", public_key="x")]
    assert again == []


async def run_all(orders: list[Any], register: MemoryRegister) -> list[Any]:
    said: list[Any] = []
    for order in orders:
        is_party = isinstance(order, RegisterParty)
        handler: Any = on_parties_registered if is_party else on_clients_registered
        said += await handler([order], register, NOW)
    return said


async def test_the_sandbox_can_be_seeded_and_a_second_start_says_nothing() -> None:
    register = MemoryRegister()
    orders = list(sandbox_orders(SEEDS.read_bytes()))

    first = await run_all(orders, register)
    again = await run_all(orders, register)

    assert len(first) == len(register.known_parties) > 0
    assert "platform01" in register.known_clients
    assert again == []


async def test_outside_the_sandbox_one_operator_comes_in_if_its_secret_is_given() -> None:
    register = MemoryRegister()

    await run_all(list(operator_orders({"REGISTRY_OPERATOR_SECRET": "long enough"})), register)

    assert list(register.known_clients) == ["operator"]
    assert "registry:write" in register.known_clients["operator"].scopes
    assert list(operator_orders({})) == []


async def test_where_the_first_operator_was_revoked_another_comes_in_and_it_stays_out() -> None:
    register = MemoryRegister()
    first = {"REGISTRY_OPERATOR_SECRET": "long enough"}
    await run_all(list(operator_orders(first)), register)
    await on_clients_revoked([RevokeClient(client_id="operator")], register, NOW)
    orders = cast("Commands", MemoryCommands(register))

    for order in (*operator_orders(first), *operator_orders(first | {"REGISTRY_OPERATOR_CLIENT": "second"})):
        await let_in(orders, order)

    assert {each.client_id: each.revoked_at for each in register.known_clients.values()} == {
        "operator": NOW,
        "second": None,
    }
