"""The token door: answers in the words of RFC 6749."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import httpx
import pytest

from services.registry.domain import Party
from services.registry.keys import SigningKey
from services.registry.oauth import MAX_FORM, TokenDesk
from shared.kernel.refusal import Refusal
from shared.runtime.access import TokenVerifier
from tests.support.memory_registry import FORM, OPERATOR, MemoryRegister


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


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


async def test_with_a_key_that_nobody_has_heard_yet_no_token_is_signed(key: SigningKey) -> None:
    heard: set[str] = set()
    desk = TokenDesk(key=key, is_heard=heard.__contains__)

    with pytest.raises(Refusal, match="temporarily_unavailable"):
        desk.sign({"sub": "seller0001"})
    heard.add(key.key_id)

    assert desk.sign({"sub": "seller0001"})


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


async def test_who_guesses_secrets_from_one_address_locks_nobody_out_at_another(
    client: httpx.AsyncClient,
) -> None:
    there, here = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "203.0.113.9"}
    for _ in range(4):
        guessed = await client.post("/oauth/token", data=FORM | {"client_secret": "wrong"}, headers=there)

    answer = await client.post("/oauth/token", data=FORM, headers=here)

    assert (guessed.status_code, answer.status_code) == (429, 200)


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
