"""Filings: what is filed and asked in tests of handlers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.declaration import petitions
from services.declaration.filing import Filer, Filing, Secret, accept
from services.declaration.intake import answers_of, events_of, settle_keys
from services.declaration.petitions import RequestAmendment
from services.declaration.requests import Wanted
from services.declaration.rows import version_row
from services.declaration.sayings import reviews_of
from services.declaration.store import SqlDeclarations
from shared.contracts.clearance import (
    DeclarationCancelled,
    DeclarationRefused,
)
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_submission
from tests.support.memory_declaration import MemoryDeclarations

SECRET = Secret(key=b"k" * 32)
ONE, TWO = a_declaration_id(1), a_declaration_id(2)
REQUEST = a_declaration_id(99)
Store = MemoryDeclarations | SqlDeclarations


def a_filing(number: int = 1, declaration_id: DeclarationId = ONE, key: str = "", **overrides: Any) -> Filing:
    submission = a_submission(number=number, **overrides)
    filer = Filer(party="AGENT00001", client_id="agent", idempotency=key)
    return accept(submission, filer, declaration_id, SECRET, NOW)


async def filed(store: Store, *filings: Filing, now: datetime = NOW) -> list[Any]:
    """What the intake does in its transaction, without facts."""
    verdicts, first = await settle_keys(store, filings, now)
    accepted = events_of(verdicts)
    await store.save_versions([version_row(event, filing.kept) for filing, event in accepted])
    await store.open_reviews(reviews_of([event for _, event in accepted], now))
    return answers_of(verdicts, first)


def wanted(kind: Any = "amendment", **changes: Any) -> Wanted:
    wish = Wanted(request_id=REQUEST, kind=kind, based_on_version=1, party="AGENT00001", reason="why not")
    return replace(wish, **changes)


async def amend(store: Store, filing: Filing, **changes: Any) -> list[Any]:
    wish = RequestAmendment(declaration_id=ONE, filing=filing, wanted=wanted(**changes))
    return await petitions.on_amendments_requested([wish], store, NOW)


def about(kind: type[Any], **members: Any) -> Any:
    return kind(**{"declaration_id": ONE, "version": 1, "parties": PARTIES, **members})


REFUSED = about(DeclarationRefused, gate=Gate(agency="tax", status="REFUSED", code="E-LIMIT-ORDER"))
CANCELLED = about(DeclarationCancelled, request_id=REQUEST, reason="changed my mind")
