"""Memory refunds: what goods that are back have given back, in dicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.tax.assessment import KeptAssessment
from services.tax.refunding.refunds import Refund, Release


class MemoryRefunds:
    """The half of the tax ledger's fake that keeps refunds."""

    kept: dict[tuple[str, int], KeptAssessment]
    refunds: dict[tuple[str, str], Refund]

    async def releases_of(self, declaration_ids: Iterable[str]) -> dict[str, Release]:
        """The latest version of each declaration as it was assessed, with what its returns have given back."""
        asked = set(declaration_ids)
        earlier = await self.refunds_of(asked)
        return {
            key[0]: Release(kept=kept, earlier=earlier.get(key[0], ()))
            for key, kept in sorted(self.kept.items())
            if key[0] in asked
        }

    async def refunds_of(self, declaration_ids: Iterable[str]) -> dict[str, list[Refund]]:
        """What the returns of declarations have given back so far."""
        found: dict[str, list[Refund]] = {}
        for (declaration_id, _), refund in sorted(self.refunds.items()):
            if declaration_id in declaration_ids:
                found.setdefault(declaration_id, []).append(refund)
        return found

    async def keep_refunds(self, made: Sequence[Refund]) -> None:
        """Keep new refunds."""
        self.refunds |= {(refund.declaration_id, refund.request_id): refund for refund in made}
