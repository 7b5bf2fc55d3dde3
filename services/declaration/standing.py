"""Standing: who may take which part."""

from __future__ import annotations

from collections.abc import Callable

from services.declaration.domain import Found, Rule, Surroundings, Wrong
from services.declaration.submission import Submission

SEATS: tuple[tuple[str, str, Callable[[Submission], str]], ...] = (
    ("platform", "/order/platform_code", lambda s: s.order.platform_code),
    ("seller", "/order/seller_code", lambda s: s.order.seller_code),
    ("payment_firm", "/order/payment_firm_code", lambda s: s.order.payment_firm_code),
    ("carrier", "/waybill/carrier_code", lambda s: s.waybill.carrier_code),
    ("agent", "/list/declarant_code", lambda s: s.list.declarant_code),
)
DECLARANTS = ("agent", "seller", "platform", "carrier")
"""Roles that may be the declarant: an agent by trade, or a party that files for itself."""


def parties_are_registered_for_their_part(submission: Submission, around: Surroundings) -> Found:
    """Platform, seller, payment firm, carrier, agent are registered, active, and of that role.
    Source: GACC announcement 194/2018, registration of the parties; CEB -10101, -10102."""
    found = []
    for role, pointer, code_of in SEATS:
        party = around.parties.get(code_of(submission))
        wanted = DECLARANTS if role == "agent" else (role,)
        if party is None or not party.active or party.roles.isdisjoint(wanted):
            found.append(Wrong(pointer, _why(code_of(submission), role), _FIX, "E-SEC-PARTY"))
    return found


def _why(code: str, role: str) -> str:
    return f"{code!r} is not registered, or not active, as {role.replace('_', ' ')}"


_FIX = "use the customs registration code of a party registered for this part"


def the_guarantor_takes_part(submission: Submission, _: Surroundings) -> Found:
    """The guarantor is the platform, the seller, the carrier or the declarant.
    Source: CEB specification 2022-05, assureCode; GACC announcement 194/2018."""
    papers, order = submission.list, submission.order
    able = (papers.declarant_code, order.platform_code, order.seller_code, submission.waybill.carrier_code)
    if papers.guarantor_code in able:
        return ()
    fix = f"name one of {', '.join(sorted(set(able)))}"
    return [Wrong("/list/guarantor_code", "the guarantor has no part in this trade", fix, "E-SEC-PARTY")]


def may_file(submission: Submission, party: str) -> bool:
    """Whether a party may file this: it is the declarant, the seller or the platform."""
    order = submission.order
    return party in (submission.list.declarant_code, order.seller_code, order.platform_code)


RULES: tuple[Rule, ...] = (parties_are_registered_for_their_part, the_guarantor_takes_part)
