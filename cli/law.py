"""Law: check a folder of rules, bring in a real tariff.

`check` reads a folder as the tax service does at its start. `tariff` makes a table of the house out of what a
customs house publishes: all of it, or none, with the line of the first fault. Nothing is put in force here: a folder
is, when TAX_LAW_DIR names it.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer
from rich.markup import escape

from cli import show
from cli.faults import NO, Fault
from services.tax.law.book import BUNDLED
from services.tax.law.calendar import BrokenLaw
from services.tax.law.force import at_a_start
from services.tax.law.tariff import TariffLine, read_tariff

app = typer.Typer(no_args_is_help=True, help="Rules of tax: check a folder, bring in a tariff.")
COLUMNS = tuple(field.name for field in fields(TariffLine))
RATES = ("duty", "consumption")
ALWAYS = {"goods": "", "vat": "standard", "confidence": "medium"}
_LINE = re.compile(r"(?<=\bline )\d+")
Pair = list[str]


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(help="A folder like services/tax/data.", exists=True, file_okay=False)
    ] = BUNDLED,
) -> None:
    """Read a folder of law whole; say what is in it, or what is wrong: in which line, or with which past."""
    try:
        law = at_a_start(folder, datetime.now(UTC))
    except BrokenLaw as broken:
        reason = f"E-LAW-BROKEN: {broken}"
        raise Fault(reason, "mend it; until then none of the folder comes into force", NO) from broken
    rows = [
        (rules.name, rules.channel, rules.valid_from, rules.valid_to or "open", rules.confidence)
        for rules in law.rule_sets
    ]
    show.out.print(show.table("", ("rule set", "channel", "from", "to", "confidence"), rows))
    show.out.print(f"rates of exchange: {law.exchange.span()}; law {law.digest}")


@app.command()
def tariff(  # noqa: PLR0913, PLR0917 - a command has its options
    source: Annotated[
        Path,
        typer.Argument(help="CSV, UTF-8, the first line names its columns.", exists=True, dir_okay=False),
    ],
    name: Annotated[str, typer.Option(help="Name of the table, e.g. tariff-cn-2026.")],
    into: Annotated[
        Path, typer.Option(help="Folder of law that it goes into.", exists=True, file_okay=False)
    ],
    column: Annotated[
        Pair | None, typer.Option(help="OURS=THEIRS, e.g. hs_prefix='HS code'; else the same name.")
    ] = None,
    fill: Annotated[
        Pair | None, typer.Option(help="OURS=VALUE for every line, e.g. valid_from=2026-01-01.")
    ] = None,
    percent: Annotated[bool, typer.Option("--percent", help="Rates there are per cent: 6.5, 6.5%.")] = False,
) -> None:
    """Bring in a tariff: every line, or none."""
    theirs = {ours: ours for ours in COLUMNS} | _pairs(column)
    constants = ALWAYS | {"source": source.name} | _pairs(fill)
    lines = list(_lines(source, theirs, constants, percent))
    with tempfile.TemporaryDirectory(prefix=".", dir=into) as aside:  # a running service looks at files alone
        draft = Path(aside) / f"{name}.csv"
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(line for _, line in lines)
        try:
            table = read_tariff(draft)
        except BrokenLaw as broken:
            theirs_at = {ours: number for ours, (number, _) in enumerate(lines, start=2)}
            reason = str(broken).replace(draft.name, source.name)
            raise _nothing_written(_LINE.sub(lambda at: _as_in(theirs_at, at), reason)) from broken
        draft.replace(into / draft.name)
    show.out.print(f"{len(lines)} lines of {len(table.lines)} codes in {escape(str(into / draft.name))}")
    command = f"./sw law check {quote(str(into))}"
    show.out.print(escape(f'next: tariff = "{name}" in the jurisdiction\'s file of {into}, then `{command}`'))


def _pairs(given: Pair | None) -> dict[str, str]:
    found = {}
    for pair in given or []:
        ours, there, value = pair.partition("=")
        if not there or ours not in COLUMNS:
            raise Fault(f"{pair!r} is no OURS=VALUE", f"ours are {', '.join(COLUMNS)}")
        found[ours] = value
    return found


def _as_in(theirs_at: Mapping[int, int], ours: re.Match[str]) -> str:
    """A line of the draft, which has one for each record, as the line of the source."""
    number = int(ours[0])
    return str(theirs_at.get(number, number))


def _lines(
    source: Path, theirs: dict[str, str], constants: dict[str, str], percent: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record, with the line that it ends in."""
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            present = {ours: name for ours, name in theirs.items() if name in (rows.fieldnames or ())}
            absent = {"hs_prefix", "valid_from", "duty"} - present.keys() - constants.keys()
            if absent:
                raise Fault(
                    f"{source.name} has no column for {', '.join(sorted(absent))}",
                    f"--column OURS=THEIRS or --fill OURS=VALUE; it has {', '.join(rows.fieldnames or ())}",
                )
            for row in rows:
                taken = {ours: " ".join((row[name] or "").split()) for ours, name in present.items()}
                line = dict.fromkeys(COLUMNS, "") | constants | taken
                yield rows.line_num, _tidy(line, f"{source.name}, line {rows.line_num}", percent)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Fault(f"{source}: {error}", "give a CSV file in UTF-8") from error


def _tidy(line: dict[str, str], place: str, percent: bool) -> dict[str, str]:
    """Codes without points and blanks; rates as parts of 1. A rate that is no number is a fault, never a guess."""
    line["hs_prefix"] = line["hs_prefix"].replace(".", "").replace(" ", "")
    for name in RATES:
        text = line[name].removesuffix("%").strip()
        if percent and text:
            try:
                line[name] = f"{Decimal(text) / 100:f}"
            except InvalidOperation:
                raise _nothing_written(f"{place}, {name}: {line[name]!r} is no rate") from None
    return line


def _nothing_written(reason: str) -> Fault:
    return Fault(reason, "mend it there; nothing is written", NO)
