"""Watch: the pipeline, or one declaration, live."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.gateway import Gateway
from cli.show import AsJson, word

Once = Annotated[bool, typer.Option("--once", help="Show it once, instead of until it is settled or Ctrl-C.")]
COUNTS = ("filed", "open", "permit", "refused", "cancelled", "superseded", "revoked")
SETTLED = frozenset({"PERMIT", "PERMITTED", "REFUSED", "CANCELLED"})


def watch(
    declaration_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="A declaration; without it, the whole window.")
    ] = "",
    once: Once = False,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between looks.")] = 1.0,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Watch the window, or one declaration until it is settled. With --json one look, printed."""
    with Gateway.as_client(client, "operator") as gateway:
        path = f"/v1/clearance/{declaration_id}" if declaration_id else "/v1/clearance"
        if json:
            show.as_json(gateway.get(path))
            return
        picture = picture_of_one if declaration_id else picture_of_all
        _follow(lambda: gateway.get(path), picture, every=0.0 if once else every)


def _follow(look: Callable[[], Any], picture: Callable[[Any], RenderableType], *, every: float) -> None:
    seen = look()
    if not every or seen.get("status") in SETTLED:
        show.out.print(picture(seen))
        return
    with Live(picture(seen), console=show.out, auto_refresh=False) as live:
        while seen.get("status") not in SETTLED:
            time.sleep(every)
            seen = look()
            live.update(picture(seen), refresh=True)


def picture_of_one(seen: dict[str, Any]) -> RenderableType:
    """A declaration: where it stands, and its gates."""
    head = f"{escape(str(seen.get('declaration_id')))} version {seen.get('version')}: {word(str(seen.get('status')))}"
    permit = f" {escape(str(seen['permit_no']))}" if seen.get("permit_no") else ""
    return Group(head + permit, show.gates(seen.get("gates", ())))


def picture_of_all(seen: dict[str, Any]) -> RenderableType:
    """The window: how many declarations stand where."""
    held = [(f"held by {agency}", count) for agency, count in (seen.get("held") or {}).items() if count]
    return show.table("", ("declarations", ""), [*((name, seen.get(name, 0)) for name in COUNTS), *held])
