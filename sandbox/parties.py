"""Parties: who files, pays, carries and decides.

The list itself is `services/registry/data/sandbox.json`, with which registry fills an empty sandbox; its secrets
are public and good for nothing else. Here are the words the importer and the command line need about it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from shared.contracts.registry import Role

BUNDLED = Path(__file__).parents[1] / "services" / "registry" / "data" / "sandbox.json"

DEPOSITS = {
    "PLATFORM01": Decimal("5000000.00"),
    "PLATFORM02": Decimal("500000.00"),
    "SELLER0004": Decimal("1000.00"),
}
"""CNY that guarantors pay in before a run; the last is too little on purpose: some orders wait for payment."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party of the sandbox."""

    code: str
    name: str
    roles: tuple[Role, ...]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An API client of the sandbox."""

    client_id: str
    secret: str
    party: str
    scopes: tuple[str, ...]


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    note: str
    parties: tuple[Party, ...]
    clients: tuple[Client, ...]


@cache
def read_sandbox(path: Path = BUNDLED) -> Sandbox:
    """The parties and clients of the bundled list."""
    return msgspec.json.decode(path.read_bytes(), type=Sandbox)


def name_of(code: str) -> str:
    """The name of a party."""
    return next(party.name for party in read_sandbox().parties if party.code == code)


def client_of(party: str) -> Client:
    """The first client of a party."""
    return next(client for client in read_sandbox().clients if client.party == party)


def client_named(client_id: str) -> Client | None:
    """The client of an id, if the sandbox has it."""
    return next((client for client in read_sandbox().clients if client.client_id == client_id), None)
