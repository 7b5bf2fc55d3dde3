"""Access: what a token opens."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.settings import SERVICES
from tests.support.tokens import a_token, a_verifier


def an_app() -> FastAPI:
    app = FastAPI()
    app.state.verifier = a_verifier()

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse({"detail": refusal.detail}, refusal.status, refusal.headers)

    @app.get("/who")
    async def who(caller: Annotated[Caller, Depends(allowed("declarations:read"))]) -> str:
        return caller.party

    return app


async def ask(headers: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(an_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/who", headers=headers)


def fresh(**changes: Any) -> str:
    at = int(datetime.now(UTC).timestamp())
    return a_token(**{"iat": at, "nbf": at, "exp": at + 7200} | changes)


async def test_a_route_gets_its_caller() -> None:
    answer = await ask({"Authorization": f"bearer {fresh()}"})

    assert (answer.status_code, answer.json()) == (200, "SELLER0001")


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Bearer a b c"])
async def test_a_route_without_a_token_answers_401(value: str | None) -> None:
    answer = await ask({} if value is None else {"Authorization": value})

    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_that_needs_a_token_reads_what_is_said_without_one(service: str) -> None:
    app = import_module(f"services.{service}.main").build()
    app.state.verifier = a_verifier()
    guarded = [
        (method, path)
        for path, methods in app.openapi()["paths"].items()
        for method, described in methods.items()
        if "security" in described
    ]
    assert guarded

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answers = {
            (method, path): (await client.request(method, path + "?x=1", content=b"{")).status_code
            for method, path in guarded
        }

    assert answers == dict.fromkeys(guarded, 401)


async def test_a_route_without_the_scope_answers_403_and_names_both() -> None:
    answer = await ask({"Authorization": f"Bearer {fresh(scope='arrivals:write')}"})

    assert answer.status_code == 403
    assert "declarations:read" in answer.json()["detail"]
    assert "arrivals:write" in answer.json()["detail"]
    assert 'scope="declarations:read"' in answer.headers["WWW-Authenticate"]


def test_the_scope_of_a_route_shows_in_openapi() -> None:
    described = an_app().openapi()

    assert described["paths"]["/who"]["get"]["security"] == [{"oauth2-declarations-read": []}]
    scheme = described["components"]["securitySchemes"]["oauth2-declarations-read"]
    assert scheme["flows"]["clientCredentials"] == {
        "tokenUrl": "/oauth/token",
        "scopes": {"declarations:read": "See the declarations, permits and events of one's own party."},
    }
