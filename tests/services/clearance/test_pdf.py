"""The permit as a page."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from services.clearance import pdf
from services.clearance.handlers import on_declarations_submitted
from services.clearance.permit import content
from shared.kernel.goods import GoodsLine
from tests.services.clearance.words import ID, all_pass, tell
from tests.support.builders import NOW, a_declaration_submitted, a_goods_line
from tests.support.memory_clearance import MemoryCaseBook


def lines_called(*names: str) -> tuple[GoodsLine, ...]:
    return tuple(replace(a_goods_line(), line_no=no, goods_name=name) for no, name in enumerate(names, 1))


async def the_page(lines: tuple[GoodsLine, ...], status: str = "valid") -> bytes:
    book = MemoryCaseBook()
    await on_declarations_submitted([a_declaration_submitted(lines=lines)], book, NOW)
    await tell(book, all_pass()[1:])
    case = book.cases[ID]
    assert case.permit is not None
    covers = content(case, case.permit, await book.declared(case))
    return pdf.render(
        pdf.Sheet(
            content=msgspec.json.decode(covers),
            covers_sha256=case.permit.covers_sha256,
            key_id=case.permit.key_id,
            status=status,
            address=f"http://window/v1/permits/{case.permit.permit_no}/verification",
        )
    )


def texts_of(page: bytes) -> str:
    """What the page writes."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", page, re.DOTALL)
    return b"\n".join(zlib.decompress(stream) for stream in streams).decode("latin-1")


async def test_the_page_shows_number_goods_gates_and_hash() -> None:
    page = await the_page(lines_called("Porcelain mug"))

    written = texts_of(page)
    assert page.startswith(b"%PDF-")
    for text in ("SW20250001000000001", "Porcelain mug", "VALID", "Not required", "90.00", "2025-06-16"):
        assert text in written


async def test_ninety_nine_lines_stay_on_one_page() -> None:
    page = await the_page(lines_called(*["Mug"] * 99))

    assert page.count(b"/Type /Page\n") == 1
    assert "and 78 more lines" in texts_of(page)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Crème brûlée", "Crème brûlée"),
        ("“Mug” – blue", '"Mug" - blue'),
        ("Ñandú ʼx", "Ñandú ?x"),
        ("茶杯 set", "茶杯 set"),
        ("臺灣 さけ", "臺灣 さけ"),
        ("한국 茶", "?? 茶"),
        ("a\u0000b\u202ec\ud7ffd\n", "abcd"),
        ("ﬁne ①", "fine 1"),
        ("e\u0301", "é"),
        ("🎁", "?"),
    ],
)
def test_every_text_can_be_printed(name: str, shown: str) -> None:
    assert pdf.printable(name) == shown


async def test_the_page_says_when_letters_are_missing() -> None:
    plain, chinese, strange = [
        texts_of(await the_page(lines_called(name))) for name in ("Mug", "茶杯", "한국")
    ]

    assert ["marked ?" in page for page in (plain, chinese, strange)] == [False, False, True]
    assert ["Chinese font" in page for page in (plain, chinese, strange)] == [False, True, False]


async def test_chinese_letters_are_text_in_a_font_that_every_reader_knows_by_name() -> None:
    page, plain = await the_page(lines_called("茶杯 set")), await the_page(lines_called("Mug"))

    assert f"<{'茶杯'.encode('utf-16-be').hex()}> Tj" in texts_of(page)
    for part in (
        b"/STSong-Light-UniGB-UCS2-H",
        b"/UniGB-UCS2-H",
        b"/Ordering (GB1)",
        b"/Subtype /CIDFontType0",
    ):
        assert part in page
    assert b"STSong" not in plain


async def test_a_long_chinese_name_is_cut_to_its_column() -> None:
    written = texts_of(await the_page(lines_called("杯" * 250)))

    shown = max(len(letters) // 4 for letters in re.findall(r"<([0-9a-f]+)> Tj", written))
    column = next(width for name, width, _ in pdf.COLUMNS if name == "Goods") / 25.4 * 72
    assert 20 < shown < column / 8
    assert "(...) Tj" in written


async def test_a_revoked_permit_says_so_and_a_long_name_is_cut() -> None:
    line = replace(a_goods_line(), goods_name="W" * 250, quantity=Decimal("99999999.12345"))

    written = texts_of(await the_page((line,), status="revoked"))

    assert "REVOKED" in written
    assert "WWW..." in written
