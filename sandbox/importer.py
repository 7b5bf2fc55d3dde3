"""Importer: a real order becomes a filing.

As if the buyer were in China and the order a parcel of mode 9610. Facts of the order are kept as they are, odd ones
included; what the order does not say (buyer, payment, waybill, weights) is drawn from the run's seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from sandbox.carriage import PLACES, carriage_of
from sandbox.chance import Chance
from sandbox.documents import PAID_WITHIN, Documents
from sandbox.headings import Headings, read_headings
from sandbox.rates import Rates, read_rates
from sandbox.real import RealOrder
from services.declaration.submission import Submission

_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pass over the orders: the same seed, number and moment give the same filings."""

    seed: str
    number: int = 1
    """Runs after the first get order numbers and waybills of their own, and other buyers."""
    now: datetime
    rates: Rates = field(default_factory=read_rates)
    headings: Headings = field(default_factory=read_headings)

    @property
    def chance(self) -> Chance:
        """The run's draws."""
        return Chance(f"{self.seed}/{self.number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A submission, and what is known of the order behind it."""

    source_no: str
    """The number in the shop's file."""
    shift_years: int
    """Whole years that were added to the order's dates."""
    never_arrives: bool
    submission: Submission
    body: bytes
    """The submission as one line of JSON, amounts as exact numbers."""

    @property
    def order_no(self) -> str:
        """The number it is filed under."""
        return self.submission.order.order_no

    @property
    def key(self) -> tuple[str, str]:
        """Platform and order number: what tells filings apart."""
        return self.submission.order.platform_code, self.order_no


def filings(orders: Iterable[RealOrder], run: Run) -> Iterator[Filing]:
    """A filing for every order, in their order."""
    for place, order in enumerate(orders):
        yield filing_of(order, place, run)


def filing_of(order: RealOrder, place: int, run: Run) -> Filing:
    """The filing of the order at a place of the file."""
    shift = years_to_shift(order.placed_at, run.now - PAID_WITHIN)
    placed_at = plus_years(order.placed_at, shift)
    travel = carriage_of(run.chance, order.order_no, run.number * PLACES + place, placed_at.date())
    documents = Documents(
        order=order,
        order_no=order.order_no if run.number == 1 else f"{order.order_no}-R{run.number}",
        placed_at=placed_at,
        travel=travel,
        rate=run.rates.of(order.currency, placed_at.date()).cny,
        headings=run.headings,
        chance=run.chance,
    )
    submission = documents.submission()
    return Filing(
        source_no=order.order_no,
        shift_years=shift,
        never_arrives=travel.never_arrives,
        submission=submission,
        body=_encoder.encode(submission),
    )


def years_to_shift(placed_at: datetime, now: datetime) -> int:
    """The most whole years after which a moment still lies before now."""
    years = now.year - placed_at.year
    return years if plus_years(placed_at, years) <= now else years - 1


def plus_years(moment: datetime, years: int) -> datetime:
    """The same day of another year; a leap day becomes the 28th."""
    leap_day = (moment.month, moment.day) == (2, 29)
    return moment.replace(year=moment.year + years, day=28 if leap_day else moment.day)
