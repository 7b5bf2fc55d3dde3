"""Kafka's own jars: fetched once, checked by hash, kept in the checkout."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from deploy.local.paths import JARS

# Apache Kafka 4.1.0 (org.apache.kafka:kafka_2.13) with all it needs at run time, and slf4j-simple to log with.
# Written as sha256sum writes, paths as a Maven repository lays them out: group/artifact/version/file.
LIST = Path(__file__).with_name("kafka-jars.sha256")
AT_ONCE = 6
TRIES = 5
SILENCE = 15
"""Seconds that a connection or a read may take: as long a stop may have to wait."""
STORES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class JarError(RuntimeError):
    """A jar could not be fetched, or is not the one we know."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of a Maven repository, and what it must hash to."""

    path: Path
    sha256: str

    @property
    def coordinates(self) -> tuple[str, str, str]:
        *group, artifact, version, _file = self.path.parts
        return ".".join(group), artifact, version

    def is_in(self, folder: Path) -> bool:
        file = folder / self.path
        return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == self.sha256


def known_jars() -> list[Jar]:
    rows = (line.split() for line in LIST.read_text().splitlines())
    return [Jar(path=Path(path), sha256=digest) for digest, path in rows]


async def class_path(say: Callable[[str], None] = print, folder: Path = JARS) -> str:
    """The class path of the broker; fetches first what is missing or damaged. Who is cancelled fetches no more."""
    stop = Event()
    try:
        return await asyncio.to_thread(_class_path, say, folder, stop)
    finally:
        stop.set()


def _class_path(say: Callable[[str], None], folder: Path, stop: Event) -> str:
    jars = known_jars()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        present = list(pool.map(lambda jar: jar.is_in(folder), jars))
        missing = [jar for jar, there in zip(jars, present, strict=True) if not there]
        if missing:
            say(f"fetching Apache Kafka: {len(missing)} jars, once (about 44 MB in all) ...")
            _trust_whom_the_machine_trusts()
            _fetch_all(missing, Fetching(folder=folder, stop=stop), pool, say)
    return os.pathsep.join(str(folder / jar.path) for jar in jars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """Where to, and when to stop."""

    folder: Path
    stop: Event

    @property
    def incoming(self) -> Path:
        return self.folder / f"incoming-{os.getpid()}"

    def go_on(self, _more: int = 0) -> None:
        """Between two tries, and between two reads."""
        if self.stop.is_set():
            raise JarError("it was told to stop")

    @contextmanager
    def heeding(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        """As the client tells its progress."""
        yield self.go_on


def _fetch_all(
    missing: list[Jar], fetching: Fetching, pool: ThreadPoolExecutor, say: Callable[[str], None]
) -> None:
    try:
        for count, _ in enumerate(pool.map(lambda jar: _fetch(jar, fetching), missing), start=1):
            if count % 10 == 0 or count == len(missing):
                say(f"  {count} of {len(missing)} jars")
    finally:
        fetching.stop.set()
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(fetching.incoming, ignore_errors=True)


def _trust_whom_the_machine_trusts() -> None:
    """Where a company's proxy signs, its authority is in the machine's store; the client brings only its own."""
    store = next((name for name in STORES if Path(name).is_file()), None)
    if store is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", store)


def _fetch(jar: Jar, fetching: Fetching) -> None:
    """Into a folder of our own, then in one move to its place: a cut download never looks finished."""
    for attempt in range(1, TRIES + 1):
        try:
            _download(jar, fetching)
        except Exception as failure:
            (fetching.incoming / jar.path).unlink(missing_ok=True)
            if attempt == TRIES or fetching.stop.wait(attempt):
                raise JarError(
                    f"{jar.path.name} could not be fetched: {failure}. Run the command again."
                ) from failure
        else:
            break
    if not jar.is_in(fetching.incoming):
        raise JarError(f"{jar.path.name} is not the file in {LIST.name}; it was not used")
    (fetching.folder / jar.path).parent.mkdir(parents=True, exist_ok=True)
    (fetching.incoming / jar.path).replace(fetching.folder / jar.path)


def _download(jar: Jar, fetching: Fetching) -> None:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - slow to import, and seldom needed

    fetching.go_on()
    group, artifact, version = jar.coordinates
    resolver = PythonResolver(progress_callback=fetching.heeding)
    context = MavenContext(resolver=resolver, repo_cache=fetching.incoming, timeout=SILENCE)
    context.project(group, artifact).at_version(version).artifact().resolve()
