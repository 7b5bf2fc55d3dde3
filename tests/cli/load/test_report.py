"""Report: one page that needs nothing else."""

import re
from pathlib import Path

import pytest

from cli.load.mix import read_mix
from cli.load.pace import pace_of
from cli.load.plots import Plot, nice
from cli.load.report import write
from cli.load.run import Campaign, Outcome
from cli.load.wire import Place
from cli.load.wish import Wish
from tests.cli.load.counter import counter_at_work
from tests.cli.load.test_run import PLATFORM


@pytest.fixture
async def outcome(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Of a second and a half of filings."""
    monkeypatch.setattr("cli.load.run.QUIET", 0.01)
    async with counter_at_work() as counter:
        wish = Wish(
            place=Place.of(counter.address),
            pace=pace_of("100", (), 1.5),
            mix=read_mix("green=90,refused=10"),
            clients=[PLATFORM],
            watcher=PLATFORM,
            connections=4,
        )
        return await Campaign(wish, lambda _point: None).run()


async def test_the_page_has_its_line_and_its_plots_and_fetches_nothing(
    outcome: Outcome, tmp_path: Path
) -> None:
    page = write(outcome, "100/s", tmp_path).read_text()

    assert outcome.account.line in page
    assert page.count("<svg") >= 3
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "<script" not in page


async def test_the_json_says_whether_the_books_agree(outcome: Outcome, tmp_path: Path) -> None:
    text = write(outcome, "100/s", tmp_path).with_suffix(".json").read_text()

    assert '"ok": true' in text
    assert f'"filed": {outcome.account.filed}' in text


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.3, 0.4), (1, 1), (7, 8), (9, 10), (1417, 2000), (8001, 10000)]
)
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)


def test_a_plot_without_points_is_no_picture_and_names_are_escaped() -> None:
    empty = Plot(title="t", across="x", up="y", lines={"a": ()})
    named = Plot(title="a < b", across="x", up="y", lines={"<i>": [(0, 1), (1, 2)]})

    assert empty.svg() == ""
    assert "<i>" not in named.svg()
    assert "a &lt; b" in named.svg()
