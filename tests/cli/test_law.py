"""Law commands: a folder checked, a tariff brought in whole or not at all."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.faults import Fault
from services.tax.law.book import BUNDLED, read_law

RUN = CliRunner()
PUBLISHED = """\
HS code,Description,MFN,from
6911.10.19,Porcelain cups,6.5%,2026-01-01
6911.10,Porcelain tableware,7 %,2026-01-01
95,Toys,0,2026-01-01
"""
SPREAD = PUBLISHED.replace("Porcelain cups", '"Porcelain cups\nand saucers"').replace(
    "\n6911.10,", "\n\n\n6911.10,"
)
"""The same with a cell of two lines, and two lines left blank."""
MAPPED = [
    *("--column", "hs_prefix=HS code", "--column", "goods=Description"),
    *("--column", "duty=MFN", "--column", "valid_from=from"),
    *("--percent", "--name", "tariff-cn-2026"),
]


def a_folder(tmp_path: Path) -> Path:
    """A copy of the bundled law."""
    return Path(shutil.copytree(BUNDLED, tmp_path / "law"))


def bring_in(tmp_path: Path, text: str, *more: str) -> tuple[Path, BaseException | None]:
    """A published table brought into a copy of the law; the folder, and the fault if there is one."""
    folder = a_folder(tmp_path)
    return folder, bring_into(folder, text, *more)


def bring_into(folder: Path, text: str, *more: str) -> BaseException | None:
    """A published table brought into a folder that is there; the fault if there is one."""
    source = folder.parent / "published.csv"
    source.write_text(text, encoding="utf-8")
    return RUN.invoke(app, ["law", "tariff", str(source), "--into", str(folder), *MAPPED, *more]).exception


def test_a_published_tariff_becomes_a_table_that_is_in_force_when_it_is_named(tmp_path: Path) -> None:
    folder, fault = bring_in(tmp_path, PUBLISHED)
    china = folder / "cn.toml"
    china.write_text(
        china.read_text(encoding="utf-8").replace("tariff-cn-demo", "tariff-cn-2026"), encoding="utf-8"
    )

    statute = read_law(folder).on(date(2026, 3, 1))

    assert fault is None
    rates = [statute.rate_of(code) for code in ("6911101900", "6911102000", "9503008900")]
    assert [rate.duty for rate in rates] == [Decimal("0.065"), Decimal("0.07"), Decimal(0)]
    assert {(rate.source, rate.confidence) for rate in rates} == {("published.csv", "medium")}


def test_a_cell_of_two_lines_becomes_one(tmp_path: Path) -> None:
    folder, fault = bring_in(tmp_path, SPREAD)

    assert fault is None
    assert ",Porcelain cups and saucers," in (folder / "tariff-cn-2026.csv").read_text(encoding="utf-8")


def test_who_reads_a_table_while_another_takes_its_place_reads_it_whole(tmp_path: Path) -> None:
    folder, _ = bring_in(tmp_path, PUBLISHED)
    table, beside = folder / "tariff-cn-2026.csv", sorted(folder.iterdir())
    before = table.read_text(encoding="utf-8")

    with table.open(encoding="utf-8") as reader:
        fault = bring_into(folder, PUBLISHED.replace("6.5%", "8%"))
        read = reader.read()

    assert fault is None
    assert read == before
    assert table.read_text(encoding="utf-8") == before.replace("0.065", "0.08")
    assert sorted(folder.iterdir()) == beside


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PUBLISHED.replace("7 %", "seven"), "published.csv, line 3, duty: 'seven' is no rate"),
        (PUBLISHED.replace("7 %", ""), "published.csv, line 3, duty"),
        (PUBLISHED.replace("2026-01-01\n95", "soon\n95"), "published.csv, line 3, valid_from"),
        (PUBLISHED.replace("\n95,", "\n6911.10,"), "line 4: '691110' holds already on 2026-01-01, by line 3"),
        (SPREAD.replace("2026-01-01\n95", "soon\n95"), "published.csv, line 6, valid_from"),
        (SPREAD.replace("\n95,", "\n6911.10,"), "line 7: '691110' holds already on 2026-01-01, by line 6"),
        (PUBLISHED.replace("MFN", "Rate"), "no column for duty"),
        (PUBLISHED.splitlines()[0] + "\n", "holds no line"),
    ],
)
def test_a_table_with_one_fault_is_not_brought_in_at_all(tmp_path: Path, text: str, said: str) -> None:
    folder, fault = bring_in(tmp_path, text)

    assert isinstance(fault, Fault)
    assert said in fault.message
    assert sorted(file.name for file in folder.iterdir()) == sorted(file.name for file in BUNDLED.iterdir())


def test_a_folder_is_checked_and_a_broken_one_named_by_line(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)

    good = RUN.invoke(app, ["law", "check", str(folder)])
    (folder / "gb.toml").write_text("[jurisdiction]\ncode = 3\n", encoding="utf-8")
    bad = RUN.invoke(app, ["law", "check", str(folder)])

    assert good.exit_code == 0
    assert "EU-IOSS-2026-07-01" in good.output
    assert isinstance(bad.exception, Fault)
    assert bad.exception.message.startswith("E-LAW-BROKEN: gb.toml, line 2: ")


def test_a_folder_that_changes_what_was_in_force_is_broken_as_it_is_for_tax(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    china = (folder / "cn.toml").read_text(encoding="utf-8")
    changed = china.replace('order_limit = "5000.00"', 'order_limit = "6000.00"')
    (folder / "cn.toml").write_text(changed, encoding="utf-8")

    fault = RUN.invoke(app, ["law", "check", str(folder)]).exception

    assert isinstance(fault, Fault)
    assert fault.message.startswith("E-LAW-BROKEN: CN-CBEC-2019-01-01 has been in force since 2019-01-01")
