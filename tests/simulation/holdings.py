"""Holding checks: guarantee, quota, order and waybill numbers are held by whom they should be, to the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from services.tax.balances import Holding
from shared.kernel.ids import bill_subject

if TYPE_CHECKING:
    from tests.simulation.world import World

LIMIT = Decimal(26_000)
"""A buyer's year, CNY."""


def nobody_waits_for_what_is_free(world: World) -> Iterator[str]:
    """Who waits for a guarantee finds less free than it needs."""
    tables = world.databases["tax"].tables
    for kept in tables["kept"].values():
        holding: Holding = kept.holding
        if holding.status == "WAITING" and holding.tax_total <= tables["accounts"][holding.guarantor].free:
            yield f"{holding.declaration_id} waits for {holding.tax_total}, which is free"


def money_adds_up(world: World) -> Iterator[str]:
    """Accounts are their deposits and what versions hold; quotas likewise, within the limit."""
    tables = world.databases["tax"].tables
    holdings: list[Holding] = [kept.holding for kept in tables["kept"].values()]
    for party, account in tables["accounts"].items():
        mine = [holding for holding in holdings if holding.guarantor == party]
        paid = sum(deposit.amount for deposit in tables["deposits"].values() if deposit.party == party)
        reserved = sum(holding.guarantee_held for holding in mine if holding.is_open)
        due = sum(
            holding.guarantee_held - holding.refunded
            for holding in mine
            if holding.status == "COMMITTED" and holding.guarantee_held
        )
        if (account.balance, account.reserved, account.due) != (paid, reserved, due):
            yield f"{account}: paid {paid}, reserved {reserved}, due {due}"
    for key, quota in tables["quotas"].items():
        mine = [holding for holding in holdings if holding.quota_key == key]
        reserved = sum(holding.quota_held for holding in mine if holding.is_open)
        used = sum(holding.quota_held for holding in mine if holding.status == "COMMITTED")
        if (quota.reserved, quota.used) != (reserved, used + world.used_before.get(key, 0)):
            yield f"{quota}: reserved {reserved}, used {used}"
        if quota.reserved + quota.used > LIMIT:
            yield f"{quota} is above {LIMIT}"


def holdings_follow_outcomes(world: World) -> Iterator[str]:
    """A permit's version is committed, and nothing else of it holds; what ended otherwise holds nothing."""
    held: dict[str, dict[int, Holding]] = defaultdict(dict)
    for (subject, version), kept in world.databases["tax"].tables["kept"].items():
        held[subject][version] = kept.holding
    for subject, case in world.databases["clearance"].tables["cases"].items():
        mine = held.pop(subject, {})
        committed = [version for version, each in mine.items() if each.status == "COMMITTED"]
        still = [version for version, each in mine.items() if each.is_open]
        wanted = [case.version] if case.status == "PERMIT" else []
        if committed != wanted or still not in ([], [case.version]) or (still and case.status != "OPEN"):
            yield f"{subject} is {case.status} in {case.version}; committed {committed}, open {still}"


def keys_belong_to_the_living(world: World) -> Iterator[str]:
    """Order and waybill are taken by what is open or released, and free otherwise; in both rooms."""
    cases = world.databases["clearance"].tables["cases"]
    living = {subject for subject, case in cases.items() if case.status in ("OPEN", "PERMIT")}
    keys = world.databases["declaration"].tables["keys"].items()
    holders = Counter(claim["declaration_id"] for key, claim in keys if not key.startswith("idem|"))
    if holders != dict.fromkeys(living, 2):
        yield f"natural keys are held by {dict(holders)}, living are {sorted(living)}"
    for waybill in world.databases["logistics"].tables["waybills"].values():
        if waybill.declaration_id not in (None, *living):
            yield f"{waybill.waybill_no} is held by {waybill.declaration_id}, which has ended"


def bills_are_looked_at_again(world: World) -> Iterator[str]:
    """An open bill is to be issued, one that is to be paid to be overdue: a deadline says when."""
    tables = world.databases["tax"].tables
    waits = {(key[0], key[1]) for key in tables["timers"]}
    for bill in tables["bills"].values():
        due = "IssueBill" if bill.status == "OPEN" else "BillLapsed"
        is_over = bill.status != "OPEN" and (bill.overdue_at or not bill.is_payable)
        if not is_over and (bill_subject(bill.bill_no), due) not in waits:
            yield f"{bill.bill_no} is {bill.status}, and nobody looks at it again"


CHECKS = (
    nobody_waits_for_what_is_free,
    money_adds_up,
    holdings_follow_outcomes,
    keys_belong_to_the_living,
    bills_are_looked_at_again,
)
