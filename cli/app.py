"""Commands: the words of `sw`.

Exit codes: 0 done; 1 the answer is no; 2 wrong usage; 3 the window cannot be reached or is busy; 4 not allowed;
130 interrupted.
"""

from __future__ import annotations

import errno
import sys

import typer
from rich.markup import escape

from cli import backups, law, money, parked, permits, reviews, show
from cli.audit import audit
from cli.doctor import doctor
from cli.faults import INTERRUPTED, USAGE, Fault
from cli.gateway import Refused
from cli.load.command import load
from cli.quote import quote
from cli.replay import replay
from cli.returns import return_goods
from cli.submissions import example, submit
from cli.tokens import token
from cli.up.command import up
from cli.watch import watch

app = typer.Typer(
    name="sw",
    help="A customs single window: file, watch, decide, look after it.",
    epilog="Exit codes: 0 done; 1 the answer is no; 2 wrong usage; 3 the window is away or busy; 4 not allowed. "
    "The window's address is that of the last `up`, or SW_URL. "
    "Clients: --client, or SW_CLIENT_ID and SW_CLIENT_SECRET.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(up)
app.command()(submit)
app.command()(example)
app.command()(watch)
app.command("return")(return_goods)
app.command()(quote)
app.command()(replay)
app.add_typer(law.app, name="law")
app.add_typer(permits.app, name="permit")
app.add_typer(reviews.app, name="reviews")
app.command()(money.account)
app.add_typer(money.bills, name="bills")
app.add_typer(parked.app, name="parked")
app.command()(parked.resay)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(backups.rebuild_topics)
app.command()(token)
app.command()(audit)
app.command()(load)
app.command()(doctor)

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write meets where it finds no room; such an error names no file."""


def main() -> None:
    """Run a command; a fault of the user is a sentence, never a traceback."""
    try:
        with show.whole_output():
            app(prog_name="sw")
    except Refused as refused:
        show.problem(refused.document) if refused.document.get("errors") else _say(refused)
        sys.exit(refused.code)
    except BrokenPipeError:
        sys.exit(0)
    except (Fault, OSError) as error:
        fault = fault_of(error)
        _say(fault)
        sys.exit(fault.code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def fault_of(error: Fault | OSError) -> Fault:
    """The fault itself; what is wrong with a file that was named, or with where the output goes.

    Another error of the system is no user's.
    """
    if isinstance(error, Fault):
        return error
    if error.filename is not None:
        fix = "name a file or folder that can be read or written"
        return Fault(f"{error.filename}: {error.strerror}", fix, USAGE)
    if error.errno in UNWRITABLE:
        fix = "make room there, or have it written elsewhere"
        return Fault(f"the output cannot be written: {error.strerror}", fix, USAGE)
    raise error


def _say(fault: Fault) -> None:
    show.err.print(f"[red]{escape(fault.message)}[/]")
    if fault.fix:
        show.err.print(f"  {escape(fault.fix)}")
