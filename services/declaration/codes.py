"""Codes: countries, what may not pass.

Countries are ISO 3166-1 alpha-2 (249 codes). The rest is demonstration data: the national positive list and the
filed prices are not public in open form.
"""

from __future__ import annotations

from decimal import Decimal

from shared.kernel.goods import Unit

_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())

NOT_LISTED: dict[str, str] = {
    "01": "live animals",
    "2402": "cigars and cigarettes",
    "2844": "radioactive elements",
    "3601": "propellent powders",
    "3602": "explosives",
    "3604": "fireworks",
    "4907": "banknotes and stamps",
    "7108": "gold",
    "93": "arms and ammunition",
    "9705": "collections and antiquities",
}
"""Demonstration data: headings and chapters that no retail list admits; the real list names what it does admit."""

FLOORS: dict[tuple[str, Unit], Decimal] = {
    ("3303", "piece"): Decimal(20),
    ("8471", "piece"): Decimal(300),
    ("8517", "piece"): Decimal(50),
    ("8525", "piece"): Decimal(200),
    ("9101", "piece"): Decimal(500),
    ("7113", "g"): Decimal(3),
    ("2204", "l"): Decimal(15),
    ("2208", "l"): Decimal(30),
    ("1901", "kg"): Decimal(20),
}
"""Demonstration data: CNY per unit under which a price of that heading is doubted."""

COSMETICS = ("3303", "3304")
"""Perfume and make-up: the headings with a consumption tax that begins at a unit price."""
