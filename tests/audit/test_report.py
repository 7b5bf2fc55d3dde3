"""Report: the first breaches of each kind, and how many there are."""

from __future__ import annotations

import json
from decimal import Decimal

from audit.breach import KEPT, Breach, Findings
from audit.report import Report
from tests.support.builders import NOW


def a_report(number: int) -> Report:
    findings = Findings()
    findings.add(Breach("one-permit", (f"id-{each}",), "two permits") for each in range(number))
    return Report(
        looked_at=NOW,
        seconds=1.0,
        breaches=findings.kept,
        totals=findings.totals,
        counts={"declarations": 1234567, "due": Decimal("72357.20000"), "paid": Decimal("0.125")},
    )


def test_a_clean_report_says_so() -> None:
    report = a_report(0)

    assert report.is_clean
    assert report.as_markdown().startswith("# Audit: clean")
    assert "| declarations | 1,234,567 |" in report.as_markdown()
    assert "| due | 72,357.20 |\n| paid | 0.125 |" in report.as_markdown()


def test_of_many_breaches_the_first_are_shown_and_all_are_counted() -> None:
    report = a_report(KEPT + 5)

    assert len(report.breaches) == KEPT
    assert report.totals == {"one-permit": KEPT + 5}
    assert report.lines_of("one-permit", 2) == [
        "id-0: two permits",
        "id-1: two permits",
        f"and {KEPT + 3} more",
    ]
    assert "## one-permit: 1005" in report.as_markdown()


def test_the_json_names_invariant_ids_and_sentence() -> None:
    document = json.loads(a_report(1).as_json())

    assert document["is_clean"] is False
    assert document["breaches"] == [
        {"invariant": "one-permit", "ids": ["id-0"], "sentence": "two permits"},
    ]
