"""Replay: what would another law have meant?

Reads past declarations through the window's REST, assesses each under the law in force and under the other, and
says who would pay more or less: as a table, and as a picture. Nothing in the window changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import NO, USAGE, Fault
from cli.gateway import Gateway
from cli.plot import bars
from cli.show import AsJson
from services.tax.law.book import BUNDLED, Law, read_jurisdiction, read_law
from services.tax.law.calendar import BrokenLaw, day_of
from services.tax.replay import (
    Compared,
    Past,
    Row,
    by_country,
    by_goods,
    changes,
    compare,
    midnight,
    split_groups,
)
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken

LawFolder = Annotated[
    Path, typer.Option("--law", help="Folder of the law in force.", exists=True, file_okay=False)
]
SHOWN = 20
MEND = "mend what it names; `./sw law check` names the same in a folder of law"


def replay(  # noqa: PLR0913, PLR0917 - a command has its options
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day of filing in China; else 30 days ago."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of filing in China; else today."),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="A changed copy of services/tax/data/cn.toml.", exists=True, dir_okay=False),
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Assess as if filed on this day.")
    ] = None,
    folder: LawFolder = BUNDLED,
    plot: Annotated[Path, typer.Option(help="Where the picture goes.")] = Path("replay.svg"),
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Assess past declarations under another law.

    Says who would pay more or less, by goods and country, as a table and a picture.
    """
    if rules is None and as_of is None:
        raise Fault("there is nothing to compare with", "give --rules FILE or --as-of DATE", USAGE)
    if as_of is not None and as_of.date() > datetime.now(UTC).date():
        raise Fault(f"the law of {as_of:%Y-%m-%d} may still change", "name today or a day before it", USAGE)
    law = _law(folder)
    other = law if rules is None else _other(law, rules, folder)
    first, last = _period(since, until)
    with Gateway.as_client(client, "officer-tax") as gateway:
        facts = list(past_declarations(gateway, first, last))
    if not facts:
        raise Fault("no declarations were filed in those days", "choose other days", NO)
    compared = compare(facts, law, other, as_of.date() if as_of else None)
    what = rules.name if rules else f"as of {as_of:%Y-%m-%d}"
    _show(compared, law, (f"{what}: filed {first} to {last}, CNY", plot), json)


def _show(compared: list[Compared], law: Law, picture: tuple[str, Path], json: bool) -> None:
    """The table and the picture."""
    goods, countries = by_goods(compared, law), by_country(compared)
    panels = [("by goods", _bars(goods)), ("by country of origin", _bars(countries))]
    picture[1].write_text(bars(picture[0], panels), encoding="utf-8")
    if json:
        show.as_json({"changes": changes(compared), "goods": goods, "countries": countries})
        return
    _print(compared, goods, countries)
    split = split_groups(compared, law)
    show.out.print(f"split orders (one buyer, seller and day, beyond the order limit together): {split}")
    show.out.print(f"picture: {escape(str(picture[1]))}")


def _period(since: datetime | None, until: datetime | None) -> tuple[date, date]:
    last = until.date() if until else day_of(datetime.now(UTC))
    return (since.date() if since else last - timedelta(days=30)), last


def _law(folder: Path) -> Law:
    try:
        return read_law(folder)
    except BrokenLaw as broken:
        raise Fault(str(broken), MEND) from broken


def _other(law: Law, rules: Path, tables: Path) -> Law:
    try:
        return law.with_jurisdiction(read_jurisdiction(rules, tables))
    except BrokenLaw as broken:
        raise Fault(str(broken), MEND) from broken


def past_declarations(gateway: Gateway, since: date, until: date) -> Iterator[Past]:
    """What was filed in those days (China), newest first; each is read by itself."""
    day_after = midnight(until + timedelta(days=1)).isoformat()
    cursor = ""
    while True:
        page = gateway.get(
            "/v1/declarations",
            filed_from=midnight(since).isoformat(),
            filed_to=day_after,
            cursor=cursor,
            limit=100,
        )
        for item in page["items"]:
            yield past_of(gateway.get(f"/v1/declarations/{item['declaration_id']}"))
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return


def past_of(document: Mapping[str, Any]) -> Past:
    """What tax would have read of a declaration. Refused by tax itself is not an end from outside."""
    filed = document["submission"]
    order, lst = filed["order"], filed["list"]
    ended = document["status"] == "CANCELLED" or (
        document["status"] == "REFUSED"
        and not str(document.get("code", "")).startswith(("E-LIMIT", "E-TAX", "E-LAW", "E-LIST"))
    )
    return Past(
        declaration_id=document["declaration_id"],
        filed_at=datetime.fromisoformat(document["filed_at"]),
        buyer=buyer_of(order["buyer"]),
        seller=order["seller_code"],
        goods_value=Decimal(order["goods_value"]),
        freight=Decimal(lst["freight"]),
        insurance=Decimal(lst["insurance"]),
        lines=tuple(msgspec.convert(line, GoodsLine, strict=False) for line in lst["lines"]),
        ended_without_permit=ended,
    )


def buyer_of(person: Mapping[str, Any]) -> BuyerToken:
    """Who ordered. Identity numbers are shown masked, so name and telephone tell people apart beside them."""
    return BuyerToken(" ".join(str(person[name]) for name in ("id_number", "name", "telephone")))


def _bars(rows: list[Row]) -> list[tuple[str, Decimal]]:
    return [(row.name, row.difference) for row in rows if row.difference]


def _print(compared: list[Compared], goods: list[Row], countries: list[Row]) -> None:
    counted = [(name, number) for name, number in changes(compared).items() if number]
    show.out.print(show.table("", ("declarations", str(len(compared))), counted))
    columns = ("lines", "tax before", "tax after", "difference")
    for name, rows in (("goods", goods), ("country of origin", countries)):
        cells = [(row.name, row.lines, row.before, row.after, f"{row.difference:+}") for row in rows[:SHOWN]]
        total = [
            sum((getattr(row, part) for row in rows), Decimal(0))
            for part in ("before", "after", "difference")
        ]
        last = ("all", sum(row.lines for row in rows), total[0], total[1], f"{total[2]:+}")
        show.out.print(show.table("", (name, *columns), [*cells, last]))
