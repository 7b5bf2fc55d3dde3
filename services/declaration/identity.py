"""Identity numbers: check digit and date of birth.

The resident identity number has 18 characters: six of the district, eight of the date of birth, three of the
sequence, and a check character by ISO 7064 MOD 11-2 (GB 11643-1999).
"""

from __future__ import annotations

from datetime import date
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
OLDEST = 120
"""Years that nobody's age exceeds."""


def check_character(digits: str) -> str:
    """The check character of 17 digits: ISO 7064 MOD 11-2, whose weights are 2^(18 - place) modulo 11."""
    return _CHECK[sum(map(mul, map(int, digits), _WEIGHTS)) % 11]


def is_number(number: str) -> bool:
    """Whether a text is 17 digits and their check character."""
    body = number[:17]
    return len(number) == 18 and body.isascii() and body.isdigit() and check_character(body) == number[17]


def birth_date(number: str) -> date | None:
    """The date of birth inside a number; None when the calendar has no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age(number: str, today: date) -> int | None:
    """Full years of age; None when the date of birth is no date."""
    born = birth_date(number)
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
