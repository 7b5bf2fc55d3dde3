"""Plot: differences as bars, in SVG.

No library and no binary fractions: a bar's length is a whole number of pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH, ROW, NAMES, FIGURES = 860, 22, 250, 120
MORE, LESS, INK, PALE = "#b3442e", "#2e7a5b", "#222222", "#dddddd"
SHOWN = 15
"""Rows of a panel at the most; the rest is one row."""
Bar = tuple[str, Decimal]


def bars(title: str, panels: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """A picture with one panel below the other; to the right is more, to the left is less."""
    parts, y = [], 40
    for name, given in panels:
        shown = _shortened(given)
        largest = max((abs(value) for _, value in shown), default=Decimal(0)) or Decimal(1)
        parts.append(_text(10, y + 14, name, "font-weight='bold'"))
        y += 24
        for row in shown:
            parts += _row(row, y, largest)
            y += ROW
        y += 20
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{y}' "
        f"viewBox='0 0 {WIDTH} {y}' font-family='sans-serif' font-size='12' fill='{INK}'>"
    )
    ground = f"<rect width='{WIDTH}' height='{y}' fill='#ffffff'/>"
    caption = _text(10, 22, title, "font-size='15'")
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, caption, *parts, "</svg>", ""])


def _shortened(given: Sequence[Bar]) -> list[Bar]:
    rest = given[SHOWN:]
    if not rest:
        return list(given)
    others = sum((value for _, value in rest), Decimal(0))
    return [*given[:SHOWN], (f"{len(rest)} others", others)]


def _row(row: Bar, y: int, largest: Decimal) -> Iterable[str]:
    name, value = row
    half = (WIDTH - NAMES - FIGURES) // 2
    middle = NAMES + half
    length = int(abs(value) * half / largest)
    x, colour = (middle, MORE) if value > 0 else (middle - length, LESS)
    yield _text(10, y + 15, name if len(name) <= 36 else name[:35] + "…")
    yield f"<line x1='{middle}' y1='{y}' x2='{middle}' y2='{y + ROW}' stroke='{PALE}'/>"
    yield f"<rect x='{x}' y='{y + 4}' width='{length}' height='{ROW - 8}' fill='{colour}'/>"
    yield _text(WIDTH - 10, y + 15, f"{value:+,.2f}", "text-anchor='end'")


def _text(x: int, y: int, words: str, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(words)}</text>"
