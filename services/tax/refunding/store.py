"""Refund store: the SQL of what is given back.

A row a completed return, with its lines as JSON; nothing of it is read or written for what never comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.assessment import KeptAssessment
from services.tax.refunding.refunds import Refund, Release
from services.tax.rows import HOLDING, read_holding, read_working
from services.tax.tables import refunds
from shared.runtime.database import insert_rows

_ASSESSED = sa.text(
    f"""select distinct on (declaration_id) {HOLDING}, rule_set, working from assessments
        where declaration_id = any(cast(:ids as uuid[])) order by declaration_id, version desc"""
)
_REFUNDS = sa.text(
    """select body from refunds where declaration_id = any(cast(:ids as uuid[]))
       order by declaration_id, request_id"""
)
_encode = msgspec.json.Encoder().encode
_read_refund = msgspec.json.Decoder(Refund).decode


class SqlRefunds:
    """Refunds on one connection, and the assessments that they are reckoned from."""

    connection: AsyncConnection

    async def releases_of(self, declaration_ids: Iterable[str]) -> dict[str, Release]:
        """The latest version of each declaration as it was assessed, with what its returns have given back."""
        ids = list(declaration_ids)
        rows = (await self.connection.execute(_ASSESSED, {"ids": ids})).mappings().all()
        earlier = await self.refunds_of(ids)
        return {
            row["declaration_id"]: Release(
                kept=read_kept(row), earlier=earlier.get(row["declaration_id"], ())
            )
            for row in rows
        }

    async def refunds_of(self, declaration_ids: Iterable[str]) -> dict[str, list[Refund]]:
        """What the returns of declarations have given back so far."""
        found: dict[str, list[Refund]] = {}
        bodies = await self.connection.execute(_REFUNDS, {"ids": list(declaration_ids)})
        for refund in map(_read_refund, bodies.scalars()):
            found.setdefault(refund.declaration_id, []).append(refund)
        return found

    async def keep_refunds(self, made: Sequence[Refund]) -> None:
        """Keep new refunds."""
        rows = [
            {
                "declaration_id": refund.declaration_id,
                "request_id": refund.request_id,
                "version": refund.version,
                "tax_total": refund.taxes.total,
                "quota": refund.quota,
                "body": _encode(refund),
            }
            for refund in made
        ]
        await insert_rows(self.connection, refunds, rows)


def read_kept(row: sa.RowMapping) -> KeptAssessment:
    """An assessment from its row."""
    return KeptAssessment(
        holding=read_holding(row), rule_set=row["rule_set"], working=read_working(row["working"])
    )
