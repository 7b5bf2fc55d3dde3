"""Start: the signing key, and those who may come in first.

In the sandbox these are the parties and clients of data/sandbox.json. Elsewhere it is one operator, if
REGISTRY_OPERATOR_SECRET is set (its id is REGISTRY_OPERATOR_CLIENT): from there on, PUT /v1/parties and POST
/v1/clients. A second start changes nothing, and takes back nothing that operators have changed, but for the party and
the secret of that first one: nobody else could bring them back. A client that was revoked stays so, the first one
too; the log says it, and another id comes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import msgspec

from services.registry.domain import (
    SCOPES_OF,
    Client,
    Party,
    PublishKey,
    RegisterClient,
    RegisterParty,
    Role,
    hash_of,
)
from services.registry.handlers import on_clients_registered, on_keys_published, on_parties_registered
from services.registry.keys import open_key
from services.registry.oauth import TokenDesk
from shared.kernel.refusal import Refusal
from shared.runtime.doors import Commands
from shared.runtime.relay import until_all_is_said
from shared.runtime.replica import Runtime
from shared.runtime.settings import Settings
from shared.runtime.telemetry import log

Order = RegisterParty | RegisterClient
OPERATOR = "OPERATOR01"


class _Party(msgspec.Struct, frozen=True):
    code: str
    name: str
    roles: tuple[Role, ...]


class _Client(msgspec.Struct, frozen=True):
    client_id: str
    secret: str
    party: str
    scopes: tuple[str, ...]


class _Seeds(msgspec.Struct, frozen=True):
    parties: tuple[_Party, ...]
    clients: tuple[_Client, ...]


async def start(desk: TokenDesk, runtime: Runtime) -> None:
    """Open the key, let the first clients in, say who they are, and then the key.

    Nobody has a token before: who hears the key knows that the first parties are on the topic.
    """
    settings = runtime.settings
    key = open_key(settings.secrets_dir / "registry-signing-key")
    for order in first_orders(settings):
        await let_in(runtime.commands, order)
    await until_all_is_said(runtime.engine)
    await runtime.commands.run(on_keys_published, PublishKey(key_id=key.key_id, public_key=key.public_key))
    desk.key, desk.gateway_url, desk.is_heard = key, settings.gateway_url, runtime.verifier.has_key


async def let_in(orders: Commands, order: Order) -> None:
    """Run an order. A client whose party may no longer have it stays out, and keeps nobody else from starting."""
    handler: Any = on_parties_registered if isinstance(order, RegisterParty) else on_clients_registered
    try:
        await orders.run(handler, order)
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        log("registry").warning("not let in", subject=order.subject, code=refusal.code, reason=refusal.detail)


def first_orders(settings: Settings) -> Iterator[Order]:
    """Parties first, then their clients."""
    if settings.sandbox:
        yield from sandbox_orders((files("services.registry") / "data" / "sandbox.json").read_bytes())
    else:
        yield from operator_orders(settings.environment)


def sandbox_orders(seeds: bytes) -> Iterator[Order]:
    """The orders in a seed file."""
    read = msgspec.json.decode(seeds, type=_Seeds)
    for party in read.parties:
        yield RegisterParty(party=Party(code=party.code, name=party.name, roles=party.roles), is_first=True)
    for given in read.clients:
        yield RegisterClient(client=_client(given), replace=True)


def operator_orders(environment: Mapping[str, str]) -> Iterator[Order]:
    """One operator, if its secret is given."""
    secret = environment.get("REGISTRY_OPERATOR_SECRET", "")
    if secret:
        yield RegisterParty(party=Party(code=OPERATOR, name="Operators of the window", roles=("officer",)))
        scopes = tuple(sorted(SCOPES_OF["officer"]))
        client_id = environment.get("REGISTRY_OPERATOR_CLIENT") or "operator"
        operator = _Client(client_id=client_id, secret=secret, party=OPERATOR, scopes=scopes)
        yield RegisterClient(client=_client(operator), replace=True)


def _client(given: _Client) -> Client:
    return Client(
        client_id=given.client_id,
        party=given.party,
        secret_hash=hash_of(given.secret),
        scopes=tuple(sorted(set(given.scopes))),
    )
