"""Up: what ends it is a sentence, and what it tells programs is JSON."""

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cli import show
from cli.faults import Away, Fault
from cli.up import command
from cli.up.accounting import Account, Hold, Standing, account_of
from cli.up.command import fault_of
from cli.up.journey import Wish
from cli.up.report import Timing, attempts, grouped
from cli.up.since import seconds_since_the_command, started_at
from deploy.local.paths import OddFolderError, Root, RootInUseError


class QuickStack:
    """A stack that is up at once."""

    root, gateway_url = Root(Path("run")), "http://window"

    async def __aenter__(self) -> "QuickStack":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def start(self) -> None:
        pass


class QuickJourney:
    """No orders, and all of them accounted for."""

    a_permitted_id = a_held_id = "d-1"

    def __init__(self, *_: object) -> None:
        pass

    def prepare(self) -> None:
        pass

    async def travel(self, _url: str, ready: float) -> tuple[Account, Timing]:
        return account_of([], []), Timing(ready=ready, filed=1.0, settled=2.0, first_permit=None)


@pytest.mark.parametrize("as_json", [True, False])
async def test_what_up_tells_programs_is_json_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    monkeypatch.setattr(command, "Journey", QuickJourney)
    stack: Any = QuickStack()
    said = told = ""

    up = asyncio.create_task(command._work(stack, Wish(orders=0, seed="1"), stays=True, json=as_json))
    async with asyncio.timeout(10):
        while "it stays until" not in told:
            await asyncio.sleep(0.01)
            more = capsys.readouterr()
            said, told = said + more.out, told + more.err
    up.cancel()

    assert ("the window is open" in told, "the window is open" in said) == (as_json, not as_json)
    assert not as_json or json.loads(said)["ok"]


def test_json_is_written_out_before_a_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe))

    show.as_json({"ok": True})

    assert json.loads(pipe.getvalue()) == {"ok": True}


def test_the_first_error_of_a_group_is_told() -> None:
    away = Away("http://window", "ConnectError")

    assert fault_of(ExceptionGroup("all", [ExceptionGroup("some", [away])])) is away


def test_a_stack_that_does_not_start_points_at_its_logs() -> None:
    fault = fault_of(ExceptionGroup("all", [RuntimeError("Kafka did not answer")]))

    assert fault.message == "Kafka did not answer"
    assert "logs" in fault.fix


@pytest.mark.parametrize(
    "error", [RootInUseError("a stack runs from x"), OddFolderError("a,b holds one of ,")]
)
def test_a_folder_that_will_not_do_says_so_itself(error: Exception) -> None:
    fault = fault_of(ExceptionGroup("all", [error]))

    assert isinstance(fault, Fault)
    assert fault.fix == ""


def test_the_command_began_before_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SW_STARTED_AT", raising=False)

    assert 0 <= seconds_since_the_command() < 24 * 3600


def test_the_caller_may_say_when_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_STARTED_AT", "1000.5")

    assert started_at() == 1000.5


def test_holds_that_differ_in_detail_only_are_one_line_of_the_report() -> None:
    holds = [
        Hold(agency="tax", code="C", reason=f"{n} needed", awaits="guarantor", due_at="t") for n in (1, 2, 2)
    ]

    account = account_of(
        [("P", str(n)) for n in range(3)],
        [Standing(key=("P", str(n)), kind="held", holds=(hold,)) for n, hold in enumerate(holds)],
    )

    assert grouped(account) == {("tax", "C", "2 needed", "guarantor"): 3}


def test_only_what_there_is_is_offered_to_be_tried() -> None:
    nothing, all_of_it = attempts("http://window", "", ""), attempts("http://window", "p-1", "h-1")

    assert [command for command, _ in nothing] == [
        "./sw example | ./sw submit -",
        "./sw reviews list quarantine",
    ]
    assert "./sw watch h-1" in [command for command, _ in all_of_it]
    assert any("declarations/p-1/permit" in command for command, _ in all_of_it)
    assert all(what for _, what in all_of_it)
