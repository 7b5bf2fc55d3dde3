"""Heads: locked first; a new one belongs to whoever writes it first."""

from __future__ import annotations

import pytest

from shared.runtime.failures import RowTaken, is_transient
from shared.runtime.heads import lock_heads, save_heads
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.builders import a_declaration_id
from tests.support.toy import rows


async def be_overtaken(work: UnitOfWork, subject: str) -> None:
    """A writer finds no head; before it is done, another one makes it."""
    async with work.engine.begin() as slow:
        heads = await lock_heads(slow, [subject])
        heads[subject].take_seq()
        async with work.engine.begin() as quick:
            await save_heads(quick, (await lock_heads(quick, [subject])).values())
        await save_heads(slow, heads.values())


async def test_who_makes_a_head_second_is_undone_and_may_try_again(work: UnitOfWork) -> None:
    with pytest.raises(RowTaken) as second:
        await be_overtaken(work, a_declaration_id())

    assert is_transient(second.value)
    assert await rows(work.engine, "select next_seq from heads") == [(1,)]
