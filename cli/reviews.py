"""Reviews: an officer's desk in a terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import NO, USAGE, Fault
from cli.gateway import Gateway, part
from cli.show import After, AsJson


class Agency(StrEnum):
    """Whose desk."""

    customs = "customs"
    tax = "tax"
    quarantine = "quarantine"
    logistics = "logistics"
    clearance = "clearance"


class Verdict(StrEnum):
    """What an officer may say."""

    accept = "pass"
    refuse = "refuse"


WhichAgency = Annotated[Agency, typer.Argument(help="Whose queue.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The declaration's id.")]
app = typer.Typer(no_args_is_help=True, help="Work that waits for an officer: list, claim, decide.")


def officer(agency: Agency, client: str) -> Gateway:
    """The gateway as an officer of an agency."""
    return Gateway.as_client(client, f"officer-{agency.value}")


@app.command(name="list")
def list_reviews(  # noqa: PLR0913, PLR0917 - a command has its options
    agency: WhichAgency,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Items at the most.")] = 20,
    code: Annotated[str, typer.Option(help="Only items of this reason code.")] = "",
    cursor: After = "",
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """The queue, most urgent first."""
    with officer(agency, client) as gateway:
        page = gateway.get(f"/v1/reviews/{agency.value}", limit=limit, code=code, cursor=cursor)
    if json:
        show.as_json(page)
        return
    names = ("declaration_id", "version", "code", "reason", "due_at", "lease_no", "officer")
    if not page["items"]:
        show.out.print(f"nothing waits for {agency.value}")
        return
    show.out.print(show.listed(names, page["items"]))
    show.out.print(f"decide one: ./sw reviews decide {agency.value} ID pass --version N --reason '...'")
    show.say_more(page)


@app.command()
def claim(agency: WhichAgency, declaration_id: Id, client: AsClient = "", json: AsJson = False) -> None:
    """Take an item for a quarter of an hour; the lease number goes with the decision."""
    with officer(agency, client) as gateway:
        item = gateway.post(f"/v1/reviews/{agency.value}/{part(declaration_id)}/claim")
    if json:
        show.as_json(item)
        return
    show.out.print(
        f"yours until {show.at(item['lease_until'])}: {escape(item['code'])}, {escape(item['reason'])}"
    )
    show.out.print(
        f"  ./sw reviews decide {agency.value} {declaration_id} pass --reason '...' "
        f"--version {item['version']} --lease {item['lease_no']}"
    )


def must_be(version: int, item: dict[str, Any]) -> None:
    """Who has examined one version does not decide another."""
    if item["version"] != version:
        said = f"version {version} does not wait any more: version {item['version']} does"
        raise Fault(said, "look at that one: it is claimed for you", NO)


@app.command()
def decide(  # noqa: PLR0913, PLR0917 - a command has its options
    agency: WhichAgency,
    declaration_id: Id,
    verdict: Annotated[Verdict, typer.Argument(help="pass or refuse.")],
    reason: Annotated[str, typer.Option(help="Why; it becomes part of the record.")],
    version: Annotated[int, typer.Option(help="The version to decide; 0 takes the one that waits.")] = 0,
    lease: Annotated[int, typer.Option(help="The lease number of the claim; 0 claims afresh.")] = 0,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Decide an item, with a reason. Without --lease it is claimed first; with --version only that one is decided."""
    if lease and not version:
        raise Fault("--lease without --version", "give both, as the claim told them, or neither", USAGE)
    path = f"/v1/reviews/{agency.value}/{part(declaration_id)}"
    with officer(agency, client) as gateway:
        if not lease:
            item = gateway.post(f"{path}/claim")
            must_be(version or item["version"], item)
            version, lease = item["version"], item["lease_no"]
        order = {"version": version, "lease_no": lease, "verdict": verdict.value, "reason": reason}
        answer = gateway.post(f"{path}/decision", order)
    if json:
        show.as_json(answer)
        return
    show.out.print(f"decided: {verdict.value}. See `./sw watch {declaration_id}`")
