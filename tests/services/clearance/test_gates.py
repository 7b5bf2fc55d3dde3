"""The predicate, gate by gate."""

from __future__ import annotations

from itertools import product

import pytest

from services.clearance.gates import Outcome, Standing, Word, awaited_gates, outcome, refusing_gates
from shared.kernel.gate import SPEAKING, Agency, Gate, GateStatus
from tests.support.builders import NOW

STATUSES: tuple[GateStatus | None, ...] = ("PASSED", "NOT_REQUIRED", "HELD", "REFUSED", None)


def a_word(agency: Agency, status: GateStatus) -> Word:
    return Word(gate=Gate(agency=agency, status=status), since=NOW)


def a_standing(*statuses: GateStatus | None) -> Standing:
    """What was heard of a filed version; None stands for silence."""
    spoken = zip(SPEAKING, statuses, strict=True)
    words = {agency: a_word(agency, status) for agency, status in spoken if status is not None}
    return Standing(filed_at=NOW, words=words)


def test_a_permit_needs_four_open_gates_and_one_refusal_refuses() -> None:
    for statuses in product(STATUSES, repeat=4):
        standing = a_standing(*statuses)

        is_open = all(status in ("PASSED", "NOT_REQUIRED") for status in statuses)
        expected: Outcome = "REFUSED" if "REFUSED" in statuses else "PERMIT" if is_open else "OPEN"
        assert outcome(standing, None) == expected, statuses
        assert bool(refusing_gates(standing, None)) == (expected == "REFUSED"), statuses
        assert bool(awaited_gates(standing, None)) != is_open, statuses


def test_an_own_hold_keeps_the_permit_back() -> None:
    standing = a_standing("PASSED", "PASSED", "NOT_REQUIRED", "PASSED")

    hold = a_word("clearance", "HELD")

    assert outcome(standing, hold) == "OPEN"
    assert awaited_gates(standing, hold) == (hold.gate,)


def test_clearance_may_refuse_too() -> None:
    standing = a_standing("PASSED", "PASSED", "NOT_REQUIRED", "PASSED")

    hold = a_word("clearance", "REFUSED")

    assert outcome(standing, hold) == "REFUSED"
    assert refusing_gates(standing, hold) == (hold.gate,)


@pytest.mark.parametrize("status", ["PASSED", "REFUSED"])
def test_nothing_is_decided_before_the_submission_is_heard(status: GateStatus) -> None:
    standing = Standing(words={agency: a_word(agency, status) for agency in SPEAKING})

    assert outcome(standing, None) == "OPEN"
    assert [gate.awaits for gate in awaited_gates(standing, None)] == ["declaration"]


def test_a_silent_agency_is_awaited_by_name() -> None:
    awaited = awaited_gates(a_standing("PASSED", None, "HELD", "PASSED"), None)

    assert [(gate.agency, gate.code) for gate in awaited] == [("tax", "NOT_HEARD"), ("quarantine", "")]
