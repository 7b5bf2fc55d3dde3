"""Backups: of the window of `sw up`, and back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import show
from cli.faults import INTERRUPTED, NO, USAGE, Fault
from deploy.local import backup as copies
from deploy.local.paths import Root, run_root

FOREIGN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL_")
Folder = Annotated[Path, typer.Argument(help="Where the backup lies.")]


def _how_many(otherwise: str) -> Any:
    return typer.Option(
        min=0, max=3, help=f"How many there shall be, 1 or 3; 0: as SW_BROKERS says, else {otherwise}."
    )


HowMany = Annotated[int, _how_many("1")]
HowManyAgain = Annotated[int, _how_many("as many as there were")]


def backup(folder: Folder) -> None:
    """Copy databases and keys into a new folder.

    All databases stop at the same moment; the window may run meanwhile.
    """
    _do(copies.back_up(Root(run_root()), folder.resolve(), _say))


def restore(folder: Folder, brokers: HowMany = 0) -> None:
    """Make the window's data out of a backup.

    Databases and keys come from the copy, topics are made again from the facts. Nothing is overwritten.
    """
    _do(copies.restore(Root(run_root()), folder.resolve(), os.environ, count=brokers, say=_say))


def rebuild_topics(brokers: HowManyAgain = 0) -> None:
    """Make the topics again out of the facts.

    For a stopped window whose topics are lost, or that shall have another number of brokers. It also finishes a
    restore, or another of its kind, that was cut short.
    """
    _do(copies.rebuild_topics(Root(run_root()), os.environ, count=brokers, say=_say))


def _do(work: Coroutine[Any, Any, None]) -> None:
    foreign = sorted(name for name in os.environ if name.startswith(FOREIGN))
    if foreign:
        work.close()
        message = f"{foreign[0]} is set: this works on the embedded servers alone"
        raise Fault(message, "docs/running.md says what to do with servers of your own", USAGE)
    try:
        asyncio.run(work)
    except* (RuntimeError, OSError) as group:
        raise _ended(str(group.exceptions[0])) from None
    except* KeyboardInterrupt:
        raise _ended("interrupted", INTERRUPTED) from None


def _ended(message: str, code: int = NO) -> Fault:
    """Before it was done; the fix is what finishes it, where something was begun."""
    owed = Root(run_root()).owed
    return Fault(message, f"`{owed}` finishes what was begun" if owed else "", code)


def _say(text: str) -> None:
    show.err.print(text, markup=False)
