"""Checks of what goes back: no more than was declared, each return once, its money and quota with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from services.clearance.returns import Return
from services.tax.refunding.refunds import Refund

if TYPE_CHECKING:
    from tests.simulation.world import World

DECLARED = Decimal(2)
"""Pieces of the one line that every filing here has."""
MEANS = {"ADMITTED": "AWAITED", "COMPLETED": "BACK", "LAPSED": "OVERDUE"}
"""What clearance and logistics call the same."""


def no_more_goes_back_than_was_declared(world: World) -> Iterator[str]:
    """Of every declaration, over all returns that have not lapsed; and only of what has a permit."""
    taken: dict[str, Decimal] = defaultdict(Decimal)
    cases = world.databases["clearance"].tables["cases"]
    for each in _returns(world):
        if cases[each.declaration_id].permit is None:
            yield f"{each.declaration_id} has no permit, and return {each.request_id}"
        if each.status != "LAPSED":
            taken[each.declaration_id] += sum((line.quantity for line in each.lines), Decimal(0))
    for subject, quantity in taken.items():
        if quantity > DECLARED:
            yield f"{quantity} of {DECLARED} pieces of {subject} go back"


def all_say_the_same_of_a_return(world: World) -> Iterator[str]:
    """Clearance, logistics, declaration and tax; and what is awaited has a deadline."""
    awaited = world.databases["logistics"].tables["awaited"]
    answers = world.databases["declaration"].tables
    refunds = world.databases["tax"].tables["refunds"]
    timers = {(key[0], key[1]) for key in world.databases["logistics"].tables["timers"]}
    for each in _returns(world):
        key = each.declaration_id, each.request_id
        ended = answers["ended"].get(each.request_id)
        shown = ended or answers["answers"].get(each.request_id)
        there = awaited.get(key)
        if (there and there.status, shown and shown.state) != (MEANS[each.status], each.status):
            yield f"return {key} is {each.status}, logistics has {there}, declaration {shown}"
        if (key in refunds) != (each.status == "COMPLETED"):
            yield f"return {key} is {each.status}, given back: {key in refunds}"
        if each.status == "ADMITTED" and (each.declaration_id, "ReturnsOverdue") not in timers:
            yield f"return {key} is awaited, and nobody looks at it again"


def what_is_given_back_is_what_went(world: World) -> Iterator[str]:
    """Tax and quota of all refunds are missing from what the version holds; nothing is left when all is back."""
    refunds: dict[tuple[str, int], list[Refund]] = defaultdict(list)
    tables = world.databases["tax"].tables
    for refund in tables["refunds"].values():
        refunds[refund.declaration_id, refund.version].append(refund)
    for key, kept in tables["kept"].items():
        holding, mine = kept.holding, refunds.get(key, [])
        tax = sum((refund.taxes.total for refund in mine), Decimal(0))
        quota = sum((refund.quota for refund in mine), Decimal(0))
        gone = sum((line.quantity for refund in mine for line in refund.lines), Decimal(0))
        if holding.refunded != tax or (mine and holding.quota_held != kept.working.dutiable_value - quota):
            yield f"{key} holds {holding}, given back are {tax} and {quota}"
        if gone == DECLARED and (holding.quota_held or holding.refunded != holding.tax_total):
            yield f"all of {key} is back, it still holds {holding}"


def _returns(world: World) -> list[Return]:
    return list(world.databases["clearance"].tables["returns"].values())


CHECKS = (
    no_more_goes_back_than_was_declared,
    all_say_the_same_of_a_return,
    what_is_given_back_is_what_went,
)
