"""Request store: the SQL of requests to amend, to cancel and to return, and of what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.declaration.filing import Filing
from services.declaration.requests import Answer, Ended, Wanted
from services.declaration.rows import lines_of, request_row
from services.declaration.tables import requests
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.returning import Declared
from shared.runtime.database import fetch, insert_rows, update_rows

_KEPT = sa.text(
    """select 1 from requests where declaration_id = cast(:id as uuid) and request_id = cast(:request as uuid)"""
)

_DOCUMENT = sa.text("select document from declarations where declaration_id = :id and version = :version")


class SqlRequests:
    """Requests on one connection."""

    connection: AsyncConnection

    async def is_kept(self, declaration_id: str, request_id: str) -> bool:
        """Whether a request is kept already."""
        asked = {"id": declaration_id, "request": request_id}
        return bool(await fetch(self.connection, _KEPT, asked))

    async def save_request(self, declaration_id: str, wanted: Wanted, now: datetime) -> None:
        """Keep a request that carries no submission: to cancel, to return."""
        await insert_rows(self.connection, requests, [request_row(declaration_id, wanted, now)])

    async def save_amendment(
        self, filing: Filing, wanted: Wanted, event: DeclarationSubmitted, keys: Sequence[str], now: datetime
    ) -> None:
        """Keep a request to amend, with the keys that it has taken."""
        row = request_row(event.declaration_id, wanted, now)
        said = {"event": msgspec.json.encode(event), **asdict(filing.kept), "keys": list(keys)}
        await insert_rows(self.connection, requests, [{**row, **said}])

    async def declared_lines(self, declaration_id: str, version: int) -> Mapping[int, Declared]:
        """The lines of a version, by number: what a return may ask for."""
        asked = {"id": declaration_id, "version": version}
        return lines_of((await self.connection.execute(_DOCUMENT, asked)).scalar_one())

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep clearance's answers to requests."""
        rows = [asdict(each) for each in answers]
        await update_rows(self.connection, requests, rows, key=("declaration_id", "request_id"))

    async def end_returns(self, ended: Sequence[Ended]) -> None:
        """Keep how admitted returns ended."""
        rows = [asdict(each) for each in ended]
        await update_rows(self.connection, requests, rows, key=("declaration_id", "request_id"))
