"""Where things lie: one root for a running stack, all inside the checkout."""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parents[2]
STATE = CHECKOUT / ".local"
JARS = STATE / "kafka-jars"
ODD = '$"\\`,'
"""What a server takes for something else than part of a path; the Makefile refuses the same before it makes .venv."""


class RootError(RuntimeError):
    """A stack cannot work in this folder; the message says all there is to do."""


class RootInUseError(RootError):
    """Another stack is running from this folder."""


class HalfMadeError(RootInUseError):
    """A command that was cut short has not let go of this folder yet."""


class OddFolderError(RootError):
    """Not every server could work in a folder that is called so."""


@dataclass(frozen=True, slots=True)
class Root:
    """The folder of one stack: data, secrets, logs, and who runs."""

    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def gateway(self) -> Path:
        return self.path / "gateway"

    @property
    def pids(self) -> Path:
        return self.path / "pids.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def rebuilding(self) -> Path:
        """The note that data or topics are half made here. It goes when they are whole."""
        return self.path / "rebuilding"

    @property
    def owed(self) -> str:
        """The command that finishes what was cut short here; empty where nothing was."""
        if not self.rebuilding.exists():
            return ""
        return "./sw rebuild-topics" if self.postgres.exists() else "./sw restore FOLDER"

    def refuse_odd(self) -> None:
        """A checkout may have been moved since the Makefile looked."""
        if set(ODD) & set(str(self.path)):
            raise OddFolderError(
                f"the path {self.path} holds one of {' '.join(ODD)} and Kafka, PostgreSQL or nginx "
                "cannot work there; move the checkout to another folder"
            )

    def refuse_half_made(self) -> None:
        """Services would wait for ever for what is not on the topics yet."""
        if self.owed:
            raise HalfMadeError(f"what {self.path} holds is half made: run `{self.owed}`, which finishes it")

    def create(self) -> None:
        for folder in (self.path, self.logs, self.secrets, self.gateway):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self.secrets.chmod(0o700)

    def refuse_in_use(self) -> None:
        """What runs is not to be replaced."""
        if self.path.exists():
            self.lock().close()

    def lock(self) -> IO[str]:
        """Hold the folder until the file is closed; the kernel lets go of it when the process dies."""
        held = (self.path / "lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            held.close()
            message = f"a stack is already running from {self.path}; stop it first (Ctrl-C where it runs)"
            raise RootInUseError(message) from busy
        return held


def write_whole(path: Path, text: str) -> None:
    """Written beside and put in place: a full disk leaves what was there before."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def run_root() -> Path:
    """The folder of `make run`: kept from one run to the next."""
    return STATE / "run"


def session_root() -> Path:
    """The folder of one test session: thrown away after it."""
    return STATE / f"test-{os.getpid()}"


THROWN_AWAY = ("test", "bench", "audit")
"""What begins so, and ends with the id of its process, is gone with it."""


def forget_abandoned() -> None:
    """Folders of tests and benchmarks that were killed before they could tidy up."""
    for folder in (each for kind in THROWN_AWAY for each in STATE.glob(f"{kind}-*")):
        owner = folder.name.rpartition("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists() and not _is_held(Root(folder)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(root: Root) -> bool:
    """Whether a stack runs there, it may be in another container that has this checkout too, under ids of its own."""
    try:
        root.refuse_in_use()
    except (RootInUseError, OSError):
        return True
    return False
