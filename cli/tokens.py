"""Tokens: one to paste into a call."""

from __future__ import annotations

from cli import show
from cli.credentials import AsClient
from cli.gateway import Gateway
from cli.show import AsJson


def token(client: AsClient = "", json: AsJson = False) -> None:
    """Print a token. It is platform01's, without --client: `curl -H "Authorization: Bearer $(./sw token)"`."""
    with Gateway.as_client(client, "platform01") as gateway:
        answer = gateway.token()
    show.as_json(answer) if json else show.out.print(answer["access_token"], markup=False)
