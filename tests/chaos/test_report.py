"""Report: what struck and what came of it, and when a campaign is clean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.breach import Breach
from audit.report import Report
from tests.chaos import report
from tests.chaos.__main__ import main
from tests.chaos.breath import Breath
from tests.chaos.campaign import Outcome, Struck
from tests.chaos.faults.processes import Kill
from tests.chaos.plan import Strike
from tests.chaos.recovery import Recovery
from tests.chaos.report import Wish

WISH = Wish(seed=7, faults=1, only="kill", brokers=3)
CLEAN = Report(looked_at=datetime(2026, 3, 1, tzinfo=UTC), seconds=1.0)
LOST = Breach("acknowledged-is-stored", ("019732f0",), "it was acknowledged and is not stored")


def a_struck(**changes: Any) -> Struck:
    struck = Struck(Strike(1, 5.0, Kill(target="tax"), "7-1"), 5.1, 5.2, Recovery(1.5, 2.5))
    return replace(struck, **changes)


def an_outcome(**changes: Any) -> Outcome:
    return replace(Outcome(struck=[a_struck()], filed=10, audit=CLEAN, quiet_after=3.0), **changes)


def test_all_recovered_and_a_clean_audit_is_clean() -> None:
    assert an_outcome().is_clean


@pytest.mark.parametrize(
    "spoiled",
    [
        an_outcome(struck=[a_struck(recovery=Recovery(None, 2.5))]),
        an_outcome(struck=[a_struck(trouble="it would not")]),
        an_outcome(audit=replace(CLEAN, breaches=[LOST], totals={LOST.invariant: 1})),
        an_outcome(audit=None),
        an_outcome(audit=replace(CLEAN, counts={"declarations open": 1})),
        an_outcome(quiet_after=None),
        an_outcome(surprises=["a good filing was answered 500"]),
        an_outcome(struck=[]),
        an_outcome(filed=0),
    ],
    ids=[
        *("no permit", "not injected", "a breach", "no audit", "no outcome", "no rest", "a surprise"),
        *("nothing struck", "nothing was filed"),
    ],
)
def test_anything_else_is_not(spoiled: Outcome) -> None:
    assert not spoiled.is_clean


@pytest.mark.parametrize("asked", [["--only", "clock"], ["--faults", "0"]])
def test_a_campaign_in_which_nothing_can_strike_does_not_begin(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.chaos.faults.database.LIBRARIES", ())
    monkeypatch.delenv("CHAOS_FAKETIME", raising=False)
    monkeypatch.setattr("sys.argv", ["chaos", *asked])

    assert main() == 2

    assert "a campaign without one proves nothing" in capsys.readouterr().out


def test_the_report_says_it_to_people_and_programs_and_how_to_have_it_again(tmp_path: Path) -> None:
    breath = Breath(late=[0.0, 0.01, 4.0], load=33.2)

    path = report.write(tmp_path, WISH, an_outcome(breath=breath), [("clock-tax", "libfaketime")])

    text, document = path.read_text(), json.loads(path.with_suffix(".json").read_text())
    assert "| 1 | kill-tax | 5.1 s | 5.2 s | 1.5 s | 2.5 s | recovered |" in text
    assert "- clock-tax: needs libfaketime" in text
    assert "up to 33 processes at a time wanted them; the campaign itself was 0.01 s late" in text
    assert document["machine"]["late_s"] == {"median": 0.01, "worst": 4.0}
    assert document["verdict"] == "clean"
    assert document["again"] == "make chaos SEED=7 FAULTS=1 ONLY=kill BROKERS=3"
    assert document["faults"][0]["permit_after_s"] == 1.5
