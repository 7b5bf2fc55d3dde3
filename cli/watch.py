"""Watch: the pipeline, or one declaration, live."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.events import Event, Follower, is_away
from cli.faults import Fault
from cli.gateway import Gateway, part
from cli.show import AsJson, word

Once = Annotated[bool, typer.Option("--once", help="Show it once, instead of until it is settled or Ctrl-C.")]
COUNTS = ("filed", "open", "permit", "refused", "cancelled", "superseded", "revoked")
SETTLED = frozenset({"PERMITTED", "REFUSED", "CANCELLED", "REVOKED"})
SILENT = "NOT_HEARD"
"""Code of a gate that clearance has not heard yet."""


def watch(
    declaration_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="A declaration; without it, the whole window.")
    ] = "",
    once: Once = False,
    every: Annotated[
        float,
        typer.Option(min=0.2, help="Seconds between looks at the whole window; a declaration is followed."),
    ] = 1.0,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Watch the window, or one declaration until it is settled. With --json one look, printed."""
    with Gateway.as_client(client, "operator") as gateway:
        if json:
            path = f"/v1/declarations/{part(declaration_id)}" if declaration_id else "/v1/clearance"
            show.as_json(gateway.get(path))
        elif declaration_id:
            watch_one(gateway, declaration_id, once=once)
        else:
            watch_all(gateway, every=0.0 if once else every)


def watch_all(gateway: Gateway, *, every: float) -> None:
    """How many stand where, looked at again and again."""
    seen = gateway.get("/v1/clearance")
    if not every:
        show.out.print(picture_of_all(seen))
        return
    with show.live(picture_of_all(seen)) as update:
        while True:
            time.sleep(every)
            update(picture_of_all(gateway.get("/v1/clearance")))


def watch_one(gateway: Gateway, declaration_id: str, *, once: bool) -> None:
    """A declaration, looked at whenever something is said about it, until it is settled."""
    seen = Seen(shown=gateway.get(f"/v1/declarations/{part(declaration_id)}"))
    if once or seen.is_settled:
        show.out.print(seen.picture())
        return
    follower = Follower(gateway, declaration_id)
    with show.live(seen.picture()) as update:
        for event in follower.events():
            seen.hear(event)
            seen.note = look(gateway, seen) or (follower.trouble and "the stream broke off; connecting again")
            update(seen.picture())
            if seen.is_settled:
                return


def look(gateway: Gateway, seen: Seen) -> str:
    """Read it again; who is away is a remark, not an end."""
    try:
        seen.shown = gateway.get(f"/v1/declarations/{seen.shown['declaration_id']}")
    except Fault as fault:
        if not is_away(fault):
            raise
        return "the declaration service does not answer; this is the last known"
    return ""


@dataclass(kw_only=True)
class Seen:
    """What is known of a declaration: as it was read last, and what was said since."""

    shown: dict[str, Any]
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The gates that were said, by agency: the events may know them before clearance does."""
    note: str = ""

    def hear(self, event: Event) -> None:
        """Something was said."""
        gate = (event.data.get("event") or {}).get("gate")
        if isinstance(gate, dict):
            said = {"version": event.data.get("version"), "since": event.data.get("recorded_at")}
            self.told[str(gate.get("agency"))] = gate | said

    @property
    def is_settled(self) -> bool:
        """Whether it has ended, and clearance has told its gates."""
        return self.shown.get("status") in SETTLED and bool(self.shown.get("clearance"))

    @property
    def gates(self) -> list[dict[str, Any]]:
        """The gates as clearance has heard them; what it has not heard yet, as it was said."""
        weighed = (self.shown.get("clearance") or {}).get("gates", ())
        return [self._newest(gate) for gate in weighed] or list(self.told.values())

    def _newest(self, gate: dict[str, Any]) -> dict[str, Any]:
        said = self.told.get(str(gate.get("agency")), {})
        is_news = gate.get("code") == SILENT and said.get("version") == self.shown.get("version")
        return said if is_news else gate

    @property
    def status(self) -> str:
        """Where it stands: held, when somebody must act before it goes on."""
        is_held = any(gate["status"] == "HELD" and gate.get("code") != SILENT for gate in self.gates)
        status = str(self.shown.get("status", ""))
        return "HELD" if status == "SUBMITTED" and is_held else status

    def picture(self) -> RenderableType:
        """Where it stands, its gates, and what is to be said besides."""
        shown = self.shown
        head = f"{escape(str(shown['declaration_id']))} version {shown.get('version')}: {word(self.status)}"
        permit = f" {escape(str(shown['permit_no']))}" if shown.get("permit_no") else ""
        why = ": ".join(escape(str(shown[name])) for name in ("code", "reason") if shown.get(name))
        gates = [show.gates(self.gates)] if self.gates else []
        return Group(head + permit, *filter(None, [why]), *gates, *filter(None, [self._remark()]))

    def _remark(self) -> str:
        if self.note or self.shown.get("clearance"):
            return f"[yellow]{escape(self.note)}[/]" if self.note else ""
        if "clearance" in self.shown.get("away", ()):
            return "[yellow]clearance does not answer; its gates are shown as soon as it does[/]"
        return "[yellow]clearance has not heard of it yet; this goes on by itself[/]"


def picture_of_all(seen: dict[str, Any]) -> RenderableType:
    """The window: how many declarations stand where."""
    held = [(f"held by {agency}", count) for agency, count in (seen.get("held") or {}).items() if count]
    passed = [(f"passed by {agency}", count) for agency, count in (seen.get("passed") or {}).items()]
    rows = [*((name, seen.get(name, 0)) for name in COUNTS), *passed, *held]
    return show.table("", ("declarations", ""), rows)
