"""Papers: how long the numbers of trade papers stay taken; the certificates there are."""

from datetime import timedelta

WAYBILL_TAKEN = timedelta(days=184)
"""A waybill number is one parcel's for six months (CEB message specification 2022-05, 511 logisticsNo).

184 days are the longest six months of a calendar: the reading that frees a number last."""
PAPER_KINDS = ("HEALTH", "PHYTOSANITARY", "ORIGIN", "FACTORY_REGISTRATION", "DISINFECTION")
"""Kinds of certificates. A rule of quarantine asks for these, and a declaration may name no other."""
