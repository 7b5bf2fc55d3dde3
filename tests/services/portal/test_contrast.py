"""Colours: text stands out from its ground by day and by night (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "services" / "portal" / "static" / "portal.css").read_text()
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("paper", "card")),
    *((mood, f"{mood}-soft") for mood in ("passed", "held", "refused", "quiet", "accent")),
    *((mood, "card") for mood in ("passed", "held", "refused")),
    ("muted", "held-soft"),
    ("muted", "passed-soft"),
    ("muted", "refused-soft"),
    ("on-accent", "accent"),
]


def colours() -> dict[str, dict[str, str]]:
    day, night = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    read = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in (day, night)]
    return {"day": read[0], "night": read[1]}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("time", ["day", "night"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(time: str, text: str, ground: str) -> None:
    palette = colours()[time]

    low, high = sorted((luminance(palette[text]), luminance(palette[ground])))

    assert (high + 0.05) / (low + 0.05) >= 4.5
