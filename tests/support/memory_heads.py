"""Memory heads: the runtime's heads in a dict, with the locks of a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from shared.contracts.topics import SOURCES
from shared.runtime.bus import Message
from shared.runtime.failures import RowTaken
from shared.runtime.heads import Head
from tests.support.memory_database import MemoryConnection

Heads = dict[str, Head]


class MemoryHeads:
    """Keeps the promise of `Books` about heads."""

    async def lock_heads(self, connection: MemoryConnection, subjects: Iterable[str]) -> Heads:
        ids = sorted(set(subjects))
        await connection.pause("lock heads")
        table = connection.table("heads")
        seen = [
            subject for subject in ids if subject in table
        ]  # as one statement: what comes later is not seen
        await connection.lock(*(("heads", subject) for subject in seen))
        return {subject: Head(subject) for subject in ids} | {key: copy_of(table[key]) for key in seen}

    async def insert_heads(
        self, connection: MemoryConnection, fresh: Iterable[Head], sources: Collection[str]
    ) -> None:
        await connection.pause("insert heads")
        heard = set(sources)
        for head in fresh:
            await connection.lock(("heads", head.subject_id))
            if head.subject_id in connection.table("heads"):
                raise RowTaken(head.subject_id)
            cursors = {each: head.heard[each] if each in heard else 0 for each in SOURCES}
            connection.table("heads")[head.subject_id] = replace(head, heard=cursors, is_new=False)

    async def save_heads(
        self, connection: MemoryConnection, moved: Iterable[Head], sources: Iterable[str] = SOURCES
    ) -> None:
        await connection.pause("save heads")
        table, heard, all_of_them = connection.table("heads"), set(sources), list(moved)
        for head in all_of_them:
            if not head.is_new:
                before: Head = table[head.subject_id]
                cursors = {each: (head if each in heard else before).heard[each] for each in SOURCES}
                table[head.subject_id] = replace(head, heard=cursors)
        await self.insert_heads(connection, [head for head in all_of_them if head.is_new], heard)

    async def pass_over(self, connection: MemoryConnection, asides: Sequence[Message]) -> list[Message]:
        await connection.pause("pass over")
        left, table = [], connection.table("heads")
        for subject in sorted({message.subject for message in asides}):
            mine = [message for message in asides if message.subject == subject]
            if subject in table:
                await connection.lock(("heads", subject))
            head = table.get(subject)
            if head and not head.waiting and all(each.seq == head.next(each.source) for each in mine):
                heard = head.heard | {each.source: each.seq for each in mine}
                table[subject] = replace(head, heard=heard)
            else:
                left += mine
        return left


def copy_of(head: Head) -> Head:
    """A head that its taker may change."""
    return replace(head, heard=dict(head.heard))
