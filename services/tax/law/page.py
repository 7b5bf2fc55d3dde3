"""Page: a TOML file, and the line of everything in it.

What is wrong is said with file and line, so that whoever wrote a rule finds it. Amounts and rates are texts in
quotes: a bare number with a point would have gone through binary floating point in most readers of TOML.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec

from services.tax.law.calendar import BrokenLaw
from shared.kernel import written

T = TypeVar("T")
_HEADER = re.compile(r"^\s*\[\[?\s*([\w.]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
_PATH = re.compile(r" - at `\$\.?([\w.]*).*`$")


class Bare(str):
    """A number with a point that stands without quotes."""

    __slots__ = ()


class Page:
    """A file of tables, read; `things` turns a table's entries into values."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[tuple[str, int, str], int] = {}
        try:
            text = path.read_text(encoding="utf-8")
            self.document: dict[str, Any] = tomllib.loads(text, parse_float=Bare)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BrokenLaw(f"{path.name}: {error}") from error
        self._scan(text)

    def things(self, table: str, kind: type[T]) -> list[T]:
        """Every entry of an array of tables, checked."""
        entries = self.document.get(table, [])
        if not isinstance(entries, list):
            raise self.broken(table, 0, f"{table} must be written as [[{table}]]")
        return [self._thing(table, index, entry, kind) for index, entry in enumerate(entries)]

    def thing(self, table: str, kind: type[T]) -> T:
        """The only entry of a table."""
        return self._thing(table, 0, self.document.get(table, {}), kind)

    def allow(self, *tables: str) -> None:
        """Only these tables."""
        for name in self.document:
            if name not in tables:
                raise self.broken(name, 0, f"{name} is not known here; known are {', '.join(tables)}")

    def line(self, table: str, index: int, key: str = "") -> int:
        """The line of a key of the entry, or of the entry."""
        return self._lines.get((table, index, key), self._lines.get((table, index, ""), 1))

    def broken(self, table: str, index: int, reason: str, key: str = "") -> BrokenLaw:
        """The refusal of the file, with the place and the name of the entry."""
        entries = self.document.get(table)
        entry = entries[index] if isinstance(entries, list) and index < len(entries) else entries
        name = f"{entry['name']}: " if isinstance(entry, Mapping) and "name" in entry else ""
        return BrokenLaw(f"{self.path.name}, line {self.line(table, index, key)}: {name}{reason}")

    def _thing(self, table: str, index: int, entry: Any, kind: type[T]) -> T:
        for key, reason in _faults(entry, kind):
            raise self.broken(table, index, reason, key)
        try:
            return msgspec.convert(entry, kind)
        except msgspec.ValidationError as error:
            raise self.broken(table, index, str(error), _key_in(str(error))) from error

    def _scan(self, text: str) -> None:
        """Note the line of each entry (table, number) and of each key in it; a sub-table belongs to its entry."""
        table, index, prefix = "", 0, ""
        seen: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table, _, prefix = header[1].partition(".")
                if not prefix:
                    seen[table] = seen.get(table, -1) + 1
                index = seen.get(table, 0)
                self._lines.setdefault((table, index, prefix), number)
            elif key := _KEY.match(line):
                name = f"{prefix}.{key[1]}" if prefix else key[1]
                place = (table, index, name) if table else (key[1], 0, "")
                self._lines.setdefault(place, number)


def _faults(entry: Any, kind: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Keys that are unknown, numbers without quotes, and numbers that are not plain; (key, reason) each."""
    if not isinstance(entry, Mapping) or not is_dataclass(kind):
        return []
    known = {field.name for field in fields(kind)}
    hints = get_type_hints(kind)
    found = []
    for key, value in entry.items():
        if key not in known:
            found.append((prefix + key, f"{key} is not known here; known are {', '.join(sorted(known))}"))
        elif isinstance(value, Bare):
            found.append((prefix + key, f'{key} needs quotes: "{value}"'))
        elif hints[key] is Decimal and isinstance(value, str) and not written.is_amount(value):
            found.append((prefix + key, f"{key} is no number: {written.HOW_AMOUNT}"))
        else:
            found += _faults(value, hints[key], f"{prefix}{key}.")
    return found


def _key_in(message: str) -> str:
    """The key that a validation message is about."""
    path = _PATH.search(message)
    return path[1] if path else ""
