"""Parcels: endless filings, cheaply.

Real orders, cut to the few lines a parcel has, become stencils: the text of a filing with gaps for its own numbers
and buyer. A stencil is made once by the importer and filled in about two microseconds. What each kind is to meet is
stamped into the text; what it meets is the window's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Literal, get_args
from zlib import crc32

import msgspec
from msgspec import structs

from sandbox.digits import mod_11_2
from sandbox.importer import Run, filing_of
from sandbox.real import RealLine, RealOrder
from services.declaration.submission import Submission
from services.quarantine.domain import triage
from services.quarantine.rulebook import bundled_rules

Kind = Literal["green", "held", "refused", "amended", "duplicate"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LINES = 4
"""Lines of a parcel at most: what retail buyers order, where the shop's own customers were traders."""
SMALL, LARGE = Decimal(20), Decimal(2000)
"""CNY: parcels of other values are left out; the limits of tax are far away."""
OVER_THE_LIMIT = Decimal(5500)
"""CNY of an order that tax refuses."""
_FIRST_DAY, _DAYS, _SEQUENCES = date(1950, 1, 1), 18_262, 999
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Stencil:
    """One parcel's filing with gaps, as each kind needs it; `filers` are the parties that may file it."""

    filers: tuple[str, ...]
    guarantor: str
    passes: bytes
    waits: bytes
    """Declared on arrival, which nobody reports."""
    fails: bytes
    """Refused: at the door (the amounts differ), or by tax (over the order limit)."""
    is_inspected: bool
    """Quarantine holds it whatever its arrival: it passes nowhere without an officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The stencils that one party may file."""

    green: tuple[Stencil, ...]
    inspected: tuple[Stencil, ...]


class Press:
    """Fills stencils with numbers of a run; the same run and number, the same filing."""

    def __init__(self, run: str, seed: int) -> None:
        self.run = run
        self._buyers = Buyers(f"{seed}/{run}")

    def body(self, pool: Pool, kind: Kind, number: int, *, amended: bool = False) -> bytes:
        """A filing as one line of JSON; `amended` is the second version of one that is to be amended."""
        if kind == "held" and number % 2 and pool.inspected:
            return self._filled(_one(pool.inspected, number).passes, number)
        stencil = _one(pool.green, number)
        if kind == "refused":
            return self._filled(stencil.fails, number)
        waits = kind == "held" or (kind == "amended" and not amended)
        return self._filled(stencil.waits if waits else stencil.passes, number)

    def order_no(self, number: int) -> str:
        """The order number a filing goes under."""
        return f"{self.run}-{number}"

    def _filled(self, text: bytes, number: int) -> bytes:
        own = b"%b-%d" % (self.run.encode(), number)
        return text % {b"order": own, b"waybill": b"LX" + own, b"buyer": self._buyers.number(number)}


class Buyers:
    """Identity numbers with right check digits that are nobody's: a buyer a filing, so that no year's quota fills."""

    def __init__(self, seed: str) -> None:
        self._offset = crc32(seed.encode()) * _SEQUENCES
        self._block, self._body = -1, ""

    def number(self, place: int) -> bytes:
        """The identity number at a place; those of a block differ in the three digits of their sequence."""
        block, sequence = divmod(place + self._offset, _SEQUENCES)
        if block != self._block:
            born = _FIRST_DAY + timedelta(days=block % _DAYS)
            self._block, self._body = block, f"99{block // _DAYS % 10_000:04d}{born:%Y%m%d}"
        body = f"{self._body}{sequence + 1:03d}"
        return (body + mod_11_2(body)).encode()


def pool_of(stencils: Iterable[Stencil], party: str) -> Pool:
    """What a party may file."""
    own = [stencil for stencil in stencils if party in stencil.filers]
    return Pool(
        green=tuple(stencil for stencil in own if not stencil.is_inspected),
        inspected=tuple(stencil for stencil in own if stencil.is_inspected),
    )


def stencils(orders: Iterable[RealOrder], run: Run, most: int, declarant: str = "") -> list[Stencil]:
    """Stencils of the first orders that make a parcel; a declarant that is named files, and secures, them all."""
    return list(islice(_stencils(orders, run, declarant), most))


def _stencils(orders: Iterable[RealOrder], run: Run, declarant: str) -> Iterator[Stencil]:
    for place, order in enumerate(orders):
        lines = _cut(order, 1 + run.chance.below(LINES, "lines", order.order_no))
        if lines:
            parcel = structs.replace(order, lines=lines)
            filing = filing_of(parcel, place, run)
            if SMALL <= filing.submission.order.goods_value <= LARGE:
                passing = _declared_by(declarant, filing.submission)
                failing = _mismatched(passing) if place % 2 else _dearer(parcel, place, run)
                yield _stencil(passing, _declared_by(declarant, failing), run)


def _cut(order: RealOrder, most: int) -> tuple[RealLine, ...]:
    """The first lines that are goods, sold and described."""
    sold = (line for line in order.goods if line.sku[:5].isdigit() and line.description)
    return tuple(islice((line for line in sold if line.quantity > 0 and line.unit_price > 0), most))


def _dearer(parcel: RealOrder, place: int, run: Run) -> Submission:
    """The same parcel with so many pieces that it is over the order limit."""
    value = filing_of(parcel, place, run).submission.order.goods_value
    times = int(OVER_THE_LIMIT / value) + 1
    lines = tuple(structs.replace(line, quantity=line.quantity * times) for line in parcel.lines)
    return filing_of(structs.replace(parcel, lines=lines), place, run).submission


def _mismatched(submission: Submission) -> Submission:
    """The same filing with a payment of another amount."""
    payment = submission.payment
    return replace(submission, payment=replace(payment, amount_paid=payment.amount_paid + 1))


def _declared_by(party: str, submission: Submission) -> Submission:
    """The same filing in the hands of another declarant, if one is named."""
    if not party:
        return submission
    return replace(submission, list=replace(submission.list, declarant_code=party, guarantor_code=party))


def _stencil(submission: Submission, failing: Submission, run: Run) -> Stencil:
    papers, order = submission.list, submission.order
    gate = triage(bundled_rules(), papers.lines, papers.certificates, run.now).gate
    return Stencil(
        filers=(papers.declarant_code, order.seller_code, order.platform_code),
        guarantor=papers.guarantor_code,
        passes=_with_gaps(replace(submission, arrival="pre_arrival")),
        waits=_with_gaps(replace(submission, arrival="on_site")),
        fails=_with_gaps(replace(failing, arrival="pre_arrival")),
        is_inspected=not gate.is_open,
    )


def _with_gaps(submission: Submission) -> bytes:
    """The filing as a text that `%` fills."""
    text = _encode(submission).replace(b"%", b"%%")
    order, waybill = submission.order, submission.waybill
    for own, gap in (
        (order.order_no, b"%(order)b"),
        (waybill.waybill_no, b"%(waybill)b"),
        (order.buyer.id_number, b"%(buyer)b"),
    ):
        text = text.replace(own.encode(), gap)
    return text


def _one(some: Sequence[Stencil], number: int) -> Stencil:
    """One of some, scattered, always the same for a number."""
    return some[number * 2_654_435_761 % len(some)]
