"""Check digits: identity cards, waybills.

Resident identity numbers: ISO 7064 MOD 11-2 (GB 11643). Air waybills: the serial modulo 7 (IATA). Parcels: the
weighted sum modulo 11 of UPU S10.
"""

from __future__ import annotations

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def mod_11_2(digits: str) -> str:
    """The check character of a number by ISO 7064 MOD 11-2: 0..9 or X."""
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2
    check = (12 - rest % 11) % 11
    return "X" if check == 10 else str(check)


def identity_number(area: str, born: str, sequence: int) -> str:
    """Eighteen characters: area of six digits, date of birth as yyyymmdd, sequence 1..999, check character."""
    body = f"{area}{born}{sequence:03d}"
    return body + mod_11_2(body)


def air_waybill(prefix: str, serial: int) -> str:
    """Air waybill number of a prefix and a serial of seven digits, e.g. 999-12345675."""
    return f"{prefix}-{serial:07d}{serial % 7}"


def parcel_number(service: str, serial: int, country: str) -> str:
    """UPU S10 number of a serial of eight digits, e.g. LX473124829GB."""
    digits = f"{serial:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _S10_WEIGHTS, strict=True)) % 11
    check = {10: 0, 11: 5}.get(rest, rest)
    return f"{service}{digits}{check}{country}"
