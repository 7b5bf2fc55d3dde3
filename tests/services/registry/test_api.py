"""Registry's door: tokens in the words of RFC 6749, parties and clients."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry import oauth
from services.registry.api import whole
from services.registry.domain import Client, Party, RegisterClient, hash_of
from services.registry.keys import SigningKey, open_key
from services.registry.oauth import MAX_FORM, TokenDesk
from services.registry.throttle import Throttle
from shared.contracts.envelope import AnyEvent
from shared.runtime.access import TokenVerifier
from shared.runtime.doors import commands
from shared.runtime.problems import answer_problems
from tests.support.memory_registry import MemoryRegister

FORM = {"grant_type": "client_credentials", "client_id": "seller0001", "client_secret": "s:e%c r+et"}
OPERATOR = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": "o"}


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


class MemoryCommands:
    """Runs handlers on the memory register."""

    def __init__(self, register: MemoryRegister) -> None:
        self.register = register
        self.said: list[AnyEvent] = []

    async def run(self, handler: Any, command: Any) -> Sequence[AnyEvent]:
        made: list[AnyEvent] = await handler([command], self.register, datetime.now(UTC))
        self.said += made
        return made


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


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


async def bearer(client: httpx.AsyncClient, form: dict[str, str] = FORM) -> dict[str, str]:
    answer = await client.post("/oauth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_client_gets_a_token_that_every_service_accepts(
    client: httpx.AsyncClient, key: SigningKey
) -> None:
    answer = await client.post("/oauth/token", data=FORM)

    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    verifier = TokenVerifier()
    verifier.add_key(key.key_id, key.public_key)
    caller = verifier.verify(body["access_token"], datetime.now(UTC))
    assert (caller.party, caller.client_id) == ("SELLER0001", "seller0001")
    assert caller.scopes == frozenset(body["scope"].split())


async def test_basic_authentication_carries_form_encoded_credentials(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "scope": "declarations:read"},
        headers=basic("seller0001", "s%3Ae%25c+r%2Bet"),
    )

    assert answer.status_code == 200
    assert answer.json()["scope"] == "declarations:read"


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        (FORM | {"client_secret": "wrong"}, {}, 401, "invalid_client"),
        (FORM | {"client_id": "nobody"}, {}, 401, "invalid_client"),
        (FORM | {"client_id": "nobody\0"}, {}, 401, "invalid_client"),
        (FORM | {"client_secret": ""}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {}, 401, "invalid_client"),
        (FORM | {"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({"client_id": "seller0001"}, {}, 400, "invalid_request"),
        (FORM | {"scope": "operations"}, {}, 400, "invalid_scope"),
        (FORM | {"pad": "x" * MAX_FORM}, {}, 400, "invalid_request"),
        (FORM, basic("seller0001", "s"), 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, basic("seller0001", "wrong"), 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic ***"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Bearer x"}, 401, "invalid_client"),
    ],
)
async def test_a_bad_token_request_is_answered_as_rfc_6749_says(
    client: httpx.AsyncClient, form: dict[str, str], headers: dict[str, str], status: int, error: str
) -> None:
    answer = await client.post("/oauth/token", data=form, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"p%d=1" % n for n in range(50)), "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
async def test_a_body_that_is_no_form_is_an_invalid_request(
    client: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    answer = await client.post("/oauth/token", content=body, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_too_many_wrong_secrets_have_to_wait_even_with_the_right_one(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await client.post("/oauth/token", data=FORM | {"client_secret": "wrong"})

    answer = await client.post("/oauth/token", data=FORM)
    other = await client.post("/oauth/token", data=OPERATOR)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert other.status_code == 200


async def test_a_party_that_lost_its_role_gets_no_more_tokens(
    client: httpx.AsyncClient, register: MemoryRegister
) -> None:
    register.known_parties["SELLER0001"] = Party(code="SELLER0001", name="x", roles=("seller",), active=False)

    answer = await client.post("/oauth/token", data=FORM)

    assert answer.json()["error"] == "invalid_scope"


async def test_keys_and_metadata_are_open_to_all(client: httpx.AsyncClient, key: SigningKey) -> None:
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    metadata = (await client.get("/.well-known/oauth-authorization-server")).json()

    assert [jwk["kid"] for jwk in keys] == [key.key_id]
    assert set(keys[0]) == {"kty", "crv", "alg", "use", "kid", "x"}
    assert metadata["token_endpoint"] == "http://test/oauth/token"
    assert metadata["grant_types_supported"] == ["client_credentials"]


async def test_parties_come_in_pages_by_code(client: httpx.AsyncClient) -> None:
    headers = await bearer(client)

    first = (await client.get("/v1/parties?limit=1", headers=headers)).json()
    second = (await client.get(f"/v1/parties?after={first['next_after']}", headers=headers)).json()

    assert [party["code"] for party in first["parties"]] == ["OPERATOR01"]
    assert [party["code"] for party in second["parties"]] == ["SELLER0001"]
    assert second["next_after"] is None


async def test_an_operator_registers_a_party_and_it_is_said(
    client: httpx.AsyncClient, orders: MemoryCommands
) -> None:
    body = {"name": "Blue Kiln", "roles": ["seller", "seller"]}

    answer = await client.put("/v1/parties/SELLER0009", json=body, headers=await bearer(client, OPERATOR))

    expected = {"code": "SELLER0009", "name": "Blue Kiln", "roles": ["seller"], "active": True}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert len(orders.said) == 1


async def test_a_new_client_sees_its_secret_once_and_can_use_it(client: httpx.AsyncClient) -> None:
    headers = await bearer(client, OPERATOR)
    body = {"party": "SELLER0001", "scopes": ["declarations:read"]}

    made = (await client.post("/v1/clients", json=body, headers=headers)).json()
    form = FORM | {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    listed = (await client.get("/v1/clients?party=SELLER0001", headers=headers)).json()

    assert len(made["client_secret"]) == 43
    assert (await client.post("/oauth/token", data=form)).status_code == 200
    assert made["client_id"] in {entry["client_id"] for entry in listed["clients"]}
    assert "secret" not in str(listed)


async def test_a_revoked_client_gets_no_token(client: httpx.AsyncClient, orders: MemoryCommands) -> None:
    headers = await bearer(client, OPERATOR)

    answer = await client.post("/v1/clients/seller0001/revocation", headers=headers)

    assert answer.json()["revoked_at"]
    assert [type(event).__name__ for event in orders.said] == ["ClientRevoked"]
    assert (await client.post("/oauth/token", data=FORM)).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/v1/parties/seller", {"name": "x", "roles": []}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "x", "roles": ["emperor"]}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "", "roles": []}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "a\0b", "roles": []}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "x", "roles": [], "surprise": 1}, 422),
        ("POST", "/v1/clients", {"party": "NOBODY0001", "scopes": ["declarations:read"]}, 422),
        ("POST", "/v1/clients", {"party": "SELLER0001", "scopes": ["operations"]}, 422),
        (
            "POST",
            "/v1/clients",
            {"client_id": "operator", "party": "SELLER0001", "scopes": ["declarations:read"]},
            409,
        ),
        ("POST", "/v1/clients/nobody/revocation", None, 404),
        ("GET", "/v1/parties/NOBODY0001", None, 404),
        ("GET", "/v1/parties?limit=1000", None, 422),
    ],
)
async def test_what_cannot_be_served_is_a_problem_document(
    client: httpx.AsyncClient, method: str, path: str, body: Any, status: int
) -> None:
    answer = await client.request(method, path, json=body, headers=await bearer(client, OPERATOR))

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/parties/SELLER0009"),
        ("POST", "/v1/clients"),
        ("GET", "/v1/clients?party=SELLER0001"),
        ("POST", "/v1/clients/operator/revocation"),
    ],
)
async def test_a_seller_may_not_write_the_register(client: httpx.AsyncClient, method: str, path: str) -> None:
    body = {"name": "x", "roles": []}

    answer = await client.request(method, path, json=body, headers=await bearer(client))

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-SCOPE")


def test_an_order_names_its_client_as_subject() -> None:
    client = Client(client_id="a", party="SELLER0001", secret_hash=b"", scopes=())

    assert RegisterClient(client=client).subject != RegisterClient(client=client).client.client_id
