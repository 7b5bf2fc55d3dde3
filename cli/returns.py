"""Returns: released goods go back, from a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import NO, USAGE, Fault
from cli.gateway import Gateway, part
from cli.show import AsJson, word
from cli.submissions import FITTING
from shared.kernel.written import is_amount, is_count

PATIENCE = 15.0
"""Seconds for which clearance's answer is waited for."""
PAUSE = 0.3
COLUMNS = ("request", "state", "lines", f"back before ({show.ZONE})", "tax back", "quota back", "why not")


def return_goods(  # noqa: PLR0913, PLR0917 (a command is its options)
    declaration_id: Annotated[str, typer.Argument(metavar="ID", help="A released declaration.")],
    line: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            metavar="NO=QUANTITY",
            help="What goes back, e.g. 1=2; once a line. Without it: its returns.",
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; the parties read it.")] = "",
    key: Annotated[str, typer.Option(help="An Idempotency-Key: the same again changes nothing.")] = "",
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Return released goods, or show the returns.

    In whole or in part. Exit code 1 when it is refused.
    """
    with Gateway.as_client(client, FITTING) as gateway:
        if not line and (reason or key):
            raise Fault("a return needs its lines", "say which go back: --line 1=2", USAGE)
        if not line:
            _list(gateway, declaration_id, json)
            return
        if not reason:
            raise Fault("a return needs a reason", "say why with --reason", USAGE)
        body = {"lines": [read_line(each) for each in line], "reason": reason}
        headers = {"Idempotency-Key": key} if key else {}
        asked = gateway.post(f"/v1/declarations/{part(declaration_id)}/returns", body, **headers)
        answer = answered(gateway.get, asked)
    show.as_json(answer) if json else _tell(answer, declaration_id)
    if answer["state"] == "REFUSED":
        raise typer.Exit(NO)


def read_line(text: str) -> dict[str, Any]:
    """`1=2` as a line and its quantity."""
    number, _, quantity = text.partition("=")
    if not (is_count(number) and is_amount(quantity)):
        raise Fault(f"{text!r} is no line", "write the line's number and its quantity: --line 1=2", USAGE)
    return {"line_no": int(number), "quantity": quantity}


def answered(
    read: Callable[[str], Any], asked: dict[str, Any], sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """The request once clearance has answered, or as it stands when patience is over."""
    left = PATIENCE
    while asked["state"] == "PENDING" and left > 0:
        sleep(PAUSE)
        left -= PAUSE
        asked = read(asked["links"]["self"])
    return asked


def _tell(answer: dict[str, Any], declaration_id: str) -> None:
    show.out.print(f"return {escape(answer['request_id'])}: {word(answer['state'])}")
    if answer["state"] == "REFUSED":
        show.problem(answer, show.out)
    elif answer["back_by"]:
        show.out.print(f"  the goods are to be back on their site before {show.at(answer['back_by'])}")
    show.out.print(f"  see what becomes of it: ./sw return {escape(declaration_id)}")


def _list(gateway: Gateway, declaration_id: str, json: bool) -> None:
    page = gateway.get(f"/v1/declarations/{part(declaration_id)}/returns")
    if json:
        show.as_json(page)
        return
    show.out.print(show.table("", COLUMNS, [_row(item) for item in page["items"]]))
    for away in page["away"]:
        show.out.print(f"{escape(away)} is away: what it knows is missing here")


def _row(item: dict[str, Any]) -> Sequence[object]:
    refund = item["refund"] or {}
    lines = ", ".join(f"{line['line_no']}={line['quantity']}" for line in item["lines"])
    return (
        item["request_id"],
        word(item["state"]),
        lines,
        show.moment(item["back_by"]),
        refund.get("tax_total", ""),
        refund.get("quota_returned", ""),
        escape(": ".join(text for text in (item["code"], item["detail"]) if text)),
    )
