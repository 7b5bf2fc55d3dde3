"""Progress: told to a person second by second, to a log seldom."""

from __future__ import annotations

import pytest
from rich.console import Console

from cli.progress import Progress


@pytest.mark.parametrize(("is_terminal", "said"), [(True, list(range(25))), (False, [0, 10, 20])])
def test_a_terminal_hears_every_second_and_a_log_one_in_ten(is_terminal: bool, said: list[int]) -> None:
    seconds = iter(range(-1, 25))
    console = Console(width=200, highlight=False, force_terminal=is_terminal)
    progress = Progress(console, lambda: float(next(seconds)))

    with console.capture() as shown:
        for second in range(25):
            progress.say(f"second {second}")

    assert [int(line.split()[1]) for line in shown.get().splitlines()] == said
