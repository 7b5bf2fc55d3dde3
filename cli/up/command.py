"""Up: one command, from nothing to a window with an account."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Annotated

import typer

from cli import show
from cli.faults import INTERRUPTED, NO, Fault
from cli.show import AsJson
from cli.up import report
from cli.up.journey import Journey, Wish
from cli.up.since import seconds_since_the_command
from deploy.local.paths import RootError, run_root
from deploy.local.stack import Stack


def up(
    demo: Annotated[
        bool,
        typer.Option(
            "--demo", help="End after the report; exit code 0 only if every order is accounted for."
        ),
    ] = False,
    orders: Annotated[int, typer.Option(min=0, help="File only the first orders; 0 is all 2,025.")] = 0,
    seed: Annotated[
        str, typer.Option(help="What the made-up facts (buyers, weights, ...) are drawn from.")
    ] = "1",
    brokers: Annotated[
        int, typer.Option(help="1, or 3 of which any one may die; 0: as last time, or as SW_BROKERS says.")
    ] = 0,
    json: AsJson = False,
) -> None:
    """Start the window here and file real orders. It reports what became of each, and stays until Ctrl-C."""
    try:
        stack = Stack(run_root(), brokers=brokers, say=_said)
        is_ok = asyncio.run(_up(stack, Wish(orders=orders, seed=seed), stays=not demo, json=json))
    except* (Fault, RuntimeError, OSError) as group:
        raise fault_of(group) from None
    if demo and is_ok is not True:
        raise typer.Exit(INTERRUPTED if is_ok is None else NO)


def fault_of(group: BaseExceptionGroup[Exception]) -> Fault:
    """What ended it, as a sentence: the first of the errors that came together."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, Fault):
        return error
    fix = f"see `./sw doctor`, and the logs in {run_root() / 'logs'}"
    return Fault(str(error) or type(error).__name__, "" if isinstance(error, RootError) else fix)


async def _up(stack: Stack, wish: Wish, *, stays: bool, json: bool) -> bool | None:
    """The stack and the orders; whether every order is accounted for, None when it was interrupted before."""
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    work = asyncio.create_task(_work(stack, wish, stays=stays, json=json))
    interrupted = asyncio.create_task(end.wait())
    await asyncio.wait({work, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        show.err.print("stopping ...", markup=False)
    work.cancel()  # which ends the stack in order; nothing happens to what is done already
    interrupted.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        return await work
    return None


async def _work(stack: Stack, wish: Wish, *, stays: bool, json: bool) -> bool:
    with show.err.status("starting Kafka, PostgreSQL, seven services and the gateway ...") as status:
        async with stack:
            journey = Journey(stack.root.path, wish)
            await asyncio.gather(stack.start(), asyncio.to_thread(journey.prepare))
            status.stop()
            ready = seconds_since_the_command()
            show.err.print(f"ready after {ready:.1f} s at {stack.gateway_url}", markup=False)
            account, timing = await journey.travel(stack.gateway_url, ready)
            show.as_json(report.as_document(account, timing)) if json else report.say(account, timing)
            if stays:
                to = show.err if json else show.out  # what is for people must not stand behind the JSON
                report.invitation(to, stack.gateway_url, journey.a_permitted_id, journey.a_held_id)
                show.err.print("it stays until Ctrl-C", markup=False)
                await (
                    asyncio.Event().wait()
                )  # until it is cancelled: once, so that nothing cuts the stopping short
            show.err.print("stopping ...", markup=False)
            return account.is_ok


def _said(text: str) -> None:
    show.err.print(text, markup=False)
