"""Parked: events that a service set aside.

An event that cannot be handled is held with its cause; what follows it for the same declaration waits behind it.
Release tries it again, drop gives it up. `resay` has a service say a period of its facts again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from cli import show
from cli.credentials import AsClient
from cli.faults import USAGE, Fault
from cli.gateway import Gateway, part
from cli.show import AsJson


class Service(StrEnum):
    """Whose events."""

    registry = "registry"
    portal = "portal"
    declaration = "declaration"
    tax = "tax"
    quarantine = "quarantine"
    logistics = "logistics"
    clearance = "clearance"


class Source(StrEnum):
    """Who says events."""

    registry = "registry"
    declaration = "declaration"
    tax = "tax"
    quarantine = "quarantine"
    logistics = "logistics"
    clearance = "clearance"


class State(StrEnum):
    """Parked for a cause, or early behind a gap."""

    parked = "parked"
    early = "early"


OPERATOR = "operator"
WhichService = Annotated[Service, typer.Argument(help="The service that set it aside.")]
Subject = Annotated[
    str, typer.Argument(help="What it is about: a declaration's id (of registry, a party's code).")
]
WhichSource = Annotated[
    Source, typer.Argument(help="The service that said the event, as `sw parked list` names it.")
]
Seq = Annotated[int, typer.Argument(min=0, help="Its number.")]
app = typer.Typer(no_args_is_help=True, help="Events set aside: list, show, release, drop.")


@app.command(name="list")
def list_parked(
    service: WhichService,
    state: Annotated[State, typer.Option(help="early ones only wait for a gap to fill.")] = State.parked,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """What a service holds aside, oldest first."""
    with Gateway.as_client(client, OPERATOR) as gateway:
        rows = gateway.get(f"/v1/operations/{service.value}/parked", state=state.value, limit=limit)
    if json:
        show.as_json(rows)
        return
    if not rows:
        show.out.print(f"{service.value} holds nothing {state.value}")
        return
    names = [name for name in rows[0] if name != "body"]
    show.out.print(show.listed(names, rows))


@app.command(name="show")
def show_parked(  # noqa: PLR0913, PLR0917 - a command has its options
    service: WhichService,
    subject: Subject,
    source: WhichSource,
    seq: Seq,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """One event, with its cause and body."""
    with Gateway.as_client(client, OPERATOR) as gateway:
        row = gateway.get(_path(service, subject, source, seq))
    if json:
        show.as_json(row)
        return
    show.out.print(
        show.table("", ("event", ""), ((show.heading(name), show.cell(row, name)) for name in row))
    )


@app.command()
def release(  # noqa: PLR0913, PLR0917 - a command has its options
    service: WhichService,
    subject: Subject,
    source: WhichSource,
    seq: Seq,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Try an event again, and what waits behind it."""
    with Gateway.as_client(client, OPERATOR) as gateway:
        answer = gateway.post(f"{_path(service, subject, source, seq)}/release")
    show.as_json(answer) if json else show.out.print("released: it is tried again now")


@app.command()
def drop(  # noqa: PLR0913, PLR0917 - a command has its options
    service: WhichService,
    subject: Subject,
    source: WhichSource,
    seq: Seq,
    reason: Annotated[str, typer.Option(help="Why; it is written down.")],
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Give an event up for good; what waits behind it goes on."""
    with Gateway.as_client(client, OPERATOR) as gateway:
        answer = gateway.post(f"{_path(service, subject, source, seq)}/drop", {"reason": reason})
    show.as_json(answer) if json else show.out.print("dropped: what waited behind it goes on")


def resay(
    service: Annotated[Source, typer.Argument(help="The service that is to say its events again.")],
    since: Annotated[str, typer.Option("--from", help="First moment, e.g. 2026-01-31T08:00 (UTC).")],
    until: Annotated[str, typer.Option("--to", help="Last moment (UTC).")],
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Have a service say a period again. It rebuilds topics, and changes nothing that was heard."""
    period = {"since": as_moment(since), "until": as_moment(until)}
    with Gateway.as_client(client, OPERATOR) as gateway:
        answer = gateway.post(f"/v1/operations/{service.value}/resay", period)
    show.as_json(answer) if json else show.out.print(
        f"{service.value} says it again, from {since} to {until}"
    )


def as_moment(text: str) -> str:
    """A moment as RFC 3339; without an offset it is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(f"{text!r} is no moment", "write it like 2026-01-31T08:00", USAGE) from error
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _path(service: Service, subject: str, source: Source, seq: int) -> str:
    return f"/v1/operations/{service.value}/parked/{part(subject)}/{source.value}/{seq}"
