"""Plots: lines over an axis, as SVG.

Self-contained: no script, no font, no address. Colours stand for names in the order given and are told in the legend.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 34, 40
COLOURS = (
    *("#1f5fa8", "#c8641e", "#2f8a57", "#a3304f", "#6b53a8", "#8a7a1f"),
    *("#3c8c97", "#777777", "#d39bb5", "#7fb069", "#12355b", "#e0a458"),
)
Line = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Some lines over a common axis."""

    title: str
    across: str
    """What the horizontal axis says, with its unit."""
    up: str
    lines: Mapping[str, Line]
    ticks: Mapping[float, str] = field(default_factory=dict)
    """Labels of the horizontal axis, where they are not numbers."""

    def svg(self) -> str:
        """The picture."""
        points = [point for line in self.lines.values() for point in line]
        if not points:
            return ""
        frame = Frame(high=max(x for x, _ in points) or 1.0, top=nice(max(y for _, y in points)))
        parts = [
            _text(LEFT, 18, self.title, "start", "bold"),
            _text(LEFT - 6, 18, self.up, "end"),
            _text(WIDTH - RIGHT, HEIGHT - 6, self.across, "end"),
            *self._grid(frame),
            *(self._line(place, frame) for place in range(len(self.lines))),
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'role="img" aria-label="{escape(self.title)}" font-family="sans-serif" font-size="11">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>'
        )

    def _grid(self, frame: Frame) -> list[str]:
        parts = []
        for step in range(5):
            value = frame.top * step / 4
            y = frame.y(value)
            parts.append(
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
            )
            parts.append(_text(LEFT - 6, y + 4, short(value), "end"))
        ticks = self.ticks or {value: short(value) for value in frame.steps()}
        parts += [_text(frame.x(value), HEIGHT - 22, label, "middle") for value, label in ticks.items()]
        return parts

    def _line(self, place: int, frame: Frame) -> str:
        name, line = list(self.lines.items())[place]
        colour, y = COLOURS[place % len(COLOURS)], TOP + 8 + 16 * place
        path = " ".join(f"{frame.x(across):.1f},{frame.y(up):.1f}" for across, up in line)
        key = (
            f'<line x1="{WIDTH - RIGHT + 12}" x2="{WIDTH - RIGHT + 30}" y1="{y}" y2="{y}" stroke="{colour}" '
        )
        return (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
            f'{key}stroke-width="3"/>{_text(WIDTH - RIGHT + 36, y + 4, name, "start")}'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """From values to places in the picture; both axes begin at zero."""

    high: float
    top: float

    def x(self, value: float) -> float:
        """Across."""
        return LEFT + value / self.high * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Up, from zero."""
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    def steps(self) -> list[float]:
        """Some round values of the horizontal axis."""
        step = nice(self.high / 5)
        return [step * place for place in range(int(self.high / step) + 1)]


def nice(value: float) -> float:
    """The next round number: 1, 2, 4 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value)


def short(value: float) -> str:
    """A number for an axis."""
    if value >= 1_000_000:
        return f"{value / 1e6:g}M"
    if value >= 10_000:
        return f"{value / 1000:g}k" if value % 1000 == 0 else f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def _text(x: float, y: float, text: str, anchor: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="#222222">'
        f"{escape(text)}</text>"
    )
