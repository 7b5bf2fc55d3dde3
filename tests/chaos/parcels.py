"""Parcels: the filings of a campaign, the same for the same seed, whatever happens meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from services.declaration.submission import Submission
from shared.kernel.goods import GoodsLine
from tests.flows.parcels import a_line
from tests.load.filings import id_number
from tests.support.builders import a_submission


class Parcels:
    """A row of parcels with numbers and buyers of their own."""

    def __init__(self, seed: str, first: int = 1) -> None:
        self._numbers, self._chance = count(first), random.Random(seed)
        self._placed = datetime.now(UTC) - timedelta(days=2)

    def one(self, *lines: GoodsLine, buyer: str = "", **changes: Any) -> Submission:
        """The next parcel: every agency passes it, unless its lines or changes say otherwise."""
        number = buyer or id_number(self._chance)
        usual = {
            "order__placed_at": self._placed,
            "payment__paid_at": self._placed,
            "order__buyer__id_number": number,
            "payment__payer__id_number": number,
        }
        return a_submission(lines, next(self._numbers), **usual | changes)

    def dearer(self, parcel: Submission) -> Submission:
        """The same order with other goods in it."""
        order = parcel.order
        fresh = self.one(
            *(a_line("50.00"), a_line("60.00", line_no=2)),
            buyer=order.buyer.id_number,
            arrival=parcel.arrival,
            order__order_no=order.order_no,
            payment__order_no=order.order_no,
            waybill__waybill_no=parcel.waybill.waybill_no,
        )
        return replace(fresh, list=replace(fresh.list, guarantor_code=parcel.list.guarantor_code))
