"""Filing: all orders, in batches, once each.

Lines without an answer are sent again with the same content until they get one. Natural keys make that safe but for
one case, so before sending again it looks which of them are declared already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from cli.up.accounting import Key, Standing
from cli.up.link import AGAIN, Link, Pauses
from cli.up.reading import Reader
from sandbox.importer import Filing
from sandbox.parties import Client, client_of

BATCH_LINES, BATCH_BYTES = 40, 1_500_000
SENDERS = 3
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
        return b"\n".join(filing.body for filing in self.filings)

    def without(self, keys: Collection[Key]) -> Batch:
        """What is left of it."""
        return replace(self, filings=tuple(filing for filing in self.filings if filing.key not in keys))


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
        platform, size = filing.key[0], len(filing.body)
        gathered = waiting.setdefault(platform, [])
        if gathered and (len(gathered) == BATCH_LINES or sizes[platform] + size > BATCH_BYTES):
            yield _batch(platform, gathered)
            gathered.clear()
        sizes[platform] = size + (sizes[platform] if gathered else 0)
        gathered.append(filing)
    yield from (_batch(platform, gathered) for platform, gathered in waiting.items())


def _batch(platform: str, filings: Sequence[Filing]) -> Batch:
    return Batch(client=client_of(platform), filings=tuple(filings))


class FilingDesk:
    """Files batches, a few at a time, and tells each answer as it comes."""

    def __init__(
        self, link: Link, reader: Reader, on_answered: Callable[[Sequence[DoorAnswer]], None]
    ) -> None:
        self._link, self._reader, self._on_answered = link, reader, on_answered

    async def file_all(self, batches: Iterable[Batch]) -> None:
        """Every batch, until each line is answered."""
        waiting = iter(batches)

        async def sender() -> None:
            for batch in waiting:
                await self._file(batch)

        async with asyncio.TaskGroup() as together:
            for _ in range(SENDERS):
                together.create_task(sender())

    async def _file(self, batch: Batch) -> None:
        pauses, rest = Pauses(self._link), batch
        while True:
            told = await self._send(rest)
            self._on_answered(told)
            rest = rest.without({answer.key for answer in told})
            if not rest.filings:
                return
            await pauses.rest()
            rest = await self._not_kept(rest)

    async def _send(self, batch: Batch) -> list[DoorAnswer]:
        """The answers to those lines that got one."""
        headers = {"Content-Type": NDJSON}
        path = "/v1/declarations/batch"
        answer = await self._link.once(batch.client, "POST", path, content=batch.body, headers=headers)
        if answer is None:
            return []
        if answer.is_error:
            row = {"status": answer.status_code, "problem": answer.json()}
            return [answer_of(filing.key, row) for filing in batch.filings]
        told = [
            answer_of(filing.key, row)
            for filing, row in zip(batch.filings, rows_in(answer.content), strict=False)
        ]
        return [one for one in told if one.status not in AGAIN]

    async def _not_kept(self, batch: Batch) -> Batch:
        """Look before sending again: an answer may have been lost after the filing was kept, and a filing that was
        refused since has given its order number back."""
        kept = await self._reader.declared([filing.key for filing in batch.filings])
        self._on_answered(
            [DoorAnswer(key=key, status=202, declaration_id=found) for key, found in kept.items()]
        )
        return batch.without(kept.keys())


def rows_in(content: bytes) -> list[dict[str, Any]]:
    """The outcome of each line, in order; a last line that was cut off is none."""
    rows = []
    for line in content.splitlines():
        try:
            rows.append(msgspec.json.decode(line, type=dict[str, Any]))
        except msgspec.DecodeError:
            break
    return rows


def answer_of(key: Key, row: dict[str, Any]) -> DoorAnswer:
    """The answer to one line; every code and field that its problem names, once."""
    problem = row.get("problem") or row
    codes = [
        f"{fault.get('code', '')} {field_in(fault.get('pointer', ''))}" for fault in problem.get("errors", ())
    ]
    codes = codes or [str(problem.get("code", ""))]
    return DoorAnswer(
        key=key,
        status=int(row.get("status", 500)),
        declaration_id=str(row.get("declaration_id", "")),
        codes=tuple(dict.fromkeys(code.strip() for code in codes)),
    )


def field_in(pointer: str) -> str:
    """The field that a pointer leads to, without its place in a list."""
    return next((part for part in reversed(pointer.split("/")) if part and not part.isdigit()), "")
