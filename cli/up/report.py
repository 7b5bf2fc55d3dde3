"""Report: what became of the orders.

Tables of the account, the line that must add up, and some things to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import show
from cli.up.accounting import NAMES, Account, Key

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When things happened, in seconds after the command."""

    ready: float
    filed: float
    settled: float
    first_permit: float | None
    repeats: int = 0
    """Calls that were sent again after a crash or a busy answer."""


def tables(account: Account) -> list[Table]:
    """What was refused and held, why, and by whom."""
    made = []
    if account.door:
        rows = [(escape(code), count) for code, count in account.door.most_common()]
        made.append(
            show.table(
                "Refused at the door (an order may have several faults)", ("code and field", "orders"), rows
            )
        )
    if account.refusals:
        made.append(
            show.table(
                "Refused",
                ("agency", "code", "orders"),
                [(agency, escape(code), count) for (agency, code), count in account.refusals.most_common()],
            )
        )
    if account.holds:
        made.append(
            show.table(
                "Held (an order may wait for several)",
                ("agency", "code", "reason", "awaits", "orders"),
                [
                    (agency, escape(code), escape(reason), escape(awaits), count)
                    for (agency, code, reason, awaits), count in grouped(account).items()
                ],
            )
        )
    return made


def grouped(account: Account) -> dict[tuple[str, str, str, str], int]:
    """Holds by agency, code and who must act; where reasons differ in detail, one of them stands for all."""
    found: dict[tuple[str, str, str], tuple[str, int]] = {}
    for (agency, code, reason, awaits), count in account.holds.most_common():
        first, before = found.get((agency, code, awaits), (reason, 0))
        found[agency, code, awaits] = first, before + count
    ordered = sorted(found.items(), key=lambda item: -item[1][1])
    return {(agency, code, reason, awaits): count for (agency, code, awaits), (reason, count) in ordered}


def say(account: Account, timing: Timing) -> None:
    """The whole report, on standard output."""
    rows = [(NAMES[kind], count) for kind, count in account.kinds.items() if count]
    show.out.print()
    show.out.print(show.table(f"What became of {account.orders} orders", ("", "orders"), rows))
    for table in tables(account):
        show.out.print()
        show.out.print(table)
    show.out.print()
    show.out.print(
        f"from filing to permit: {_seconds(account, 0.5)} in the middle (p50), {_seconds(account, 0.99)} p99"
    )
    if timing.first_permit is not None:
        show.out.print(f"first permit {timing.first_permit:.1f} s after the command")
    again = f", {timing.repeats} calls sent again" if timing.repeats else ""
    show.out.print(
        f"ready after {timing.ready:.1f} s, filed after {timing.filed:.1f} s, "
        f"settled after {timing.settled:.1f} s{again}"
    )
    for name, keys in (
        ("not accounted for", account.missing),
        ("twice", account.twice),
        ("held by nobody", account.unowned),
    ):
        if keys:
            show.out.print(f"[red]{name}[/]: {_few(keys)}")
    show.out.print(f"[{'green' if account.is_ok else 'red'}]{account.line}[/]")


def as_document(account: Account, timing: Timing) -> dict[str, Any]:
    """The report for programs."""
    return {
        "ok": account.is_ok,
        "line": account.line,
        "orders": account.orders,
        "kinds": dict(account.kinds),
        "door": dict(account.door),
        "refusals": [{"agency": a, "code": c, "orders": n} for (a, c), n in account.refusals.items()],
        "holds": [
            {"agency": a, "code": c, "reason": r, "awaits": w, "orders": n}
            for (a, c, r, w), n in account.holds.items()
        ],
        "p50_seconds": account.percentile(0.5),
        "p99_seconds": account.percentile(0.99),
        "first_permit_seconds": timing.first_permit,
        "ready_seconds": timing.ready,
        "filed_seconds": timing.filed,
        "settled_seconds": timing.settled,
        "repeats": timing.repeats,
        "missing": [list(key) for key in account.missing],
        "twice": [list(key) for key in account.twice],
        "unowned": [list(key) for key in account.unowned],
    }


def invitation(to: Console, url: str, permitted_id: str, held_id: str) -> None:
    """Where it is, and some things to try."""
    to.print()
    to.print(f"the window is open: [bold]{url}[/] shows it live, {url}/docs the API")
    to.print("in a second terminal:", markup=False)
    for command, what in attempts(url, permitted_id, held_id):
        to.print(f"  {command}", markup=False)
        to.print(f"      {what}", markup=False, style="dim")


def attempts(url: str, permitted_id: str, held_id: str) -> list[tuple[str, str]]:
    """Commands to try, and what each does; those about a declaration only where there is one."""
    found = [("./sw example | ./sw submit -", "file one more; it prints how to follow it")]
    if held_id:
        found.append((f"./sw watch {held_id}", "one that is held: why, who must act, until when"))
    found.append(("./sw reviews list quarantine", "what waits for an officer, and how to decide it"))
    if permitted_id:
        call = f'curl -H "Authorization: Bearer $(./sw token)" {url}/v1/declarations/{permitted_id}/permit'
        found.append((call, "a signed permit, over REST"))
    return found


def _seconds(account: Account, part: float) -> str:
    value = account.percentile(part)
    return "-" if value is None else f"{value:.2f} s"


def _few(keys: Sequence[Key]) -> str:
    shown = ", ".join(f"{platform} {number}" for platform, number in keys[:SHOWN])
    return escape(shown) + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")
