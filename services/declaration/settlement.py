"""Settlement: whose are the keys.

Natural keys and Idempotency-Keys belong to the first declaration that takes them. The same content again gets
the first answer; other content is a conflict that names the first document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.declaration.filing import Filing
from shared.kernel.refusal import Refusal

NOT_FILED = ""
"""The content of a key that an amendment holds, and no filing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a key, and the hash of the content it was taken with."""

    declaration_id: str
    content_hash: str


Verdict = Filing | Holder | Refusal
"""Accepted, a repeat of what the holder filed, or refused."""


def keys_of(filing: Filing) -> tuple[str, ...]:
    """All the keys that a filing needs."""
    return (*filing.keys, filing.idempotency) if filing.idempotency else filing.keys


def settle(filings: Sequence[Filing], held: Mapping[str, Holder]) -> list[Verdict]:
    """A verdict for each filing, in order; those of one batch meet each other as they would meet stored ones."""
    taken = dict(held)
    verdicts: list[Verdict] = []
    for filing in filings:
        verdict = _verdict(filing, taken)
        if isinstance(verdict, Filing):
            holder = Holder(declaration_id=filing.declaration_id, content_hash=filing.content_hash)
            taken.update(dict.fromkeys(keys_of(filing), holder))
        verdicts.append(verdict)
    return verdicts


def _verdict(filing: Filing, taken: Mapping[str, Holder]) -> Verdict:
    if holder := taken.get(filing.idempotency):
        return holder if holder.content_hash == filing.content_hash else reused()
    for key in filing.keys:
        if holder := taken.get(key):
            return holder if holder.content_hash == filing.content_hash else conflict(key, holder)
    return filing


def reused() -> Refusal:
    """An Idempotency-Key stands for one request."""
    return Refusal(
        "E-IDEM-REUSED",
        "this Idempotency-Key was used with another body",
        status=422,
        rule="settle",
        fix="use a new key for a new submission",
        source="IETF draft idempotency-key-header",
    )


def conflict(key: str, holder: Holder) -> Refusal:
    """A natural key stands for one document."""
    kind, code, number = key.split("|", 2)
    is_filed = holder.content_hash != NOT_FILED
    named = {"order": "order of platform", "waybill": "waybill of carrier"}[kind]
    return Refusal(
        "E-DUP-CONFLICT",
        f"{named} {code} number {number} is "
        + (
            "declared already, with other content"
            if is_filed
            else "asked for by an amendment not answered yet"
        ),
        status=409,
        rule="settle",
        fix="amend the first declaration, or correct the number" if is_filed else "wait for its answer",
        source="CEB 2022-05: orderNo is unique on its platform, logisticsNo for six months; -621004",
        first_declaration_id=holder.declaration_id,
        natural_key={"kind": kind, "code": code, "number": number},
    )
