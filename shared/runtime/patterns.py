"""Patterns: what texts of a fixed form look like, and the same in words."""

from __future__ import annotations

from shared.kernel.written import AMOUNT, HOW_AMOUNT

VISIBLE = r"^[\x21-\x7e]{1,128}$"
PARTY = "^[A-Za-z0-9]{1,20}$"
COUNTRY = "^[A-Z]{2}$"
CURRENCY = "^[A-Z]{3}$"
GOODS_CODE = "^[0-9]{6}(?:[0-9]{2}){0,2}$"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
MONTH = "^[12][0-9]{3}-(0[1-9]|1[0-2])$"

_HOW = {
    VISIBLE: "send 1 to 128 visible ASCII characters, without a space",
    PARTY: "send the party's code, of letters and digits, such as AGENT00001",
    COUNTRY: "send the two upper-case letters of ISO 3166-1, such as GB",
    CURRENCY: "send the three upper-case letters of ISO 4217, such as CNY",
    GOODS_CODE: "send six, eight or ten digits of the goods code",
    UUID: "send the id as it was given, such as 019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071",
    MONTH: "send year and month, such as 2025-11",
    f"^{AMOUNT}$": HOW_AMOUNT,
    "^[0-9]{4}$": "send four digits",
    "^[A-Z0-9]*$": "send upper-case letters and digits",
    "^[A-Z0-9]{10}$": "send the party's code, ten upper-case letters and digits, such as SELLER0001",
    "^[a-z0-9][a-z0-9._-]{2,63}$": "send 3 to 64 lower-case letters, digits, and . _ -, a letter or digit first",
    "^[A-Z0-9_-]+$": "send a code as the list shows it, such as CUSTOMS_REVIEW",
    r"^[^\x00-\x1f\x7f]+$": "send it without control characters",
    "^[A-Z]{2}[0-9]{10,30}$": "send the permit's number, such as SW20260001000000042",
}


def how_of(pattern: str) -> str:
    """What a text that does not match should look like."""
    return _HOW.get(pattern, f"send what matches {pattern}")
