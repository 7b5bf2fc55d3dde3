"""Credentials: which client, and its secret.

`--client` names a client of the sandbox; SW_CLIENT_ID and SW_CLIENT_SECRET name any other; else each command
has a sandbox client that fits it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.faults import FORBIDDEN, Fault
from sandbox.parties import client_named, read_sandbox

AsClient = Annotated[
    str, typer.Option("--client", help="Sandbox client to act as (else SW_CLIENT_ID, else one that fits).")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A client id and its secret."""

    client_id: str
    secret: str


def credentials(chosen: str, fitting: str) -> Credentials:
    """The chosen client, that of the environment, or the one that fits."""
    given = os.environ.get("SW_CLIENT_ID", "")
    name = chosen or given or fitting
    secret = os.environ.get("SW_CLIENT_SECRET", "") if name == given else ""
    known = client_named(name)
    if not secret and known is None:
        raise Fault(
            f"there is no secret for the client {name!r}",
            f"set SW_CLIENT_ID and SW_CLIENT_SECRET, or choose one of {', '.join(_names())}",
            FORBIDDEN,
        )
    return Credentials(client_id=name, secret=secret or (known.secret if known else ""))


def _names() -> list[str]:
    return [client.client_id for client in read_sandbox().clients]
