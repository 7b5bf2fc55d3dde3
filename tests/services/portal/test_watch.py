"""Watching: one poll for all viewers, a bound on them, an end to all."""

from __future__ import annotations

import asyncio

import pytest

from services.portal.watch import Hub, Subject
from shared.kernel.refusal import Refusal


class Counting:
    """A poll that counts how often it is asked, and with whose token."""

    def __init__(self) -> None:
        self.asked = 0
        self.tokens: set[str] = set()

    async def __call__(self, subject: Subject) -> int:
        self.asked += 1
        self.tokens.add(subject.token)
        return self.asked


async def test_many_viewers_cost_one_poll() -> None:
    hub, poll = Hub(limit=10, pause=60), Counting()

    async with hub.watch("a", poll) as first, hub.watch("a", poll) as second:
        assert first is second
        assert await first.after(0)
        assert await second.after(0)

    assert poll.asked == 1


async def test_nobody_is_asked_without_a_viewer() -> None:
    hub, poll = Hub(limit=10, pause=0), Counting()
    async with hub.watch("a", poll) as subject:
        await subject.after(0)

    asked = poll.asked
    for _ in range(5):
        await asyncio.sleep(0)

    assert poll.asked == asked


async def test_a_later_viewer_of_the_same_gets_a_fresh_subject() -> None:
    hub = Hub(limit=10, pause=0)
    async with hub.watch("a", Counting()) as first:
        await first.after(0)

    async with hub.watch("a", Counting()) as second:
        assert second is not first
        assert await second.after(0)


async def test_a_poll_looks_with_the_token_of_who_came_last() -> None:
    hub, poll = Hub(limit=10, pause=0), Counting()

    async with hub.watch("a", poll, "old"), hub.watch("a", poll, "new") as subject:
        await subject.after(0)

    assert poll.tokens == {"new"}


async def test_one_viewer_too_many_is_refused_with_429() -> None:
    hub = Hub(limit=1, pause=0)

    async with hub.watch("a", Counting()):
        with pytest.raises(Refusal) as refused:
            hub.make_room()

    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "10")
    hub.make_room()


async def test_when_nothing_is_new_the_wait_ends_for_a_sign_of_life() -> None:
    hub = Hub(limit=1, pause=60)

    async with hub.watch("a", Counting()) as subject:
        assert await subject.after(0)
        assert not await subject.after(1, timeout=0.01)


async def test_closing_wakes_every_viewer() -> None:
    hub = Hub(limit=10, pause=60)

    async with hub.watch("a", Counting()) as subject:
        await subject.after(0)
        waiting = asyncio.create_task(subject.after(1))
        await asyncio.sleep(0)
        hub.close()
        assert not await asyncio.wait_for(waiting, 1)
        assert subject.closed

    with pytest.raises(Refusal):
        hub.make_room()
