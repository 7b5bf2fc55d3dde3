"""Memory quarantine: the desk without a database."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kernel.review import Review


class MemoryQuarantine:
    """Keeps the promise of `QuarantineDesk` in a dict."""

    def __init__(self) -> None:
        self.queue: dict[str, Review] = {}

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        self.queue |= {review.declaration_id: review for review in opened}

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        for declaration_id in declaration_ids:
            self.queue.pop(declaration_id, None)
