"""Filing: all orders, in batches, once each.

A batch carries its own Idempotency-Key and is sent with the same content until it is answered; lines that met a busy
or broken service are sent again alone. Orders that are declared already are not sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cli.faults import Away
from cli.up.accounting import Key, Standing
from cli.up.link import AGAIN, Link
from sandbox.importer import Filing
from sandbox.parties import Client, client_of

BATCH_LINES, BATCH_BYTES = 40, 1_500_000
SENDERS = 3
ROUNDS = 60
NDJSON = "application/x-ndjson"
ACCEPTED = 300
"""Statuses below it are acceptance, new or repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some filings of one platform, in one request."""

    client: Client
    filings: tuple[Filing, ...]

    @property
    def body(self) -> bytes:
        """One submission a line."""
        return b"\n".join(filing.body() for filing in self.filings)

    @property
    def name(self) -> str:
        """The Idempotency-Key: the same content, the same name, also in a continued run."""
        return f"sw-up-{hashlib.sha256(self.body).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorAnswer:
    """What the door said of one order."""

    key: Key
    status: int
    declaration_id: str = ""
    codes: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether there is a declaration."""
        return self.status < ACCEPTED

    def standing(self) -> Standing | None:
        """The order's end, if the door refused it."""
        return None if self.is_accepted else Standing(key=self.key, kind="door", codes=self.codes)


def batches_of(filings: Iterable[Filing]) -> Iterator[Batch]:
    """The filings in batches of one platform each, small enough for the gateway."""
    waiting: dict[str, list[Filing]] = {}
    sizes: dict[str, int] = {}
    for filing in filings:
        platform, size = filing.key[0], len(filing.body())
        gathered = waiting.setdefault(platform, [])
        if gathered and (len(gathered) == BATCH_LINES or sizes[platform] + size > BATCH_BYTES):
            yield _batch(platform, gathered)
            gathered.clear()
        sizes[platform] = size + (sizes[platform] if gathered else 0)
        gathered.append(filing)
    yield from (_batch(platform, gathered) for platform, gathered in waiting.items())


def _batch(platform: str, filings: Sequence[Filing]) -> Batch:
    return Batch(client=client_of(platform), filings=tuple(filings))


async def file_all(
    link: Link, batches: Sequence[Batch], on_answered: Callable[[Sequence[DoorAnswer]], None]
) -> None:
    """Send every batch, a few at a time; each answer is told as it comes."""
    waiting = iter(batches)

    async def sender() -> None:
        for batch in waiting:
            await _file(link, batch, on_answered)

    async with asyncio.TaskGroup() as together:
        for _ in range(SENDERS):
            together.create_task(sender())


async def _file(link: Link, batch: Batch, on_answered: Callable[[Sequence[DoorAnswer]], None]) -> None:
    filings: Sequence[Filing] = batch.filings
    for attempt in range(ROUNDS):
        rows = await _send(link, Batch(client=batch.client, filings=tuple(filings)))
        told = [answer_of(filing.key, row) for filing, row in zip(filings, rows, strict=True)]
        on_answered([answer for answer in told if answer.status not in AGAIN])
        filings = [filing for filing, answer in zip(filings, told, strict=True) if answer.status in AGAIN]
        if not filings:
            return
        await asyncio.sleep(min(3.0, 0.2 * 2**attempt))
    raise Away(link.url, f"{len(filings)} filings were put off {ROUNDS} times")


async def _send(link: Link, batch: Batch) -> list[dict[str, Any]]:
    headers = {"Content-Type": NDJSON, "Idempotency-Key": batch.name}
    answer = await link.call(
        batch.client, "POST", "/v1/declarations/batch", content=batch.body, headers=headers
    )
    if answer.is_error:
        return [{"status": answer.status_code, "problem": answer.json()}] * len(batch.filings)
    return rows_in(answer.content)


def rows_in(content: bytes) -> list[dict[str, Any]]:
    """The outcome of each line: NDJSON, or one JSON list."""
    text = content.strip()
    if text.startswith(b"["):
        rows: list[dict[str, Any]] = msgspec.json.decode(text)
        return rows
    return [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]


def answer_of(key: Key, row: dict[str, Any]) -> DoorAnswer:
    """The answer to one line; every code that its problem names, once."""
    problem = row.get("problem") or row
    codes = [fault.get("code", "") for fault in problem.get("errors", ())] or [problem.get("code", "")]
    return DoorAnswer(
        key=key,
        status=int(row.get("status", 500)),
        declaration_id=str(row.get("declaration_id", "")),
        codes=tuple(dict.fromkeys(code for code in codes if code)),
    )
