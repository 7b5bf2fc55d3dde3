"""Refusals: which rule said no, and why.

A `Fault` is one fault of a submission, at its place; a `Refusal` is a request that cannot be served.
Both carry what the sender needs: stable code, rule, legal source, fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a document."""

    pointer: str
    """JSON Pointer (RFC 6901) to the field, e.g. /list/lines/0/goods_code."""
    code: str
    """Stable code, e.g. E-FMT-SCHEMA."""
    rule: str
    """Name of the rule that said no, as the function is called."""
    detail: str
    """What is wrong, in one sentence."""
    fix: str
    """What to do about it."""
    source: str = ""
    """Legal or technical source."""


def escaped(name: str) -> str:
    """A name as a part of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


@contextmanager
def beneath(pointer: str) -> Iterator[None]:
    """Faults found inside are those of a document that lies at this place of what was sent."""
    try:
        yield
    except Refusal as refusal:
        refusal.faults = tuple(replace(fault, pointer=pointer + fault.pointer) for fault in refusal.faults)
        raise


class Refusal(Exception):
    """A request is refused: {code}: {detail}"""

    def __init__(  # noqa: PLR0913 (what a sender needs to mend it)
        self,
        code: str,
        detail: str,
        *,
        status: int = 409,
        rule: str = "",
        fix: str = "",
        source: str = "",
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.status = code, detail, status
        self.rule, self.fix, self.source = rule, fix, source
        self.faults = tuple(faults)
        self.headers = headers or {}
        self.extra = extra
        """Further members of the problem document, e.g. the id of the first document."""
