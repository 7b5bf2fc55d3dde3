"""Submissions: file them, or make one to try.

`submit` takes one JSON document or many, one a line; `example` prints one that every rule passes.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import NO, USAGE, Fault
from cli.gateway import Gateway, Refused
from cli.show import AsJson
from sandbox.importer import Filing, Run, filing_of
from sandbox.real import RealLine, RealOrder

FITTING = "platform01"
EXAMPLE_PLACES = range(40_000_000, 90_000_000)
"""Waybill serials of examples: above any run's."""


def submit(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="One JSON document, or NDJSON; - is standard input.")
    ],
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """File a declaration, or many. Exit code 1 when one of them is refused at the door."""
    documents = split(read_input(file))
    answers: list[dict[str, Any]] = []
    with Gateway.as_client(client, FITTING) as gateway:
        try:
            for answer in file_all(gateway, documents):
                answers.append(answer)
                None if json else _show(answer)
        finally:  # what was filed is told, also when a later line ends it
            if json and answers:
                show.as_json(answers[0] if len(documents) == 1 else answers)
    if any(answer["status"] >= 400 for answer in answers):
        raise typer.Exit(NO)


def example(json: AsJson = False) -> None:  # noqa: ARG001 - every command has it; this one prints nothing else
    """Print a submission to try. Its numbers are fresh and it passes everywhere: pipe it into `submit -`."""
    body = msgspec.json.format(an_example(datetime.now(UTC), secrets.token_hex(4)).body, indent=2)
    sys.stdout.write(body.decode() + "\n")


def an_example(now: datetime, mark: str) -> Filing:
    """A filing of two articles bought yesterday; the same mark, the same filing."""
    lines = (
        RealLine(sku="MUG-1", description="PORCELAIN MUG WITH HEART", quantity=2, unit_price=Decimal("4.25")),
        RealLine(sku="LAN-7", description="WHITE METAL LANTERN", quantity=1, unit_price=Decimal("3.39")),
    )
    order = RealOrder(
        order_no=f"EXAMPLE-{mark}",
        placed_at=(now - timedelta(days=1)).replace(microsecond=0),
        customer=f"example {mark}",
        country="United Kingdom",
        currency="GBP",
        lines=lines,
    )
    place = EXAMPLE_PLACES[int.from_bytes(mark.encode(), "big") % len(EXAMPLE_PLACES)]
    tries = (filing_of(order, place, Run(seed=f"{mark}-{attempt}", now=now)) for attempt in range(1000))
    return next(filing for filing in tries if _passes_everywhere(filing))


def _passes_everywhere(filing: Filing) -> bool:
    submission = filing.submission
    return submission.arrival == "pre_arrival" and submission.list.guarantor_code == "PLATFORM01"


def read_input(file: str) -> bytes:
    """The bytes of a file, or of standard input."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Fault(
            f"{file} cannot be read: {error.strerror}", "give a file, or - for standard input", USAGE
        ) from error


class Document(NamedTuple):
    """What is filed, and the line it stands in; 0 where it is the whole input."""

    line: int
    text: bytes


def split(raw: bytes) -> list[Document]:
    """The documents of an input: the whole if it is one JSON document, else its lines."""
    if not raw.strip():
        raise Fault("there is nothing to submit", "see `./sw example`", USAGE)
    lines = [Document(number, text) for number, text in enumerate(raw.splitlines(), 1) if text.strip()]
    whole = [Document(0, raw)]
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return lines if len(lines) > 1 and lines[0].text.rstrip().endswith(b"}") else whole
    return whole


def file_all(gateway: Gateway, documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """The answers in turn, each with its line where there are several; a fault names the line it ended at."""
    for line, text in documents:
        try:
            answer = file_one(gateway, text)
        except Fault as fault:
            if not line:
                raise
            raise Fault(f"line {line}: {fault.message}", fault.fix, fault.code) from fault
        yield {"line": line, **answer} if line else answer


def file_one(gateway: Gateway, document: bytes) -> dict[str, Any]:
    """File a document as it is; its answer with `status`, whatever it says."""
    headers = {"Content-Type": "application/json"}
    answer = gateway.ask("POST", "/v1/declarations", headers, content=document)
    try:
        body = answer.json()
    except ValueError:
        body = {"detail": "the answer is no JSON"}
    if answer.status_code in (401, 403, 429) or answer.status_code >= 500:
        raise Refused(answer.status_code, body)
    return {**body, "status": answer.status_code}


def _show(answer: dict[str, Any]) -> None:
    if answer["status"] >= 400:
        if "line" in answer:
            show.out.print(f"line {answer['line']}:", end=" ")
        show.problem(answer, show.out)
        return
    declaration_id = escape(str(answer.get("declaration_id", "")))
    again = " (filed before: the same content, the same answer)" if answer.get("replayed") else ""
    show.out.print(f"[green]filed[/] {declaration_id}{again}")
    show.out.print(f"  see what becomes of it: ./sw watch {declaration_id}")
