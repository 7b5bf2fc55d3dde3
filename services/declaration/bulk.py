"""Bulk: many filings as NDJSON.

The body is read as it comes, within its bounds; lines are examined a chunk at a time while the chunk before is
being stored. Every line gets its own outcome, and one bad line spoils no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import msgspec

from services.declaration.filing import Filing
from services.declaration.intake import Receipt
from shared.kernel.refusal import Refusal
from shared.runtime.problems import problem_of

NDJSON = "application/x-ndjson"
MAX_LINES = 1000
MAX_BYTES = 16 * 1024 * 1024
CHUNK = 100
"""Lines examined, and stored, in one go; then others get their turn."""
RUN = 20
"""Lines that go through a stage before the next stage takes them."""

Stages = Sequence[Callable[[Any], Any]]
"""From a line to its filing, step by step."""
Note = Callable[[Refusal], None]
Submit = Callable[[Sequence[Filing]], Awaitable[list[Receipt | Refusal]]]


async def read_lines(stream: AsyncIterator[bytes]) -> list[bytes]:
    """The lines of a body that are not blank; 413 as soon as there are too many or too much."""
    body = bytearray()
    async for piece in stream:
        body += piece
        if len(body) > MAX_BYTES:
            raise _too_large(f"a batch has at most {MAX_BYTES} bytes")
    if body.count(b"\n") > 2 * MAX_LINES:
        raise _too_large(f"a batch has at most {MAX_LINES} lines")
    lines = [line for line in bytes(body).split(b"\n") if line.strip()]
    if len(lines) > MAX_LINES:
        raise _too_large(f"a batch has at most {MAX_LINES} lines")
    if not lines:
        raise _no_batch("there is no line in it", 422, "send one submission a line")
    return lines


def keyless() -> Refusal:
    """A batch with an Idempotency-Key: it would be dropped in silence."""
    detail = "a batch takes no Idempotency-Key: one key cannot stand for many filings"
    fix = "leave it out: a line that is sent again gets its first answer, by its order and waybill numbers"
    return Refusal("E-FMT-BATCH", detail, status=400, rule="keyless", fix=fix, source="docs/fields.md")


def _too_large(detail: str) -> Refusal:
    return _no_batch(detail, 413, "send several batches")


def _no_batch(detail: str, status: int, fix: str) -> Refusal:
    return Refusal("E-FMT-BATCH", detail, status=status, rule="read_lines", fix=fix, source="docs/fields.md")


async def file_lines(
    lines: Sequence[bytes], stages: Stages, submit: Submit, note: Note
) -> AsyncIterator[bytes]:
    """The outcome of each line as a line of JSON, in order; each refusal is noted."""
    pending: asyncio.Task[bytes] | None = None
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        examined = [each for run in runs_of(chunk) for each in in_stages(run, stages)]
        storing = asyncio.create_task(_store(start, examined, submit, note))
        await asyncio.sleep(0)
        if pending is not None:
            yield await pending
        pending = storing
    if pending is not None:
        yield await pending


def runs_of(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Lines in runs."""
    return (lines[start : start + RUN] for start in range(0, len(lines), RUN))


def in_stages(run: Sequence[bytes], stages: Stages) -> list[Filing | Refusal]:
    """Every line's filing, or its refusal. A stage takes the whole run before the next one does: what it runs
    through stays in the processor's caches meanwhile, which saves a quarter of the time."""
    passed: list[Any] = [*run]
    for stage in stages:
        passed = [each if isinstance(each, Refusal) else _tried(stage, each) for each in passed]
    return passed


def _tried(stage: Callable[[Any], Any], given: Any) -> Any:
    try:
        return stage(given)
    except Refusal as refusal:
        if refusal.rule == "read_body" and refusal.status == 400:
            refusal.fix = "send each submission whole on a line of its own, in UTF-8; `jq -c .` writes it so"
        return refusal


async def _store(start: int, examined: Sequence[Filing | Refusal], submit: Submit, note: Note) -> bytes:
    good = [each for each in examined if not isinstance(each, Refusal)]
    stored = iter(await _submitted(good, submit))
    answers = [each if isinstance(each, Refusal) else next(stored) for each in examined]
    for answer in answers:
        None if isinstance(answer, Receipt) else note(answer)
    return b"".join(_line(start + place, answer) for place, answer in enumerate(answers, start=1))


async def _submitted(good: Sequence[Filing], submit: Submit) -> Sequence[Receipt | Refusal]:
    try:
        return await submit(good) if good else []
    except Refusal as refusal:
        return [refusal] * len(good)


def _line(number: int, answer: Receipt | Refusal) -> bytes:
    if isinstance(answer, Refusal):
        shown: dict[str, Any] = {"line": number, "status": answer.status, "problem": problem_of(answer)}
    else:
        shown = {
            "line": number,
            "status": 202,
            "declaration_id": answer.declaration_id,
            "version": answer.version,
            "lane": answer.lane,
            "received_at": answer.received_at,
            "replayed": answer.replayed,
        }
    return msgspec.json.encode(shown) + b"\n"
