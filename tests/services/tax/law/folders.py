"""Folders of law with one thing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from services.tax.law.book import BUNDLED


def a_folder(tmp_path: Path, file: str = "", before: str = "", after: str = "") -> Path:
    """The bundled law, with the first place of one text changed in one file."""
    folder = tmp_path / "law"
    shutil.copytree(BUNDLED, folder)
    if file:
        text = (folder / file).read_text(encoding="utf-8")
        assert before in text, "the case must change something"
        (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


def line_of(file: str, text: str) -> int:
    """The line on which a text stands first."""
    lines = (BUNDLED / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
