"""The supervisor: what dies is started again, what is stopped stays so."""

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.local import logs
from deploy.local.supervisor import Program, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
WITH_A_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)",
]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


def supervisor(folder: Path, said: list[str]) -> Supervisor:
    return Supervisor(folder, folder / "pids.json", said.append)


async def test_a_killed_program_is_started_again_and_said_so(tmp_path: Path) -> None:
    said: list[str] = []
    minder = supervisor(tmp_path, said)
    await minder.start(Program(name="sleeper", argv=SLEEPER))
    first = minder.pids()["sleeper"]

    minder.kill("sleeper")
    await until(lambda: minder.pids()["sleeper"] != first)

    assert said == ["sleeper ended (by SIGKILL); starting it again in 0.5 s"]
    await minder.stop()
    assert minder.pids() == {}


async def test_a_program_that_cannot_be_started_again_is_tried_until_it_can(tmp_path: Path) -> None:
    said: list[str] = []
    minder, home = supervisor(tmp_path, said), tmp_path / "home"
    home.mkdir()
    await minder.start(Program(name="sleeper", argv=SLEEPER, folder=home))
    first = minder.pids()["sleeper"]

    home.rmdir()
    minder.kill("sleeper")
    await until(lambda: len(said) > 1)
    home.mkdir()
    await until(lambda: minder.pids()["sleeper"] != first)

    assert "sleeper could not be started" in said[1]
    assert said[1].endswith("trying again in 1 s")
    assert alive(minder.pids()["sleeper"])
    await minder.stop()


async def test_a_program_runs_and_is_ended_where_nobody_can_write_down_that_it_does(tmp_path: Path) -> None:
    said: list[str] = []
    minder = supervisor(tmp_path, said)
    (tmp_path / "pids.new").mkdir()  # as good as a full disk: nothing can be written there

    await minder.start(Program(name="sleeper", argv=SLEEPER))
    pid = minder.pids()["sleeper"]
    assert alive(pid)
    await minder.stop()

    assert not alive(pid)
    assert [line.partition(" (")[0] for line in said] == ["pids.json is not up to date"] * 2


async def test_stopping_ends_the_children_of_a_program_too(tmp_path: Path) -> None:
    minder = supervisor(tmp_path, [])
    await minder.start(Program(name="parent", argv=WITH_A_CHILD))
    log = tmp_path / "parent.log"
    await until(lambda: log.read_text().strip())

    await minder.stop()

    await until(lambda: not alive(int(log.read_text())))


async def test_a_program_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    minder = supervisor(tmp_path, [])
    await minder.start(Program(name="deaf", argv=DEAF))
    pid = minder.pids()["deaf"]
    await until(lambda: "deaf" in (tmp_path / "deaf.log").read_text())

    await minder.stop("deaf", grace=0.2)

    assert not alive(pid)


async def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from deploy.local.supervisor import Program, Supervisor\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "async def main():\n"
        "    minder = Supervisor(here, here / 'pids.json')\n"
        "    await minder.start(Program(name='sleeper', argv=['sleep', '60']))\n"
        "    print(minder.pids()['sleeper'], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert alive(child)

    parent.kill()
    await parent.communicate()

    await until(lambda: not alive(child))


async def test_programs_and_their_children_take_long_turns_at_the_priority_they_were_given(
    tmp_path: Path,
) -> None:
    minder = supervisor(tmp_path, [])
    await minder.start(Program(name="parent", argv=WITH_A_CHILD))
    log = tmp_path / "parent.log"
    await until(lambda: log.read_text().strip())

    for pid in (minder.pids()["parent"], int(log.read_text())):
        assert os.sched_getscheduler(pid) == os.SCHED_BATCH
        assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0)

    await minder.stop()


TALKER = [
    sys.executable,
    "-c",
    "import itertools, time\nfor n in itertools.count(): print('line', n, flush=True); time.sleep(0.005)",
]


async def test_what_a_program_goes_on_writing_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LONGEST", 200)
    monkeypatch.setattr(logs, "keep_small", partial(logs.keep_small, every=0.05))
    minder, log = supervisor(tmp_path, []), tmp_path / "talker.log"

    await minder.start(Program(name="talker", argv=TALKER))
    await until((tmp_path / "talker.log.1").exists)
    await until(lambda: log.stat().st_size and b"line 0\n" not in log.read_bytes())
    await minder.stop()

    kept = (tmp_path / "talker.log.1").read_bytes()
    assert kept.startswith(b"line "), "the place in the file was taken back, too"
    assert log.read_bytes().startswith(b"line ")
