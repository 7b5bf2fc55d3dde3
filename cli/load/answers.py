"""Answers: what the door says of a filing, as far as it is counted."""

from __future__ import annotations

import msgspec

from cli.load.ledger import ACCEPTED, BUSY, REFUSED, UNKNOWN
from cli.load.wire import Answer

OK, TAKEN_IN, BAD, TOO_MANY, BROKEN = 200, 202, 400, 429, 500


class Problem(msgspec.Struct):
    """A problem document."""

    code: str = ""


class Row(msgspec.Struct):
    """The answer to one filing: alone, or as a line of a batch."""

    status: int | str = BROKEN
    declaration_id: str = ""
    replayed: bool = False
    code: str = ""
    problem: Problem | None = None

    @property
    def why(self) -> str:
        """The code of a refusal."""
        return self.problem.code if self.problem else self.code


_read = msgspec.json.Decoder(Row).decode


def rows_of(answer: Answer, count: int) -> list[tuple[Row, int]]:
    """A row and its status for each of `count` filings of a request; what is missing was not answered."""
    if answer.status == OK:
        rows = [_row(line) for line in answer.body.splitlines()[:count]]
        rows += [Row()] * (count - len(rows))
        return [(row, row.status if isinstance(row.status, int) else BROKEN) for row in rows]
    return [(_row(answer.body), answer.status)] * count


def state_of(status: int) -> int:
    """What a status says of a filing."""
    if status == TAKEN_IN:
        return ACCEPTED
    if status == TOO_MANY:
        return BUSY
    return REFUSED if BAD <= status < BROKEN else UNKNOWN


def _row(body: bytes) -> Row:
    try:
        return _read(body)
    except msgspec.MsgspecError:
        return Row()
