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
        elif isinstance(verdict, Holder) and filing.idempotency:
            taken[filing.idempotency] = verdict
        verdicts.append(verdict)
    return verdicts


def keys_of_repeats(
    filings: Sequence[Filing], verdicts: Sequence[Verdict], held: Mapping[str, Holder]
) -> dict[str, Holder]:
    """The fresh Idempotency-Keys of repeats, each with what it stands for from now on: the first answer."""
    known = {*held, *(verdict.idempotency for verdict in verdicts if isinstance(verdict, Filing))}
    return {
        filing.idempotency: verdict
        for filing, verdict in zip(filings, verdicts, strict=True)
        if isinstance(verdict, Holder) and filing.idempotency and filing.idempotency not in known
    }


def _verdict(filing: Filing, taken: Mapping[str, Holder]) -> Verdict:
    if holder := taken.get(filing.idempotency):
        return holder if holder.content_hash == filing.content_hash else reused()
    held = {key: taken[key] for key in filing.keys if key in taken}
    if not held:
        return filing
    key, first = next(iter(held.items()))
    repeat = Holder(declaration_id=first.declaration_id, content_hash=filing.content_hash)
    return repeat if repeat in held.values() else conflict(key, first)


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
            "taken: it was first filed with other content"
            if is_filed
            else "asked for by an amendment not answered yet"
        ),
        status=409,
        rule="settle",
        fix="read the first declaration and amend it if it does not say this yet, or correct the number"
        if is_filed
        else "wait for its answer",
        source="CEB 2022-05: orderNo is unique on its platform, logisticsNo for six months; -621004",
        first_declaration_id=holder.declaration_id,
        natural_key={"kind": kind, "code": code, "number": number},
    )


def departed(holder: Holder) -> Refusal:
    """Its keys are known, and its month has left: nobody can say any more what the first answer was."""
    return Refusal(
        "E-DUP-CONFLICT",
        "this was declared already, and what was declared then is no longer kept",
        status=409,
        rule="settle",
        fix="correct the number, if this is another trade",
        source="CEB 2022-05: orderNo is unique on its platform; -621004",
        first_declaration_id=holder.declaration_id,
    )
