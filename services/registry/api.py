"""Registry's door: parties, clients, and the token door."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from services.registry import oauth
from services.registry.domain import (
    Client,
    Party,
    RegisterClient,
    RegisterParty,
    RevokeClient,
    Role,
    hash_of,
)
from services.registry.handlers import on_clients_registered, on_clients_revoked, on_parties_registered
from services.registry.oauth import Registered
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Commands, commands
from shared.runtime.fields import COUNTED, Name
from shared.runtime.route import Door

PARTY_CODE = r"^[A-Z0-9]{10}$"
CLIENT_ID = r"^[a-z0-9][a-z0-9._-]{2,63}$"
Reading = Annotated[Caller, Depends(allowed("declarations:read"))]
Writing = Annotated[Caller, Depends(allowed("registry:write"))]
Orders = Annotated[Commands, Depends(commands)]
Code = Annotated[str, InPath(pattern=PARTY_CODE, examples=["SELLER0001"])]
NewCode = Annotated[str, InPath(pattern=PARTY_CODE, examples=["SELLER0009"])]
ClientId = Annotated[str, InPath(pattern=CLIENT_ID, examples=["seller0001"])]
router = Door(prefix="/v1")


class PartyIn(BaseModel):
    """How a party stands from now on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Blue Kiln Ltd", "roles": ["seller"], "active": True}]},
    )
    name: Name = Field(min_length=1, max_length=200)
    roles: list[Role] = Field(min_length=1, max_length=6, description="At least one; `active` ends a party.")
    active: bool = Field(True, strict=True)


class PartyOut(BaseModel):
    """A party as it stands."""

    code: str
    name: str
    roles: list[Role]
    active: bool


class PartiesOut(BaseModel):
    """A page of parties, by code."""

    parties: list[PartyOut]
    next_after: str | None = None
    """Give it as `after` for the next page; null at the end."""


class ClientIn(BaseModel):
    """A client to let in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"party": "SELLER0001", "scopes": ["declarations:read"]}]},
    )
    client_id: str | None = Field(None, pattern=CLIENT_ID, description="Made up when left out.")
    party: str = Field(pattern=PARTY_CODE)
    scopes: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=20)


class ClientOut(BaseModel):
    """A client; its secret is never shown again."""

    client_id: str
    party: str
    scopes: list[str]
    revoked_at: datetime | None = None


class NewClientOut(ClientOut):
    """A client that was just let in, with its secret."""

    client_secret: str


class ClientsOut(BaseModel):
    """The clients of a party."""

    clients: list[ClientOut]


@router.get("/parties", tags=["parties"])
async def list_parties(
    _: Reading,
    register: Registered,
    role: Annotated[Role | None, Query()] = None,
    after: Annotated[str, Query(max_length=10, pattern="^[A-Z0-9]*$")] = "",
    limit: Annotated[int, Field(ge=1, le=100), COUNTED] = 50,
) -> PartiesOut:
    """Parties by code, of one role or of all."""
    found = await register.page_of_parties(role=role or "", after=after, limit=limit + 1)
    more = found[limit - 1].code if len(found) > limit else None
    return PartiesOut(parties=[_party_out(party) for party in found[:limit]], next_after=more)


@router.get("/parties/{code}", tags=["parties"])
async def get_party(code: Code, _: Reading, register: Registered) -> PartyOut:
    """One party."""
    party = (await register.parties([code])).get(code)
    if party is None:
        raise Refusal("E-NOT-FOUND", f"there is no party {code}", status=404, fix="see GET /v1/parties")
    return _party_out(party)


@router.put("/parties/{code}", tags=["parties"])
async def put_party(code: NewCode, body: PartyIn, _: Writing, orders: Orders) -> PartyOut:
    """Register a party, or say how it stands from now on."""
    roles = tuple(dict.fromkeys(body.roles))
    party = Party(code=code, name=body.name, roles=roles, active=body.active)
    await orders.run(on_parties_registered, RegisterParty(party=party))
    return _party_out(party)


@router.get("/clients", tags=["clients"])
async def list_clients(
    _: Writing,
    register: Registered,
    party: Annotated[str, Query(pattern=PARTY_CODE, examples=["SELLER0001"])],
) -> ClientsOut:
    """The clients of a party, without their secrets."""
    return ClientsOut(clients=[_client_out(client) for client in await register.clients_of(party)])


@router.post("/clients", tags=["clients"], status_code=201)
async def post_client(body: ClientIn, _: Writing, orders: Orders, response: Response) -> NewClientOut:
    """Let a client in. The answer shows its secret, this once."""
    secret = secrets.token_urlsafe(32)
    client = Client(
        client_id=body.client_id or f"{body.party.lower()}-{secrets.token_hex(4)}",
        party=body.party,
        secret_hash=hash_of(secret),
        scopes=tuple(sorted(set(body.scopes))),
    )
    await orders.run(on_clients_registered, RegisterClient(client=client))
    response.headers["Cache-Control"] = "no-store"
    return NewClientOut(
        client_id=client.client_id, party=client.party, scopes=list(client.scopes), client_secret=secret
    )


@router.post("/clients/{client_id}/revocation", tags=["clients"])
async def revoke_client(client_id: ClientId, _: Writing, orders: Orders, register: Registered) -> ClientOut:
    """Void a client's tokens, everywhere within about a second; it gets no more. Once and for all."""
    await orders.run(on_clients_revoked, RevokeClient(client_id=client_id))
    return _client_out((await register.clients([client_id]))[client_id])


def _party_out(party: Party) -> PartyOut:
    return PartyOut(code=party.code, name=party.name, roles=list(party.roles), active=party.active)


def _client_out(client: Client) -> ClientOut:
    return ClientOut(
        client_id=client.client_id,
        party=client.party,
        scopes=list(client.scopes),
        revoked_at=client.revoked_at,
    )


whole = APIRouter()
"""All that registry serves."""
whole.include_router(router)
whole.include_router(oauth.router)
