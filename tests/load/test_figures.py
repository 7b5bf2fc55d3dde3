"""Figures: medians with their ranges, and pages from them."""

from pathlib import Path

from tests.load.figures import UNITS, Figures, ratios, shown
from tests.load.machine import calibrate, flush_time
from tests.load.pages import write_pages


def test_a_figure_is_the_middle_of_its_runs_with_their_range() -> None:
    figures = Figures()
    for value in (900.0, 1100.0, 1000.0):
        figures.add("bulk_permits_per_s", value)
    figures.add("ack_p99_ms", None)

    assert figures.summary() == {
        "bulk_permits_per_s": {"median": 1000.0, "range": [900.0, 1100.0], "runs": 3}
    }
    assert "| `bulk_permits_per_s` | 1,000 | 900 to 1,100 | 3 |" in figures.table()


def test_every_name_of_the_issue_is_told() -> None:
    names = """single_permits_per_s bulk_permits_per_s baseline_message_permits_per_s baseline_batch_permits_per_s
      permit_p50_ms permit_p99_ms ack_p99_ms cpu_us_single cpu_us_bulk growth_ratio catchup_s"""

    assert set(names.split()) <= UNITS.keys()


def test_ours_is_set_against_both_forms_of_the_usual_stack() -> None:
    found = {
        "bulk_permits_per_s": [3000.0],
        "baseline_batch_permits_per_s": [1000.0],
        "baseline_message_permits_per_s": [100.0],
    }

    assert (
        ratios(found)
        == "bulk: 3.0 times the usual stack's batch form, 30.0 times the usual stack's message form"
    )
    assert ratios({}) == ""


def test_three_digits_are_enough() -> None:
    assert [shown(value) for value in (1234.5, 45.67, 1.234, 0.0)] == ["1,234", "45.7", "1.23", "0"]


def test_a_page_has_a_plot_of_what_cost_was_measured_against_and_what_the_rival_has_lost(
    tmp_path: Path,
) -> None:
    figures = Figures()
    figures.add("growth_ratio", 1.1)
    on = {
        "cores": 2,
        "python": "3",
        "calibration_ms": 1.0,
        "fdatasync_us": 40.0,
        "stolen_s": 0.0,
        "load": 0.1,
    }
    document = {
        "at": "2026-11-22T09:00:00+00:00",
        "machine": {**on, "durability": "on"},
        "knobs": {"rounds": 1, "seconds": 1.0, "seed": 1},
        "memory_mb": {"idle": {"tax": 90.0}},
        "by_rows": [(0.0, 500.0), (1e6, 550.0)],
        "by_backlog": [],
        "rival_lost": 1234,
    }

    write_pages(tmp_path, document, figures)

    page = (tmp_path / "bench.md").read_text()
    assert "`growth_ratio`" in page
    assert "lost by the usual stack: 1,234 filings" in page
    assert (tmp_path / "cost.svg").read_text().count("<polyline") == 1


def test_the_machine_is_measured_in_no_time(tmp_path: Path) -> None:
    assert calibrate() > 0
    assert 0 < flush_time(tmp_path) < 1e6
    assert list(tmp_path.iterdir()) == []
