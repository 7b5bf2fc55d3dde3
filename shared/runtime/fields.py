"""Fields: how doors take amounts, moments, counts and texts.

The types of every `...In` model and of every query: `amount: Amount`, `since: Moment`, `limit: Count`. Each says
what is wrong, and how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.kernel import written
from shared.kernel.countries import COUNTRIES, HOW_COUNTRY
from shared.runtime.patterns import COUNTRY

_MOMENTS = {"type": "string", "format": "date-time"}
_DAYS = {"type": "string", "format": "date"}
T = TypeVar("T")
HOW_PLUS = "; in an address, + is written %2B"


def wrong(kind: str, detail: str, fix: str) -> PydanticCustomError:
    """A fault of a field, and how to mend it: `words.found` tells the two apart."""
    return PydanticCustomError(kind, "{detail}: {fix}", {"detail": detail, "fix": fix})


def _amount(value: Any) -> Any:
    """A JSON number is exact as it is; a text is read by its digits."""
    if isinstance(value, bool) or (isinstance(value, str) and not written.is_amount(value)):
        raise wrong("amount_is_plain", "it is no plain amount", written.HOW_AMOUNT)
    return value


def _count(value: Any) -> Any:
    if isinstance(value, str) and not written.is_count(value.removeprefix("-")):
        raise wrong(
            "count_is_plain", "it is no whole number of ten digits at most", "write it in ASCII digits"
        )
    return value


def _written(
    read: Callable[[str], T], detail: str, fix: str, kind: str = "moment_has_offset"
) -> Callable[[Any], T]:
    """Only what is written so: seconds since 1970 are neither days nor moments."""

    def validate(value: Any) -> T:
        try:
            if isinstance(value, str):
                return read(value)
        except ValueError:
            pass
        has_lost_its_sign = isinstance(value, str) and re.search(r"T[\d:.]+ \d\d:\d\d$", value)
        raise wrong(kind, detail, f"{fix}{HOW_PLUS}" if has_lost_its_sign else fix)

    return validate


def _text(value: str) -> str:
    if written.find_unseen(value):
        raise wrong("text_is_printable", "it holds a control character", written.HOW_TEXT)
    return value


def _name(value: str) -> str:
    if not written.is_visible(_text(value)):
        raise wrong("name_is_visible", "nothing of it can be seen", written.HOW_NAME)
    return value


def _code(value: str) -> str:
    if not written.is_code(value):
        raise wrong("code_is_plain", "it is no plain number or code", written.HOW_CODE)
    return value


def _country(value: str) -> str:
    if value == "EU":
        raise wrong("country_exists", "it is no country", "name a member state, as DE")
    if value not in COUNTRIES:
        raise wrong("country_exists", "it is no country", f"write {HOW_COUNTRY}")
    return value


Country = Annotated[
    str,
    StringConstraints(pattern=COUNTRY),
    AfterValidator(_country),
    Field(description="ISO 3166-1 alpha-2."),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": f"^{written.AMOUNT}$"},
            ]
        }
    ),
]
COUNTED = BeforeValidator(_count)
"""Behind the bounds of a count: `Annotated[int, Field(ge=1), COUNTED]`. Before them, OpenAPI would not tell them."""
Count = Annotated[int, COUNTED]
Moment = Annotated[
    datetime,
    BeforeValidator(_written(written.moment_of, "it is no moment", written.HOW_MOMENT)),
    WithJsonSchema(_MOMENTS),
]
Day = Annotated[
    date,
    BeforeValidator(
        _written(written.day_of, "it is no day", "write it as 2025-01-31", kind="day_is_written")
    ),
    WithJsonSchema(_DAYS),
]
DayOrMoment = Annotated[
    datetime,
    BeforeValidator(
        _written(
            written.start_of,
            "it is neither a day as 2025-01-31 nor a moment, of 1970 to 2999",
            written.HOW_MOMENT,
        )
    ),
    WithJsonSchema({"anyOf": [_MOMENTS, _DAYS]}),
]
Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_name)]
Code = Annotated[str, AfterValidator(_code)]
Reason = Annotated[Name, Field(min_length=3, max_length=500)]
"""Why somebody does it: it is read by the parties, and kept."""
