"""Doctor: what is missing here, and how to mend it.

Each check is one small function; it looks, changes nothing, and names the remedy. Exit code 1 when something that
`up` needs is missing.
"""

from __future__ import annotations

from collections.abc import Callable

import typer
from rich.markup import escape

from cli import machine, parts, show
from cli.faults import NO
from cli.finding import Finding
from cli.show import AsJson

CHECKS: tuple[Callable[[], Finding], ...] = (
    machine.python,
    parts.packages,
    machine.root,
    machine.folder,
    machine.disk,
    machine.memory,
    parts.java,
    parts.postgres,
    parts.nginx,
    parts.jars,
    machine.tls,
    parts.port,
    machine.clock,
    parts.running,
)


def examine(checks: tuple[Callable[[], Finding], ...] = CHECKS) -> list[Finding]:
    """What every check finds; a check that fails is a finding too."""
    return [_tried(check) for check in checks]


def _tried(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a broken check must not hide the others
        return Finding(
            name=check.__name__,
            health="missing",
            detail=f"could not be looked at: {error}",
            fix="see the README",
        )


def doctor(json: AsJson = False) -> None:
    """Say what is missing on this machine, and how to mend it. Exit code 1 when `up` cannot work."""
    findings = examine()
    if json:
        show.as_json(findings)
    else:
        marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[red]missing[/]"}
        rows = ((marks[one.health], one.name, escape(one.detail), escape(one.fix)) for one in findings)
        show.out.print(show.table("", ("", "what", "found", "what to do"), rows))
    if any(one.health == "missing" for one in findings):
        raise typer.Exit(NO)
