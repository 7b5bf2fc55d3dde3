"""Money: accounts, ledgers and bills in a terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.gateway import Gateway, part
from cli.show import After, AsJson

OFFICER = "officer-tax"
BillNo = Annotated[str, typer.Argument(metavar="BILL", help="The bill's number.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="Items at the most.")]
bills = typer.Typer(no_args_is_help=True, help="Monthly tax bills: list, show, pay, receipt.")


class Status(StrEnum):
    """How a bill stands."""

    open = "OPEN"
    issued = "ISSUED"
    overdue = "OVERDUE"
    paid = "PAID"
    void = "VOID"


def account(
    party: Annotated[str, typer.Argument(help="Code of the guarantor.")],
    limit: Limit = 20,
    cursor: After = "",
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """A guarantee account and its ledger, newest first."""
    with Gateway.as_client(client, OFFICER) as gateway:
        stands = gateway.get(f"/v1/accounts/{part(party)}")
        ledger = gateway.get(f"/v1/accounts/{part(party)}/entries", limit=limit, cursor=cursor)
    if json:
        show.as_json({"account": stands, "ledger": ledger})
        return
    names = ("balance", "reserved", "due", "free", "unsecured", "refundable", "waiting")
    show.out.print(", ".join(f"{name} {stands[name]}" for name in names))
    columns = ("seq", "recorded_at", "kind", "debit", "credit", "amount", "reference")
    show.out.print(show.listed(columns, ledger["items"]))
    show.say_more(ledger)


@bills.command(name="list")
def list_bills(  # noqa: PLR0913, PLR0917 - a command has its options
    declarant: Annotated[str, typer.Option(help="Only this declarant's.")] = "",
    month: Annotated[str, typer.Option(help="Only of this month, e.g. 2025-11.")] = "",
    status: Annotated[Status | None, typer.Option(help="Only those that stand so.")] = None,
    limit: Limit = 20,
    cursor: After = "",
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Bills, newest month first."""
    wanted = {"declarant": declarant, "month": month, "status": status.value if status else ""}
    with Gateway.as_client(client, OFFICER) as gateway:
        page = gateway.get("/v1/bills", **wanted, limit=limit, cursor=cursor)
    if json:
        show.as_json(page)
        return
    if not page["items"]:
        show.out.print("no bills")
        return
    columns = ("bill_no", "status", "total", "secured", "declarations", "closes_at", "due_at")
    show.out.print(show.listed(columns, page["items"]))
    show.say_more(page)


@bills.command(name="show")
def show_bill(
    bill_no: BillNo, limit: Limit = 20, cursor: After = "", client: AsClient = "", json: AsJson = False
) -> None:
    """One bill, and the declarations on it."""
    with Gateway.as_client(client, OFFICER) as gateway:
        bill = gateway.get(f"/v1/bills/{part(bill_no)}", limit=limit, cursor=cursor)
    if json:
        show.as_json(bill)
        return
    taxes = ("customs_duty", "consumption_tax", "value_added_tax", "total")
    until = f"due {show.at(bill['due_at'])}" if bill["due_at"] else f"closes {show.at(bill['closes_at'])}"
    show.out.print(f"{escape(bill['bill_no'])}: {bill['status']}, {until}")
    show.out.print(", ".join(f"{name} {bill[name]}" for name in taxes))
    columns = ("declaration_id", "kind", *taxes)
    show.out.print(show.listed(columns, bill["items"]))
    show.say_more(bill)


@bills.command()
def pay(
    bill_no: BillNo,
    amount: Annotated[str, typer.Option(help="CNY: the bill's whole amount.")],
    reference: Annotated[str, typer.Option(help="The bank's reference.")],
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Enter a bank's advice that a bill is paid."""
    with Gateway.as_client(client, OFFICER) as gateway:
        body = {"amount": amount, "reference": reference}
        _receipt(gateway.post(f"/v1/bills/{part(bill_no)}/payments", body), json=json)


@bills.command()
def receipt(
    receipt_no: Annotated[str, typer.Argument(metavar="RECEIPT", help="The receipt's number.")],
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """The receipt of a payment."""
    with Gateway.as_client(client, OFFICER) as gateway:
        _receipt(gateway.get(f"/v1/receipts/{part(receipt_no)}"), json=json)


def _receipt(receipt: dict[str, Any], *, json: bool) -> None:
    if json:
        show.as_json(receipt)
        return
    show.out.print(
        f"{escape(receipt['receipt_no'])}: {receipt['amount']} for {escape(receipt['bill_no'])}, "
        f"{receipt['method']} {escape(receipt['reference'])}, {show.at(receipt['recorded_at'])}"
    )
