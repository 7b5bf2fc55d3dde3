"""Audit: look at every database and topic.

Exit codes of this command: 0 all adds up; 1 something does not; 2 it could not look. It finds the window that `up`
runs here by itself; other addresses come from the environment (docs/settings.md).
"""

from __future__ import annotations

import asyncio
import json as documents
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from audit import auditor
from audit.report import Report, shown
from audit.where import SERVICES, CouldNotLook, where_from
from cli import show
from cli.faults import NO, USAGE, Fault
from deploy.local.paths import Root, run_root
from deploy.local.postgres import Postgres


def audit(
    acknowledged: Annotated[
        Path | None,
        typer.Option(
            help="Declaration ids that callers were promised, one a line: each must be stored once."
        ),
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write the report here as JSON (- is standard output).")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report here as Markdown.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Look again for so many seconds, until what is under way is settled.")
    ] = 30.0,
) -> None:
    """Check that all databases and topics add up."""
    promised = _readable(acknowledged)
    _must_be_writable(json, markdown)
    try:
        where = where_from(os.environ, *running_here(run_root()))
        report = asyncio.run(auditor.audit(where, acknowledged=promised, wait=wait, progress=_progress))
    except UnicodeDecodeError as error:
        raise Fault(
            f"{acknowledged} is no text in UTF-8", "name a file with one declaration id a line", USAGE
        ) from error
    except (CouldNotLook, OSError) as error:
        raise Fault(f"could not look: {error}", "see `./sw doctor`", USAGE) from None
    _write(json, report.as_json().decode())
    _write(markdown, report.as_markdown())
    is_piped = "-" in (str(json), str(markdown))
    say(report, show.err if is_piped else show.out)
    if not report.is_clean:
        raise typer.Exit(NO)


def running_here(folder: Path) -> tuple[dict[str, str], str]:
    """Databases and broker of the stack that runs from a folder; nothing where none has run."""
    root = Root(folder.resolve())
    try:
        ports = documents.loads(root.ports.read_text())
    except (OSError, ValueError):
        return {}, ""
    postgres = Postgres(root, ports["postgres"])
    databases = {service: postgres.database(service).url for service in SERVICES}
    return databases, f"127.0.0.1:{ports['kafka']}"


def _readable(acknowledged: Path | None) -> Path | tuple[()]:
    """The file of promised ids, opened once before anybody is asked: the audit itself reads it late."""
    if acknowledged is None:
        return ()
    with acknowledged.open("rb"):
        return acknowledged


def _must_be_writable(*paths: Path | None) -> None:
    """Each is opened before anybody is asked, and left as it was: no report should be lost for its place."""
    for path in paths:
        if path is not None and str(path) != "-":
            was_there = path.exists()
            with path.open("ab"):
                pass
            None if was_there else path.unlink()


def say(report: Report, out: Console) -> None:
    """Counts, breaches and the verdict, for people; not among the document where that goes to standard output."""
    rows = [(escape(name), shown(number)) for name, number in report.counts.items()]
    show.err.print(show.table("", ("what", "count"), rows))
    for invariant, total in report.totals.items():
        out.print(f"[red]{invariant}[/]: {total}")
        for line in report.lines_of(invariant):
            out.print(f"  {escape(line)}")
    verdict = "all adds up" if report.is_clean else f"{sum(report.totals.values())} breaches"
    out.print(f"{verdict}, {report.seconds:.1f} s")


def _progress(text: str) -> None:
    show.err.print(text, markup=False)


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    if str(path) == "-":
        sys.stdout.write(f"{text}\n")
    else:
        path.write_text(text, encoding="utf-8")
