"""The permit as a page: for a wall or a driver.

One A4 page: number, QR code of the public verification, gates, goods, what vouches for it. Latin letters are those of
the core fonts, Chinese ones of the reader's own font (`song.py`); what neither has is folded to its plain letter or
marked with a question mark. The page says so. The signed text has every character as it was declared.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import Align

from services.clearance import song
from services.clearance.permit import CHINA

INK, FAINT, LINE, PAPER = (23, 37, 58), (110, 120, 135), (205, 211, 220), (244, 246, 249)
GREEN, RED = (22, 122, 76), (178, 34, 34)
LEFT, WIDTH = 16.0, 178.0
ROWS = 22
"""Goods lines on the page; what is beyond is counted, and stands in the signed text."""
COLUMNS = (("#", 8, "R"), ("Code", 24, "L"), ("Goods", 74, "L"), ("Origin", 14, "L"))
AMOUNTS = (("Quantity", 28, "R"), ("Value CNY", 30, "R"))
UNSHOWN = "?"
PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the page shows."""

    content: Mapping[str, Any]
    """What the permit covers."""
    covers_sha256: str
    key_id: str
    status: str
    """valid, revoked or expired, when the page was made."""
    address: str
    """Of the public verification."""


def printable(text: str) -> str:
    """The text in letters that the fonts have."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text).translate(PLAIN)))


def _letter(char: str) -> str:
    if unicodedata.category(char).startswith("C"):
        return ""
    if ord(char) < 256:
        return char
    folded = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    if folded or unicodedata.combining(char):
        return folded
    return char if song.has(char) else UNSHOWN


def render(sheet: Sheet) -> bytes:
    """The page as PDF."""
    page = FPDF(format="A4")
    page.set_auto_page_break(False)
    page.c_margin = 0
    page.set_title(f"Permit {sheet.content['permit']['permit_no']}")
    page.set_creation_date(datetime.fromisoformat(sheet.content["permit"]["issued_at"]))
    page.add_page()
    _head(page, sheet)
    _facts(page, sheet.content)
    _gates(page, sheet.content["permit"]["gates"])
    _goods(page, sheet.content["declared"])
    _foot(page, sheet)
    return bytes(page.output(output_producer_class=song.WithSong))


def _head(page: FPDF, sheet: Sheet) -> None:
    """The band with title and number, the QR code, and whether it holds."""
    page.set_fill_color(*INK)
    page.rect(0, 0, 210, 46, "F")
    _text(page, (LEFT, 10), "SINGLE WINDOW FOR CROSS-BORDER IMPORTS", size=8, colour=(170, 184, 204))
    _text(page, (LEFT, 16), "Clearance permit", size=22, style="B", colour=(255, 255, 255))
    _text(
        page,
        (LEFT, 28),
        sheet.content["permit"]["permit_no"],
        size=15,
        colour=(255, 255, 255),
        font="Courier",
    )
    page.set_fill_color(255, 255, 255)
    page.rect(164, 7, 32, 32, "F")
    _qr(page, sheet.address, (166, 9), 28)
    page.set_fill_color(*(GREEN if sheet.status == "valid" else RED))
    page.rect(LEFT, 38, 26, 5.4, "F")
    _text(page, (LEFT + 2, 38.7), sheet.status.upper(), size=9, style="B", colour=(255, 255, 255))


def _qr(page: FPDF, text: str, at: tuple[float, float], size: float) -> None:
    """A QR code drawn as squares: sharp at any size, no picture inside."""
    matrix = list(segno.make_qr(text, error="m").matrix_iter(border=0))
    step = size / len(matrix)
    page.set_fill_color(*INK)
    for row, modules in enumerate(matrix):
        for column, is_dark in enumerate(modules):
            if is_dark:
                page.rect(at[0] + column * step, at[1] + row * step, step * 1.02, step * 1.02, "F")


def _facts(page: FPDF, content: Mapping[str, Any]) -> None:
    """Three rows of three facts."""
    permit, declared = content["permit"], content["declared"]
    facts = (
        ("Issued", _moment(permit["issued_at"])),
        ("Valid until", _moment(permit["valid_until"])),
        ("Filed", _moment(permit["filed_at"])),
        ("Order", f"{declared['platform']} / {declared['order_no']}"),
        ("Waybill", f"{declared['carrier']} / {declared['waybill_no']}"),
        ("Supervision mode", f"{declared['mode']}, version {permit['version']}"),
        ("Seller", declared["seller"]),
        ("Declarant", declared["declarant"]),
        ("Declared value, tax", f"CNY {_amount(declared['goods_value'])}, {_amount(permit['tax_total'])}"),
    )
    for place, (name, value) in enumerate(facts):
        x, y = LEFT + place % 3 * (WIDTH / 3), 52 + place // 3 * 11.5
        _text(page, (x, y), name.upper(), size=6.5, colour=FAINT)
        _text(page, (x, y + 3.4), value, size=9.5, width=WIDTH / 3 - 3)
    _text(page, (LEFT, 87), f"Declaration {permit['declaration_id']}", size=7.5, colour=FAINT)


def _gates(page: FPDF, gates: Mapping[str, Any]) -> None:
    """A box an agency."""
    for place, (agency, said) in enumerate(sorted(gates.items())):
        width = (WIDTH - 9) / 4
        x = LEFT + place * (width + 3)
        page.set_fill_color(*PAPER)
        page.rect(x, 94, width, 15, "F")
        page.set_fill_color(*GREEN)
        page.rect(x, 94, 1.2, 15, "F")
        _text(page, (x + 4, 95.5), agency.upper(), size=6.5, colour=FAINT)
        _text(
            page,
            (x + 4, 99),
            said["status"].replace("_", " ").capitalize(),
            size=9.5,
            style="B",
            colour=GREEN,
        )
        _text(page, (x + 4, 104), _moment(said["since"]), size=6.5, colour=FAINT, width=width - 5)


def _goods(page: FPDF, declared: Mapping[str, Any]) -> None:
    """The table of goods, as far as the page goes."""
    lines: Sequence[Mapping[str, Any]] = declared["lines"]
    page.set_draw_color(*LINE)
    y = 115.0
    _row(page, y, [name for name, _, _ in COLUMNS + AMOUNTS], is_head=True)
    shown = lines if len(lines) <= ROWS else lines[: ROWS - 1]
    for line in shown:
        y += 5.6
        quantity = f"{_amount(line['quantity'])} {line['unit']}"
        cells = (line["line_no"], line["goods_code"], line["goods_name"], line["origin_country"])
        _row(page, y, [*map(str, cells), quantity, _amount(line["total_price"])])
    if len(lines) > len(shown):
        more = f"and {len(lines) - len(shown)} more lines, all covered by the signature"
        _text(page, (LEFT + 34, y + 6.4), more, size=8, style="I", colour=FAINT)


def _row(page: FPDF, y: float, cells: Sequence[str], *, is_head: bool = False) -> None:
    x = LEFT
    for (_, width, side), cell in zip(COLUMNS + AMOUNTS, cells, strict=True):
        colour = FAINT if is_head else INK
        _text(page, (x + 1, y), cell, size=7 if is_head else 8, colour=colour, width=width - 2, align=side)
        x += width
    page.line(LEFT, y + 5, LEFT + WIDTH, y + 5)


def _foot(page: FPDF, sheet: Sheet) -> None:
    """What vouches for the page, and how to check it."""
    page.line(LEFT, 254, LEFT + WIDTH, 254)
    rows = (
        ("SHA-256 OF WHAT THIS PERMIT COVERS", sheet.covers_sha256),
        ("SIGNING KEY (ED25519)", sheet.key_id),
        ("VERIFY", sheet.address),
    )
    for place, (name, value) in enumerate(rows):
        _text(page, (LEFT, 257 + place * 8), name, size=6, colour=FAINT)
        _text(page, (LEFT, 260 + place * 8), value, size=8, font="Courier", width=WIDTH)
    note = "This page is a view; the signed text (GET /v1/declarations/{id}/permit) is the permit."
    for line, text in enumerate(filter(None, (note, " ".join(_remarks(sheet.content["declared"]))))):
        _text(page, (LEFT, 282 + line * 3.6), text, size=7, style="I", colour=FAINT)


def _remarks(declared: Mapping[str, Any]) -> list[str]:
    """What is to be known about the letters of the goods' names."""
    shown = "".join(printable(line["goods_name"]) for line in declared["lines"])
    remarks = (
        ("Chinese letters need a Chinese font in your reader.", any(map(song.has, shown))),
        ("Letters marked ? cannot be shown here; the signed text has them.", UNSHOWN in shown),
    )
    return [remark for remark, applies in remarks if applies]


def _text(page: FPDF, at: tuple[float, float], text: str, **look: Any) -> None:
    """One line of text at a place; where a width is given it is cut with dots."""
    page.set_font(look.get("font", "Helvetica"), look.get("style", ""), look["size"])
    page.set_text_color(*look.get("colour", INK))
    width = look.get("width", 0)
    shown = _cut(page, printable(text), width) if width else printable(text)
    x, y = at
    height = look["size"] * 0.45
    parts = song.runs(shown) or [(False, "")]
    for is_song, part in parts:
        if is_song:
            song.draw(page, (x, y + height / 2 + 0.3 * page.font_size), part, look["size"])
        else:
            page.set_xy(x, y)
            room = width if len(parts) == 1 else 0
            page.cell(room or None, height, part, align=Align.coerce(look.get("align", "L")))
        x += _width(page, part)


def _width(page: FPDF, text: str) -> float:
    """How wide a text is, in letters of either font."""
    return sum(
        song.width(part, page.font_size) if is_song else page.get_string_width(part)
        for is_song, part in song.runs(text)
    )


def _cut(page: FPDF, text: str, width: float) -> str:
    if _width(page, text) <= width:
        return text
    while text and _width(page, text + "...") > width:
        text = text[:-1]
    return text + "..."


def _amount(text: str | None) -> str:
    return "-" if text is None else f"{Decimal(text):,f}"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(CHINA):%Y-%m-%d %H:%M} UTC+8"
