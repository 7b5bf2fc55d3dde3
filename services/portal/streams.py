"""Streams: server-sent events of the pipeline and of a declaration."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from services.portal.cursor import Cursor, cursor_of
from services.portal.desk import PortalDesk
from services.portal.story import Fact, away_of, facts_of, is_settled
from services.portal.upstream import COMPOSING, Answer
from services.portal.watch import Subject
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, TokenVerifier

RETRY_MS = 2000
"""After so long a browser connects again."""
ENDED = (401, 403, 404)
"""Answers after which there is nothing more to see."""
_STILL_HERE = format_sse_event(comment="still here")


async def event_stream(events: AsyncGenerator[bytes, None]) -> StreamingResponse:
    """The answer that streams events; nobody in between may keep or gather them.

    With the first of them the viewer's place is taken, so that one too many is refused before anything is sent.
    """
    first = await anext(events)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_from(first, events), media_type="text/event-stream", headers=headers)


async def _from(first: bytes, further: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(further):
        yield first
        async for event in further:
            yield event


async def live(desk: PortalDesk) -> AsyncGenerator[bytes, None]:
    """The picture of the pipeline, once a second."""
    async with desk.onlookers.watch("live", desk.look) as subject:
        yield format_sse_event(retry=RETRY_MS)
        turn = 0
        while not subject.closed:
            if await subject.after(turn):
                turn = subject.turn
                yield format_sse_event(event="picture", data_str=json.dumps(subject.latest.as_json()))
            else:
                yield _STILL_HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who follows a declaration, and from where on."""

    declaration_id: str
    caller: Caller
    token: str
    verifier: TokenVerifier
    last_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Viewers who may see the same share their questions."""
        return self.declaration_id, "*" if self.caller.reads_all else self.caller.party

    @property
    def path(self) -> str:
        """Where the facts are."""
        return f"/v1/declarations/{self.declaration_id}/timeline"

    def is_welcome(self, answer: Answer, token: str) -> bool:
        """Whether there is more to see: the token is still good, the declaration still shown.

        That another viewer's token is refused, with which it was asked for, says nothing of this one's.
        """
        try:
            self.verifier.verify(self.token, datetime.now(UTC))
        except Refusal:
            return False
        return answer.status not in ENDED or (answer.status == 401 and token != self.token)


async def follow(desk: PortalDesk, viewer: Viewer, first: Answer) -> AsyncGenerator[bytes, None]:
    """The facts of a declaration as they come, until it is settled."""

    async def ask(subject: Subject) -> tuple[str, Answer]:
        token = subject.token
        return token, await desk.upstream.ask("declaration", viewer.path, token, COMPOSING)

    async with desk.followers.watch(viewer.key, ask, viewer.token) as subject:
        yield format_sse_event(retry=RETRY_MS)
        async for event in _follow(subject, viewer, first):
            yield event


async def _follow(subject: Subject, viewer: Viewer, answer: Answer) -> AsyncGenerator[bytes, None]:
    cursor = cursor_of(viewer.last_id, facts_of(answer.body), away_of(answer.body))
    turn, token = 0, viewer.token
    while viewer.is_welcome(answer, token):
        facts = facts_of(answer.body) if answer.is_good else []
        for fact in cursor.beyond(facts):
            cursor = cursor.past(fact)
            yield event_of(fact, cursor)
        if subject.closed or is_settled(facts, away_of(answer.body), datetime.now(UTC)):
            return
        if answer.status == 401:
            subject.token = viewer.token
        if await subject.after(turn):
            turn, (token, answer) = subject.turn, subject.latest
        else:
            yield _STILL_HERE


def event_of(fact: Fact, cursor: Cursor) -> bytes:
    """A fact as one event: id to resume after, type, the fact as the timeline tells it."""
    return format_sse_event(
        id=cursor.id, event=fact.type, data_str=json.dumps(fact.raw, ensure_ascii=False, default=str)
    )


def is_over(first: Answer, last_id: str) -> bool:
    """Whether a viewer who comes again has seen all there will be."""
    facts, away = facts_of(first.body), away_of(first.body)
    is_told = bool(last_id) and not cursor_of(last_id, facts, away).beyond(facts)
    return is_told and is_settled(facts, away, datetime.now(UTC))
