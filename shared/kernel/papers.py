"""Papers: how long the numbers of trade papers stay taken."""

from datetime import timedelta

WAYBILL_TAKEN = timedelta(days=184)
"""A waybill number is one parcel's for six months (CEB message specification 2022-05, 511 logisticsNo).

184 days are the longest six months of a calendar: the reading that frees a number last."""
