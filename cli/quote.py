"""Quote: what would it cost, in a terminal."""

from __future__ import annotations

import json as js
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import USAGE, Fault
from cli.gateway import Gateway
from cli.show import AsJson
from services.tax.quotes.asked import EXAMPLE

PAPERS = ("quarantine's rule", "lines", "what follows", "what to do")
COLUMNS = ("country", "channel", "tax", "landed cost", "", "rule set", "why")


def quote(
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]", help="A question as JSON; - reads it here; without it, the example."
        ),
    ] = "",
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """What goods cost in every channel.

    Of the countries asked for, side by side. Nothing is stored.
    """
    with Gateway.as_client(client, "officer-tax") as gateway:
        answer = gateway.post("/v1/quotes", _question(file))
    if json:
        show.as_json(answer)
        return
    show.out.print(show.table("", COLUMNS, [_row(offer) for offer in answer["offers"]]))
    show.out.print(escape(answer["certificates"]))
    if asked := answer["requirements"]:
        show.out.print(show.table("", PAPERS, [_requirement(each) for each in asked]))


def _requirement(asked: dict[str, Any]) -> tuple[object, ...]:
    sure, perhaps = (", ".join(map(str, asked[name])) for name in ("line_nos", "perhaps_line_nos"))
    lines = ", ".join(filter(None, (sure, f"perhaps {perhaps}" if perhaps else "")))
    return (asked["rule"], lines, escape(asked["detail"]), escape(asked["fix"]))


def _question(file: str) -> Any:
    if not file:
        return EXAMPLE
    try:
        return js.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8"))
    except ValueError as error:
        fix = "POST /v1/quotes at /docs shows an example"
        raise Fault(f"{file} cannot be read as JSON: {error}", fix, USAGE) from error


def _row(offer: dict[str, Any]) -> tuple[object, ...]:
    best = "[green]cheapest[/]" if offer["cheapest"] else "" if offer["open"] else "[red]closed[/]"
    tax, landed = (
        f"{offer[name]} {offer['currency']}" if offer[name] is not None else ""
        for name in ("tax_total", "landed_cost")
    )
    return (
        offer["country"],
        offer["channel"],
        tax,
        landed,
        best,
        offer["rule_set"]["name"],
        escape(offer["why"]),
    )
