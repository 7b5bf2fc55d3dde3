"""Memory registry: the register without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.registry.domain import Client, Party
from shared.contracts.envelope import AnyEvent

FORM = {"grant_type": "client_credentials", "client_id": "seller0001", "client_secret": "s:e%c r+et"}
OPERATOR = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": "o"}


class MemoryRegister:
    """Keeps the promise of `Register` in dicts."""

    def __init__(self) -> None:
        self.known_parties: dict[str, Party] = {}
        self.known_clients: dict[str, Client] = {}
        self.known_keys: dict[str, str] = {}

    async def parties(self, codes: Sequence[str]) -> dict[str, Party]:
        return {code: party for code, party in self.known_parties.items() if code in codes}

    async def page_of_parties(self, *, role: str, after: str, limit: int) -> list[Party]:
        found = [party for code, party in sorted(self.known_parties.items()) if code > after]
        return [party for party in found if not role or role in party.roles][:limit]

    async def save_parties(self, parties: Sequence[Party]) -> None:
        self.known_parties |= {party.code: party for party in parties}

    async def clients(self, client_ids: Sequence[str]) -> dict[str, Client]:
        return {name: client for name, client in self.known_clients.items() if name in client_ids}

    async def clients_of(self, party: str) -> list[Client]:
        return [client for _, client in sorted(self.known_clients.items()) if client.party == party]

    async def save_clients(self, clients: Sequence[Client]) -> None:
        self.known_clients |= {client.client_id: client for client in clients}

    async def keys(self) -> dict[str, str]:
        return dict(self.known_keys)

    async def save_keys(self, keys: dict[str, str]) -> None:
        self.known_keys |= keys


class MemoryCommands:
    """Runs handlers on the memory register."""

    def __init__(self, register: MemoryRegister) -> None:
        self.register = register
        self.said: list[AnyEvent] = []

    async def run(self, handler: Any, command: Any) -> Sequence[AnyEvent]:
        made: list[AnyEvent] = await handler([command], self.register, datetime.now(UTC))
        self.said += made
        return made
