"""Up: what ends it is a sentence."""

from pathlib import Path

import pytest

from cli.faults import Away, Fault
from cli.up.accounting import Hold, Standing, account_of
from cli.up.command import fault_of
from cli.up.report import attempts, grouped
from cli.up.since import seconds_since_the_command, started_at
from deploy.local.paths import RootInUseError


def test_the_first_error_of_a_group_is_told() -> None:
    away = Away("http://window", "ConnectError")

    assert fault_of(ExceptionGroup("all", [ExceptionGroup("some", [away])])) is away


def test_a_stack_that_does_not_start_points_at_its_logs() -> None:
    fault = fault_of(ExceptionGroup("all", [RuntimeError("Kafka did not answer")]))

    assert fault.message == "Kafka did not answer"
    assert "logs" in fault.fix


def test_a_folder_in_use_says_so_itself() -> None:
    fault = fault_of(ExceptionGroup("all", [RootInUseError(f"a stack runs from {Path('x')}")]))

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
