"""Load: the command."""

from __future__ import annotations

import json as standard_json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from cli import show
from cli.credentials import Credentials, credentials
from cli.faults import NO, USAGE, Fault
from cli.gateway import CHECKOUT, RUN
from cli.gateway import address as window_address
from cli.load.mix import STANDARD, BadMix, read_mix
from cli.load.pace import BadPace, Pace, pace_of
from cli.load.usage import Pids
from cli.load.wire import BadAddress, Place
from cli.load.wish import Wish
from cli.progress import Progress
from cli.show import AsJson
from sandbox.parcels import Kind
from sandbox.parties import read_sandbox
from shared.kernel.written import HOW_AMOUNT, is_amount

DEPOSIT = "900000000"
LARGEST_BATCH, MOST_CONNECTIONS = 1000, 2000


Address = Annotated[str, typer.Option(help="The window (else SW_URL, else that of the last `up`).")]
Rate = Annotated[str, typer.Option(help="Declarations a second; `max`: as fast as answers come.")]
Ramps = Annotated[
    list[str] | None, typer.Option(help="FROM:TO:SECONDSs instead of --rate, as 500:2000:60s; repeat it.")
]
Seconds = Annotated[float, typer.Option(help="How long.")]
Batch = Annotated[int, typer.Option(min=1, max=LARGEST_BATCH, help="Declarations a request.")]
Mix = Annotated[str, typer.Option(help="Kinds of declarations, and their shares.")]
Seed = Annotated[int, typer.Option(help="What parcels and mix are drawn from.")]
Connections = Annotated[int, typer.Option(min=1, max=MOST_CONNECTIONS, help="At most so many.")]
Retry = Annotated[bool, typer.Option("--retry", help="Send again what was answered 429, after Retry-After.")]
Clients = Annotated[
    list[str] | None,
    typer.Option(help="Client that files; repeat it (else SW_CLIENT_ID, else the sandbox's)."),
]
Watcher = Annotated[
    str, typer.Option(help="Client that reads all, for tally and list; `none`: who files reads its own.")
]
Amount = Annotated[str, typer.Option(help="CNY paid in for each guarantor first, by --watch-as; 0: none.")]
Folder = Annotated[Path | None, typer.Option(help="Folder for the report (else build/ of the checkout).")]


def load(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    address: Address = "",
    rate: Rate = "200",
    ramp: Ramps = None,
    seconds: Seconds = 30.0,
    batch: Batch = 1,
    mix: Mix = STANDARD,
    seed: Seed = 1,
    connections: Connections = 128,
    retry: Retry = False,
    client: Clients = None,
    watch_as: Watcher = "operator",
    deposit: Amount = DEPOSIT,
    out: Folder = None,
    json: AsJson = False,
) -> None:
    """File at a rate, and check that the books agree.

    Tells how it goes each second, and writes a report with plots. Exit code 1 if the books do not agree.
    """
    if not is_amount(deposit):
        raise Fault(f"--deposit {deposit}: it is no amount", HOW_AMOUNT, USAGE)
    watcher = None if watch_as == "none" else credentials(watch_as, watch_as)
    pace, place, shares = meant((rate, ramp or (), seconds), address or window_address(), mix)
    wish = Wish(
        place=place,
        pace=pace,
        batch=batch,
        mix=shares,
        seed=seed,
        connections=connections,
        retries=retry,
        clients=filers(client or ()),
        watcher=watcher,
        deposit=deposit if watcher is not None and deposit.strip("0.") else "",
        pids=pids_of(place),
    )
    asked = f"{place}: {pace}, {batch} a request, mix {mix}, seed {seed}"
    if not follow(wish, asked, out or CHECKOUT / "build", json=json):
        raise typer.Exit(NO)


def meant(
    pace: tuple[str, Sequence[str], float], address: str, mix: str
) -> tuple[Pace, Place, dict[Kind, float]]:
    """What pace, address and mix stand for; a fault where one of them stands for nothing."""
    try:
        return pace_of(*pace), Place.of(address), read_mix(mix)
    except (BadPace, BadMix, BadAddress) as error:
        raise Fault(str(error), "see `./sw load --help`", USAGE) from error


def follow(wish: Wish, asked: str, folder: Path, *, json: bool) -> bool:
    """Run it, and tell: whether the books agree."""
    must_be_writable(folder)
    try:
        from cli.load import report, run, series  # noqa: PLC0415 - only this command needs the histogram
    except ImportError as missing:
        fix = "install it (`.venv/bin/pip install hdrhistogram`; without a wheel it needs a C compiler)"
        raise Fault(f"load needs {missing.name}, which is not installed here", fix) from missing
    show.err.print(f"filing at {asked}", markup=False)
    progress = Progress(show.err)
    campaign = run.Campaign(wish, lambda point: progress.say(series.in_words(point)))
    outcome = uvloop.run(campaign.run())
    if json:
        sys.stdout.write(standard_json.dumps(report.as_document(outcome, asked), indent=1) + "\n")
    else:
        report.say(outcome)
    show.err.print(f"report: {report.write(outcome, asked, folder)}", markup=False)
    return outcome.account.is_ok


def must_be_writable(folder: Path) -> None:
    """A fault where no report can be written: before the run, which nobody wants to do again for that."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = f"--out {folder}: {error.strerror}"
        raise Fault(reason, "name a folder that can be written", USAGE) from error


def filers(chosen: Sequence[str]) -> list[Credentials]:
    """The clients that file: those named, that of the environment, or all of the sandbox's that may file."""
    fitting = [known.client_id for known in read_sandbox().clients if "declarations:write" in known.scopes]
    if chosen:
        return [credentials(name, name) for name in chosen]
    first = credentials("", fitting[0])
    return [first] if first.client_id != fitting[0] else [credentials(name, name) for name in fitting]


def pids_of(place: Place) -> Pids:
    """The processes of the window, if it is the one that `up` runs from this checkout."""
    try:
        ports = standard_json.loads((RUN / "ports.json").read_text())
        pids: dict[str, int] = standard_json.loads((RUN / "pids.json").read_text())
    except (OSError, ValueError):
        return {}
    is_ours = place.host in ("127.0.0.1", "localhost") and place.port == ports.get("gateway")
    return pids if is_ours else {}
