"""Song: Chinese letters by a font of the reader.

The PDF standard (ISO 32000-1, 9.7.5.2) names fonts and character maps for Chinese that no file needs to carry:
STSong-Light with UniGB-UCS2-H, character collection Adobe-GB1. The file says which letters stand where; the reader
draws them with a Chinese font of its own, and finds and copies them as text. A font in every file would be megabytes.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from fpdf import FPDF
from fpdf.enums import FontDescriptorFlags, PDFResourceType
from fpdf.fonts import PDFFontDescriptor
from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont, PDFType3Font
from fpdf.syntax import Name, PDFArray, PDFObject, PDFString

NAME, MAP, COLLECTION, SUPPLEMENT = "STSong-Light", "UniGB-UCS2-H", "GB1", 4
INDEX = 90
"""The font's number on the page; the fonts that fpdf counts begin at 1."""


def has(letter: str) -> bool:
    """Whether the collection has a letter that no core font has: Adobe-GB1 covers GBK, all of it on plane 0."""
    if ord(letter) < 256:
        return False
    try:
        return len(letter.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def runs(text: str) -> list[tuple[bool, str]]:
    """A text in stretches that this font shows, and stretches that it does not."""
    return [(is_song, "".join(letters)) for is_song, letters in groupby(text, has)]


def width(text: str, size: float) -> float:
    """In points: every letter is as wide as it is high."""
    return len(text) * size


def draw(page: FPDF, at: tuple[float, float], text: str, size: float) -> None:
    """Write a text with its base line at a place, in the text colour of the page."""
    page._resource_catalog.add(PDFResourceType.FONT, INDEX, page.page)
    x, y = at[0] * page.k, (page.h - at[1]) * page.k
    colour = page.text_color.serialize().lower() if page.text_color else ""
    letters = text.encode("utf-16-be").hex()
    page._out(f"q {colour} BT /F{INDEX} {size:.2f} Tf {x:.2f} {y:.2f} Td <{letters}> Tj ET Q")


class WithSong(OutputProducer):
    """Writes the file with this font where a page uses it."""

    def _add_fonts(self, *given: Any) -> dict[int, PDFFont | PDFType3Font]:
        fonts = super()._add_fonts(*given)
        if self.fpdf._resource_catalog.get_resources_per_page(1, PDFResourceType.FONT) >= {INDEX}:
            fonts[INDEX] = self._add_song()
        return fonts

    def _add_song(self) -> PDFFont:
        """The composite font, and the font of the collection under it."""
        composite = PDFFont(subtype="Type0", base_font=f"{NAME}-{MAP}", encoding=MAP)
        below = PDFFont(subtype="CIDFontType0", base_font=NAME, d_w=1000)
        below.c_i_d_system_info, below.font_descriptor = _collection(), _descriptor()
        parts: tuple[PDFObject, ...] = (composite, below, below.c_i_d_system_info, below.font_descriptor)
        for part in parts:
            self._add_pdf_obj(part, "fonts")
        composite.descendant_fonts = PDFArray([below])
        return composite


def _collection() -> CIDSystemInfo:
    collection = CIDSystemInfo()
    collection.ordering = PDFString(COLLECTION, encrypt=True)
    collection.supplement = SUPPLEMENT
    return collection


def _descriptor() -> PDFFontDescriptor:
    """What a reader needs to choose a font that looks alike; figures as in common readers' own Song."""
    descriptor = PDFFontDescriptor(
        ascent=880,
        descent=-120,
        cap_height=880,
        flags=FontDescriptorFlags.SYMBOLIC,
        font_b_box="[-25 -254 1000 880]",
        italic_angle=0,
        stem_v=93,
        missing_width=1000,
    )
    descriptor.font_name = Name(NAME)
    return descriptor
