"""Faults of a user: one sentence and what to do.

Exit codes of every command: 0 done; 1 the answer is no (refused, not genuine, not accounted for, something is
missing); 2 wrong usage; 3 the window cannot be reached or is busy; 4 not allowed; 130 interrupted.
"""

from __future__ import annotations

NO, USAGE, AWAY, FORBIDDEN, INTERRUPTED = 1, 2, 3, 4, 130


class Fault(Exception):
    """What a person did or met that ends a command: {message}. {fix}"""

    def __init__(self, message: str, fix: str = "", code: int = NO) -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code


class Away(Fault):
    """The window does not answer."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"the window at {address} does not answer ({why})",
            "start it with `./sw up`, look at `./sw doctor`, or name another one in SW_URL",
            AWAY,
        )
