"""Papers: certificates that vouch for goods.

Most parcels with sensitive goods carry the paper that quarantine asks for, issued in the country of origin; the
rest carries none and waits for an officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sandbox.chance import Chance
from shared.kernel.goods import Certificate, GoodsLine

WITH_PAPERS = 60
"""Of a hundred parcels with sensitive goods, those that carry their papers."""
KINDS = {
    "06": "PHYTOSANITARY",
    "12": "PHYTOSANITARY",
    "46": "DISINFECTION",
    "09": "HEALTH",
    "17": "HEALTH",
    "18": "HEALTH",
    "19": "HEALTH",
    "33": "ORIGIN",
}
"""Chapter of the tariff -> the paper that is usual for it."""


def papers_of(
    chance: Chance, order_no: str, day: date, lines: Sequence[GoodsLine]
) -> tuple[Certificate, ...]:
    """The certificates that travel with a parcel: one for each kind and country."""
    if not chance.percent(WITH_PAPERS, "papers", order_no):
        return ()
    covered: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        kind = KINDS.get(line.goods_code[:2])
        if kind:
            covered.setdefault((kind, line.origin_country), []).append(line.line_no)
    return tuple(
        Certificate(
            kind=kind,
            number=f"{kind[:2]}-{country}-{day:%y}{chance.below(10**6, kind, country, order_no):06d}",
            issued_by=country,
            valid_until=day + timedelta(days=730),
            line_nos=tuple(numbers),
        )
        for (kind, country), numbers in sorted(covered.items())
    )
