"""Examiner: from what was sent to a filing, in three stages which raise the Refusal that names every fault."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.declaration.domain import Party, Surroundings
from services.declaration.door import submission_of
from services.declaration.filing import Filer, Filing, Secret, accept, examine, judge
from services.declaration.submission import Submission
from shared.kernel.ids import uuid7_at
from shared.kernel.refusal import Fault
from shared.runtime.body import Body


class Examiner:
    """What a filer sends at a moment is examined with the parties as they are known then."""

    def __init__(self, secret: Secret, parties: Mapping[str, Party], filer: Filer, now: datetime) -> None:
        self._secret, self._filer, self._now = secret, filer, now
        self._around = Surroundings(now=now, parties=parties)
        self.stages: Sequence[Callable[[Any], Any]] = (self.shape, self.examine, self.accept)

    def filing(self, body: Body) -> Filing:
        """All stages, one after the other."""
        passed: Any = body
        for stage in self.stages:
            passed = stage(passed)
        filing: Filing = passed
        return filing

    def shape(self, body: Body) -> Submission:
        """The submission that a body says; of one with faults of shape the rules judge what is known."""
        return submission_of(body, self._judge_part)

    def examine(self, submission: Submission) -> Submission:
        """The submission, if no rule finds a fault."""
        examine(submission, self._filer, self._around)
        return submission

    def accept(self, submission: Submission) -> Filing:
        """Its filing, under an id of its own."""
        declaration_id = uuid7_at(self._now, os.urandom(10))
        return accept(submission, self._filer, declaration_id, self._secret, self._now)

    def _judge_part(self, known: Submission) -> Sequence[Fault]:
        return judge(known, self._filer, self._around)
