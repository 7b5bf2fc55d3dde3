"""Answers: what the door says of a filing, as far as it is counted."""

from __future__ import annotations

import msgspec

from cli.load.ledger import ACCEPTED, BUSY, REFUSED, UNKNOWN
from cli.load.wire import Answer

OK, TAKEN_IN, BAD, TOO_MANY, BROKEN = 200, 202, 400, 429, 500
BARRED = (401, 403)
"""Said of who files, not of what is filed."""


class Problem(msgspec.Struct):
    """A problem document."""

    code: str = ""
    detail: str = ""
    fix: str = ""


class Row(Problem):
    """The answer to one filing: alone, or as a line of a batch. Alone it is the problem; a line has it within."""

    status: int | str = BROKEN
    declaration_id: str = ""
    replayed: bool = False
    problem: Problem | None = None

    @property
    def why(self) -> Problem:
        """Why it was refused."""
        return self.problem or Problem(self.code, self.detail, self.fix)


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
