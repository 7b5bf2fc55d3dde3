"""Show: for people, or as JSON.

Results go to standard output, remarks and faults to standard error, so that output can be piped.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table

for closed in (name for name in ("stdout", "stderr") if getattr(sys, name) is None):
    setattr(sys, closed, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as the other

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
After = Annotated[str, typer.Option("--cursor", help="Where the page before ended, as it says itself.")]
PIPED = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140
"""Columns when nobody looks: a log has room."""
out = Console(highlight=False, soft_wrap=True, width=PIPED)
err = Console(stderr=True, highlight=False, soft_wrap=True, width=PIPED)

GATE, ROOMY = ("agency", "status", "since", "code", "reason", "awaits", "due_at"), 120
"""What is shown of a gate, and the columns that it takes to show it all."""
ZONE = "UTC"
"""Of every moment that is shown."""
COLOURS = {
    "PERMITTED": "green",
    "PASSED": "green",
    "NOT_REQUIRED": "green",
    "SUBMITTED": "cyan",
    "HELD": "yellow",
    "PENDING": "cyan",
    "REFUSED": "red",
    "CANCELLED": "magenta",
    "REVOKED": "red",
    "ADMITTED": "cyan",
    "COMPLETED": "green",
    "LAPSED": "yellow",
}


@contextmanager
def whole_output() -> Iterator[None]:
    """Standard output is written out when this ends, so that an error is met here and not after all has been said."""
    try:
        yield
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            _drop_the_rest()
            raise


def _drop_the_rest() -> None:
    """The interpreter writes out once more when it ends: let that go nowhere, or it fails again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def as_json(thing: Any) -> None:
    """A thing as indented JSON, written out at once: the command may stay."""
    sys.stdout.write(json.dumps(msgspec.to_builtins(thing), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def live(picture: RenderableType) -> Iterator[Callable[[RenderableType], None]]:
    """A picture that is drawn anew at a terminal; into a file or pipe it is written again when it has changed."""
    if out.is_terminal:
        with Live(picture, console=out, auto_refresh=False) as shown:
            yield lambda newer: shown.update(newer, refresh=True)
        return
    last = ""

    def write(newer: RenderableType) -> None:
        nonlocal last
        with out.capture() as caught:
            out.print(newer)
        if caught.get() != last:
            last = caught.get()
            sys.stdout.write(last)
            sys.stdout.flush()

    write(picture)
    yield write


def word(status: str) -> str:
    """A status in its colour."""
    colour = COLOURS.get(status.upper())
    return f"[{colour}]{escape(status)}[/]" if colour else escape(status)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A plain table; empty cells for what is absent."""
    made = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def gates(gates_: Iterable[Mapping[str, Any]]) -> Table:
    """The gates of a declaration; a narrow terminal has no room for their moments."""
    names = [name for name in GATE if out.width >= ROOMY or not _is_moment(name)]
    rows = (
        [word(str(gate.get(name) or "")) if name == "status" else cell(gate, name) for name in names]
        for gate in gates_
    )
    return table("", [heading(name) for name in names], rows)


def problem(document: Mapping[str, Any], to: Console = err) -> None:
    """A problem document: what, why, and every fault with its place, rule and fix."""
    to.print(
        f"[red]{escape(str(document.get('code', 'refused')))}[/] {escape(str(document.get('detail', '')))}"
    )
    faults = document.get("errors") or ()
    if faults:
        rows = (
            tuple(escape(str(fault.get(name, ""))) for name in ("pointer", "code", "rule", "detail", "fix"))
            for fault in faults
        )
        to.print(table("", ("where", "code", "rule", "what is wrong", "what to do"), rows))
    elif document.get("fix"):
        to.print(f"  {escape(str(document['fix']))}")
    hidden = int(document.get("error_count") or 0) - len(faults)
    if hidden > 0:
        to.print(f"  and {hidden} more")


def moment(value: object) -> str:
    """A moment without its fraction, in UTC; what is none stays as it is. Who shows it names the zone."""
    try:
        told = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return escape(str(value or ""))
    return f"{(told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def at(value: object) -> str:
    """A moment within a sentence, with its zone."""
    return f"{moment(value)} {ZONE}"


def listed(names: Sequence[str], items: Iterable[Mapping[str, Any]]) -> Table:
    """Documents as a table of some of their fields."""
    return table(
        "", [heading(name) for name in names], ([cell(item, name) for name in names] for item in items)
    )


def heading(name: str) -> str:
    """What a field is called in a table: moments with their zone."""
    return f"{name} ({ZONE})" if _is_moment(name) else name


def cell(item: Mapping[str, Any], name: str) -> str:
    """A field of a document in a table."""
    value = item.get(name)
    return moment(value) if _is_moment(name) else escape(str("" if value is None else value))


def say_more(page: Mapping[str, Any]) -> None:
    """How to go on, where a page is not the last."""
    if page.get("next_cursor"):
        out.print(f"there are more: the same with --cursor {escape(page['next_cursor'])}")


def _is_moment(name: str) -> bool:
    return name.endswith("_at") or name == "since"
