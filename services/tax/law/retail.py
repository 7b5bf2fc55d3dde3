"""Retail: what a filing can be assessed by.

A quote obeys every key of a rule set. The path of a filing has formulas of its own (`rules`, `levy`), bare of what
China does not need: where they do not read a key, the law must say what they do. Else a change of law would be
quoted one way and levied another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from services.tax.law.schema import ZERO

RETAIL = "cbec"
"""The channel that declarations are filed in."""
HEAD: Mapping[str, Any] = {"currency": "CNY", "minor": "0.01"}
COUNTRY: Mapping[str, Any] = {"zone": "Asia/Shanghai"}
RULE_SET: Mapping[str, Any] = {
    "limit_on": "cif",
    "limit_each": "order",
    "limit_currency": "",
    "listed_goods_only": True,
    "dispatched_from": (),
    "not_dispatched_from": (),
    "not_of_origin": (),
    "waived_up_to": ZERO,
    "duty.rate": "tariff",
    "duty.on": "cif",
    "duty.surcharge": ZERO,
    "duty.each_subheading": ZERO,
    "duty.above_limit_only": True,
    "duty.free_up_to": ZERO,
    "consumption": "tariff",
    "vat.rate": "class",
    "vat.on": "cif",
    "personal": "none",
}
"""What the path of a filing does, whatever the law says: by key, in China's file and in the sets of that channel."""


def unassessable(thing: Any, only: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that a filing cannot be assessed by, and the reason."""
    for key, value in only.items():
        if (said := attrgetter(key)(thing)) != value:
            yield key, f"a filing cannot be assessed by {key} = {_toml(said)}, only by {_toml(value)}"


def _toml(value: Any) -> str:
    """As it stands in the file."""
    return msgspec.json.encode(value).decode()
