"""The command `sw load`: what it answers to whom."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import app
from tests.cli.load.counter import Counter, counter_at_work


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A window that runs beside the command."""
    monkeypatch.setattr("cli.load.run.QUIET", 0.01)
    is_up, loop = threading.Event(), asyncio.new_event_loop()
    end, made = asyncio.Event(), []

    async def serve() -> None:
        async with counter_at_work() as working:
            made.append(working)
            is_up.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert is_up.wait(10)
    yield made[0]
    loop.call_soon_threadsafe(end.set)
    thread.join()
    loop.close()


def sw(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of a command."""
    monkeypatch.setattr("sys.argv", ["sw", "load", *words])
    try:
        app.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


QUICK = ("--client", "platform01", "--rate", "100", "--seconds", "0.3", "--deposit", "0", "--json")


def test_it_ends_with_0_and_a_report_when_the_books_agree(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = sw(monkeypatch, "--address", counter.address, "--out", str(tmp_path), "--mix", "green=1", *QUICK)

    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"], told["account"]["permits"]) == (0, True, 30)
    assert len(list(tmp_path.glob("load-*.html"))) == 1


def test_it_ends_with_1_when_the_window_forgot_a_declaration(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    counter.is_forgetful = True

    code = sw(monkeypatch, "--address", counter.address, "--out", str(tmp_path), "--mix", "green=1", *QUICK)

    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"]) == (1, False)
    assert told["faults"] == ["taken in but not listed: 0"]


@pytest.mark.parametrize("more", [(), ("--batch", "10"), ("--rate", "max")], ids=["single", "batch", "max"])
def test_a_client_that_may_not_file_ends_the_run_at_its_first_answer_with_the_scope_it_lacks(
    more: tuple[str, ...],
    counter: Counter,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    counter.bars = True
    asked = ("--address", counter.address, "--out", str(tmp_path), *QUICK, "--seconds", "3", *more)

    code = sw(monkeypatch, *asked)

    told = " ".join(capsys.readouterr().err.split())
    assert code == 4
    assert "platform01 may not file: E-SEC-SCOPE: this needs the scope declarations:write" in told
    assert "ask registry for a client" in told
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_is_filed(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    code = sw(monkeypatch, "--address", counter.address, "--out", str(tmp_path / "file" / "x"), *QUICK)

    assert (code, counter.requests) == (2, [])
    assert f"--out {tmp_path / 'file' / 'x'}: Not a directory" in " ".join(capsys.readouterr().err.split())


def test_a_report_that_cannot_be_written_in_the_end_takes_no_account_with_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def disk_is_full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cli.load.report.write", disk_is_full)

    code = sw(monkeypatch, "--address", counter.address, "--out", str(tmp_path), "--mix", "green=1", *QUICK)

    told = capsys.readouterr()
    assert (code, json.loads(told.out)["account"]["permits"]) == (2, 30)
    assert "cannot be written: No space left on device" in told.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--rate", "quick"), 2),
        (("--ramp", "up"), 2),
        (("--mix", "purple=1"), 2),
        (("--address", "window"), 2),
        (("--address", "http://127.0.0.1:9"), 3),
        (("--client", "nobody"), 4),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(
    words: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:9")

    assert sw(monkeypatch, *words) == code
    assert "Traceback" not in capsys.readouterr().err
