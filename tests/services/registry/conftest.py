"""Registry's door on a memory register: one seller, one operator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.registry import oauth
from services.registry.api import whole
from services.registry.domain import Client, Party, hash_of
from services.registry.keys import SigningKey, open_key
from services.registry.oauth import TokenDesk
from services.registry.throttle import Throttle
from shared.runtime.access import TokenVerifier
from shared.runtime.doors import commands
from shared.runtime.problems import answer_problems
from tests.support.memory_registry import MemoryCommands, MemoryRegister


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return open_key(tmp_path_factory.mktemp("secrets") / "key")


@pytest.fixture
def register(key: SigningKey) -> MemoryRegister:
    known = MemoryRegister()
    for code, roles in (("SELLER0001", ("seller",)), ("OPERATOR01", ("officer",))):
        known.known_parties[code] = Party(code=code, name=code, roles=roles)  # type: ignore[arg-type]
    for client_id, secret, party, scopes in (
        ("seller0001", "s:e%c r+et", "SELLER0001", ("declarations:read", "declarations:write")),
        ("operator", "o", "OPERATOR01", ("registry:write", "declarations:read")),
    ):
        known.known_clients[client_id] = Client(
            client_id=client_id, party=party, secret_hash=hash_of(secret), scopes=scopes
        )
    known.known_keys[key.key_id] = key.public_key
    return known


@pytest.fixture
def orders(register: MemoryRegister) -> MemoryCommands:
    return MemoryCommands(register)


@pytest.fixture
async def client(
    register: MemoryRegister, orders: MemoryCommands, key: SigningKey
) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(whole)
    answer_problems(app)
    app.state.desk = TokenDesk(gateway_url="http://test", key=key, throttle=Throttle(allowed=3))
    app.state.verifier = TokenVerifier()
    app.state.verifier.add_key(key.key_id, key.public_key)
    app.dependency_overrides[oauth.register_of] = lambda: register
    app.dependency_overrides[commands] = lambda: orders
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
