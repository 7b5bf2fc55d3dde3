"""Purse: a token for every client, renewed before it expires."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from cli.credentials import Credentials
from cli.faults import AWAY, FORBIDDEN, Fault
from cli.load.wire import Wire

RENEW = 0.75
"""Part of its life after which a token is renewed."""
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
OK, CLIENT_FAULT = 200, 500


class TokenAnswer(msgspec.Struct):
    """What the token door answers."""

    access_token: str
    expires_in: int


class Claims(msgspec.Struct):
    """What a token says of its client; it is the window that checks it."""

    party: str = ""


class Purse:
    """Tokens by client, as lines of a request's head."""

    def __init__(self, wire: Wire, clients: Iterable[Credentials]) -> None:
        self._wire = wire
        self._clients = {client.client_id: client for client in clients}
        self._tokens: dict[str, str] = {}
        self._life = 0
        self.turn = 0
        """Rises with every renewal: what was made of older tokens is to be made again."""

    async def fill(self) -> None:
        """A fresh token for every client; raises the fault that a person understands."""
        for client in self._clients.values():
            self._tokens[client.client_id] = await self._fresh(client)
        self.turn += 1

    async def keep_fresh(self) -> None:
        """Renew for ever; a window that does not answer now is asked again."""
        while True:
            await asyncio.sleep(self._life * RENEW)
            try:
                await self.fill()
            except Fault:
                self._life = max(4, self._life // 4)

    def authorization(self, client_id: str) -> str:
        """The line of a head that says who asks."""
        return f"Authorization: Bearer {self._tokens[client_id]}\r\n"

    def party(self, client_id: str) -> str:
        """The party that a client acts for, as its token says."""
        payload = self._tokens[client_id].split(".")[1]
        return msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Claims
        ).party

    async def _fresh(self, client: Credentials) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": client.secret,
        }
        answer = await self._wire.ask(
            self._wire.place.head("POST", "/oauth/token", FORM), urlencode(form).encode()
        )
        if answer.status != OK:
            code = FORBIDDEN if 0 < answer.status < CLIENT_FAULT else AWAY
            raise Fault(
                f"no token for {client.client_id}: status {answer.status}",
                "check --client, SW_CLIENT_ID and SW_CLIENT_SECRET, and that the window is up",
                code,
            )
        told = msgspec.json.decode(answer.body, type=TokenAnswer)
        self._life = told.expires_in
        return told.access_token
