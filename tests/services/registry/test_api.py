"""Registry's door: parties and clients."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.registry.domain import Client, RegisterClient
from tests.support.memory_registry import FORM, OPERATOR, MemoryCommands


async def bearer(client: httpx.AsyncClient, form: dict[str, str] = FORM) -> dict[str, str]:
    answer = await client.post("/oauth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


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
        ("PUT", "/v1/parties/SELLER0009", {"name": "x", "roles": []}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "\u00a0\u200b", "roles": ["seller"]}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "a\u202eb", "roles": ["seller"]}, 422),
        ("PUT", "/v1/parties/SELLER0009", {"name": "x", "roles": ["seller"], "active": "yes"}, 422),
        ("GET", "/v1/parties?role=seller&colour=red", None, 400),
        ("GET", "/v1/parties?limit=1&limit=2", None, 400),
        ("GET", "/v1/parties?after=", None, 400),
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
