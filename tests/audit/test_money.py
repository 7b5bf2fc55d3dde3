"""Money: planted breaches of tax, accounts and quotas."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.evidence import AGENT, TAX, VALUE, Evidence
from tests.support.planting import Plant, Plants, forget, replace_row
from tests.support.six_ways import (
    ACCOUNT,
    BILL_ROW,
    CANCELLED,
    ENTRIES,
    PERMITTED,
    WAITS,
)

plants = Plants()
ZERO = Decimal(0)
BOOKED = (Decimal(100), TAX * 2)
"""Bank and levied, where one tax less is owed."""


def keep_held(e: Evidence, number: int) -> None:
    """Balances in which a committed declaration still holds what it held."""
    replace_row(e, "tax", "accounts", ACCOUNT, (AGENT, Decimal(100), TAX * 2, TAX, TAX, ZERO, *BOOKED, 4))
    replace_row(e, "tax", "entries", ENTRIES[1], (*ENTRIES[1][:4], TAX, 2, 3))
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:5], TAX * 2, TAX, ZERO, 2))
    e.lose("tax", "bill_items", number)
    quota = (f"buyer-{number}", 2025, Decimal(0), VALUE)
    replace_row(e, "tax", "quotas", quota, (f"buyer-{number}", 2025, VALUE, Decimal(0)))


@plants.break_("money-is-whole")
def a_guarantee_that_went_away(e: Evidence) -> None:
    e.change("tax", "assessments", PERMITTED, guarantee_held=Decimal(0))


@plants.break_("money-is-whole")
def a_cent_more_in_the_books(e: Evidence) -> None:
    e.change("tax", "assessments", WAITS, tax_total=TAX + Decimal("0.01"))


@plants.break_("money-is-whole")
def lines_that_are_not_the_total(e: Evidence) -> None:
    e.retell(
        "tax", PERMITTED, 1, lambda event: replace(event, lines=(replace(event.lines[0], customs_duty=TAX),))
    )


@plants.break_("money-is-whole")
def a_commitment_of_another_amount(e: Evidence) -> None:
    e.retell("tax", PERMITTED, 2, lambda event: replace(event, tax_total=TAX + 1))


@plants.break_("money-is-whole")
def a_version_booked_on_another_guarantor(e: Evidence) -> None:
    e.change("tax", "assessments", PERMITTED, guarantor="SELLER0001")


@plants.break_("money-is-whole")
def a_permit_that_tax_never_committed(e: Evidence) -> None:
    forget(e, "tax", PERMITTED, 2)
    e.change("tax", "assessments", PERMITTED, status="SECURED")
    keep_held(e, PERMITTED)


@plants.break_("money-is-whole")
def a_cancellation_that_tax_has_not_given_back(e: Evidence) -> None:
    forget(e, "tax", CANCELLED, 2)
    e.change("tax", "assessments", CANCELLED, status="SECURED", quota_held=VALUE, guarantee_held=TAX)
    replace_row(e, "tax", "accounts", ACCOUNT, (*ACCOUNT[:2], TAX * 2, *ACCOUNT[3:]))
    e.keep("tax", "quotas", (f"buyer-{CANCELLED}", 2025, VALUE, Decimal(0)))


@plants.break_("money-is-whole", "every-change-has-its-event")
def an_assessment_that_is_lost(e: Evidence) -> None:
    e.lose("tax", "assessments", PERMITTED)


@plants.break_("accounts-add-up")
def a_reservation_that_nobody_holds(e: Evidence) -> None:
    replace_row(e, "tax", "accounts", ACCOUNT, (*ACCOUNT[:2], TAX * 2, *ACCOUNT[3:]))


@plants.break_("accounts-add-up")
def a_balance_that_nobody_paid(e: Evidence) -> None:
    replace_row(e, "tax", "deposits", (AGENT, Decimal(100)), (AGENT, Decimal(99)))


@plants.break_("quotas-add-up")
def a_quota_used_once_too_often(e: Evidence) -> None:
    old = (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE)
    replace_row(e, "tax", "quotas", old, (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE * 2))


@plants.break_("quotas-stay-within-the-limit")
def a_buyer_beyond_the_year(e: Evidence) -> None:
    much = Decimal(26001)
    e.retell("tax", WAITS, 1, lambda event: replace(event, dutiable_value=much))
    e.change("tax", "assessments", WAITS, quota_held=much)
    old = (f"buyer-{WAITS}", 2025, VALUE, Decimal(0))
    replace_row(e, "tax", "quotas", old, (f"buyer-{WAITS}", 2025, much, Decimal(0)))


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
