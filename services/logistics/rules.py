"""Rules: what a booking must satisfy.

Each takes a booking and the ground it stands on, and returns the word that refuses it, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.logistics.booking import Booking, refused
from services.logistics.waybills import Waybill, is_document_no
from shared.kernel.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a booking is judged on beside itself."""

    is_registered: bool
    """The carrier, as registry's latest word on it has it."""
    waybill: Waybill


Rule = Callable[[Booking, Ground], Gate | None]


def carrier_must_be_registered(booking: Booking, ground: Ground) -> Gate | None:
    """GACC announcement 194/2018: logistics firms are registered with customs (risk R18)."""
    if ground.is_registered:
        return None
    return refused(
        "E-LOG-CARRIER", f"{booking.carrier} is no active registered carrier: book with one, or register it"
    )


def waybill_must_be_unused(booking: Booking, ground: Ground) -> Gate | None:
    """CEB511: a carrier's waybill number is unique for six months (risks R10, R20)."""
    if ground.waybill.is_free_for(booking.declaration_id, booking.filed_at):
        return None
    since = ground.waybill.taken_at.date()
    return refused(
        "E-LOG-WAYBILL",
        f"waybill {booking.waybill_no} of {booking.carrier} is in use since {since}: ask the carrier for a new one",
    )


def document_must_fit_mode(booking: Booking, _ground: Ground) -> Gate | None:
    """IATA resolution 600a for air waybills, CEB billNo for the others; bonded goods (1210) have none."""
    if booking.mode == "1210" or is_document_no(booking.transport):
        return None
    shape = (
        "3 + 8 digits, the last the serial modulo 7"
        if booking.transport.mode == "air"
        else "4-37 of A-Z 0-9 / -"
    )
    return refused(
        "E-LOG-DOCUMENT",
        f"{booking.transport.document_no!r} is no {booking.transport.mode} transport document number: {shape}",
    )


def must_weigh_something(booking: Booking, _ground: Ground) -> Gate | None:
    """CEB511 weight and packNo: more than 0 kg, one package at least."""
    if booking.gross_weight > 0 and booking.packages >= 1:
        return None
    return refused("E-LOG-WEIGHT", "gross weight must be above 0 kg and packages at least 1")


REFUSALS = (document_must_fit_mode, must_weigh_something)
"""By the submission alone: final."""
DOUBTS = (carrier_must_be_registered, waybill_must_be_unused)
"""By what others have told so far: judged again before it is final."""


def first_word(rules: Iterable[Rule], wish: Booking, ground: Ground) -> Gate | None:
    """The first rule's word that applies."""
    return next((gate for rule in rules if (gate := rule(wish, ground)) is not None), None)
