"""The supervisor: starts programs, starts them again when they die, ends them all."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import logs
from deploy.local.paths import write_whole
from deploy.local.turns import take_long_turns
from deploy.local.unprivileged import die_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
LONG_ENOUGH = 30.0  # up this long, a death starts the pauses anew
GRACE = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and how to ask it to end."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    stop: signal.Signals = signal.SIGTERM
    before_exec: Callable[[], None] | None = None
    after_death: Callable[[], None] | None = None


class Supervisor:
    """Keeps programs running. It ends only what it started."""

    def __init__(self, logs: Path, pids: Path, say: Callable[[str], None] = print) -> None:
        self._logs = logs
        self._pids = pids
        self._say = say
        self._programs: dict[str, Program] = {}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, float] = {}
        self._tidying: asyncio.Task[None] | None = None

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, program: Program) -> None:
        self._programs[program.name] = program
        self._tidying = self._tidying or asyncio.create_task(logs.keep_small(self._logs))
        process = await self._spawn(program)
        self._watchers[program.name] = asyncio.create_task(self._watch(program, process))

    async def stop(self, *names: str, grace: float = GRACE) -> None:
        """End these (all, when none is named) together: asked first, killed when they do not listen."""
        chosen = names or tuple(self._watchers)
        await asyncio.gather(*(self._end(name, grace) for name in chosen if name in self._watchers))
        if not self._watchers and self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None

    async def restart(self, name: str) -> None:
        program = self._programs[name]
        await self.stop(name)
        await self.start(program)

    def kill(self, name: str, rest: float = 0.0) -> None:
        """As a crash would end it: no warning; the watcher starts it again, so many seconds later at the earliest."""
        self._rests[name] = rest
        os.kill(self._running[name].pid, signal.SIGKILL)

    async def _end(self, name: str, grace: float) -> None:
        watcher = self._watchers.pop(name)
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
        process = self._running.pop(name, None)
        if process is not None:
            await _end_process(process, self._programs[name].stop, grace)
        self._write_pids()

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        def before_exec() -> None:
            if program.before_exec is not None:
                program.before_exec()
            die_with_parent(program.stop)
            take_long_turns()

        with logs.fresh(self._logs / f"{program.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.argv,
                env=dict(program.environment),
                cwd=program.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before_exec,
            )
        self._running[program.name] = process
        self._write_pids()
        return process

    async def _watch(self, program: Program, process: asyncio.subprocess.Process) -> None:
        pause = FIRST_PAUSE
        while True:
            born = time.monotonic()
            code = await process.wait()
            _kill_group(process.pid)  # its own children must not hold its ports and files
            if time.monotonic() - born > LONG_ENOUGH:
                pause = FIRST_PAUSE
            self._say(f"{program.name} ended ({_how(code)}); starting it again in {pause:g} s")
            await asyncio.sleep(max(pause, self._rests.pop(program.name, 0.0)))
            pause = min(pause * 2, LONGEST_PAUSE)
            if program.after_death is not None:
                program.after_death()
            process = await self._spawn_at_last(program, pause)

    async def _spawn_at_last(self, program: Program, pause: float) -> asyncio.subprocess.Process:
        """What the system refuses now, for want of room or memory, it may grant later."""
        while True:
            try:
                return await self._spawn(program)
            except OSError as error:
                self._say(f"{program.name} could not be started ({error}); trying again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _write_pids(self) -> None:
        """Where they cannot be written, as on a full disk, what runs goes on running, and is ended in order."""
        try:
            write_whole(self._pids, json.dumps(self.pids(), indent=1))
        except OSError as error:
            self._say(f"{self._pids.name} is not up to date ({error})")


async def _end_process(process: asyncio.subprocess.Process, stop: signal.Signals, grace: float) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
    _kill_group(process.pid)
    await process.wait()


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
