"""Pages: the benchmark's table and plot.

Written beside build/bench.json; `python -m tests.load.pages` puts those of the last benchmark into
docs/performance.md, between its marks, and docs/cost.svg.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.load.plots import Plot
from deploy.local.paths import CHECKOUT
from tests.load.figures import Figures, losses, ratios

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
TABLE, PLOT = "bench.md", "cost.svg"


def write_pages(folder: Path, document: dict[str, Any], figures: Figures) -> None:
    """The table and, where cost was measured against something, the plot."""
    (folder / TABLE).write_text(page(document, figures))
    plots = [plot.svg() for plot in plots_of(document)]
    if plots:
        (folder / PLOT).write_text(_stacked(plots))


def page(document: dict[str, Any], figures: Figures) -> str:
    """The table with what it is to be read with."""
    on, knobs = document["machine"], document["knobs"]
    memory = [
        f"| {moment} | {', '.join(f'{name} {held:.0f}' for name, held in sorted(held_by.items()))} |"
        for moment, held_by in document["memory_mb"].items()
    ]
    when = f"{document['at'][:16].replace('T', ' ')} UTC"
    noise = f"{on['stolen_s']:.0f} s stolen by the hypervisor, load at the start {on['load']:.1f}"
    disk = f"calibration loop {on['calibration_ms']:.0f} ms, fdatasync of 8 kB {on['fdatasync_us']:.0f} us"
    lines = [
        f"{when}; {on['cores']} cores, Python {on['python']}; {disk}, {noise}.",
        f"{on['durability']}. {knobs['rounds']} rounds of {knobs['seconds']:g} s, seed {knobs['seed']}.",
        "",
        figures.table(),
        "",
        ratios(figures.found),
        "",
        losses(document["rival_lost"]),
        "",
        "| memory, MB | |",
        "|---|---|",
        *memory,
    ]
    return "\n".join(lines) + "\n"


def plots_of(document: dict[str, Any]) -> list[Plot]:
    """Cost a declaration against declarations stored, and against filings that wait."""
    title, plots = "CPU a declaration, in bulk, everything together", []
    for name, across in (("by_rows", "declarations stored"), ("by_backlog", "filings waiting")):
        if len(document[name]) > 1:
            line = {"us": [tuple(point) for point in document[name]]}
            plots.append(Plot(title=f"{title}, by {across}", across=across, up="us", lines=line))
    return plots


def _stacked(plots: list[str]) -> str:
    """Some pictures below each other as one."""
    height, width = 260, 760
    parts = [
        plot.replace(
            "<svg ", f'<svg y="{height * place}" height="{height}" ', 1
        )  # else each is as high as all
        for place, plot in enumerate(plots)
    ]
    size = f'width="{width}" height="{height * len(plots)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>\n'


def main() -> None:
    """The last benchmark into the documentation."""
    build, target = CHECKOUT / "build", CHECKOUT / "docs" / "performance.md"
    before, _, rest = target.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    target.write_text(f"{before}{BEGIN}\n{(build / TABLE).read_text()}{END}{after}")
    document = json.loads((build / "bench.json").read_text())
    if plots_of(document):
        (target.parent / PLOT).write_text((build / PLOT).read_text())


if __name__ == "__main__":
    main()
