"""Bills and ledger: planted breaches."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit.rows import Billed
from shared.contracts.tax import BillIssued, BillPaid
from tests.support.builders import a_declaration_id
from tests.support.evidence import AGENT, LATER, TAX, Evidence
from tests.support.planting import Plant, Plants, replace_row
from tests.support.six_ways import (
    ACCOUNT,
    BILL,
    BILL_ROW,
    CANCELLED,
    ENTRIES,
    PERMITTED,
    WAITS,
)

plants = Plants()
ZERO, CENT = Decimal(0), Decimal("0.01")


def account(e: Evidence, **changes: Any) -> None:
    """The account with other columns."""
    names = ("party", "balance", "reserved", "due", "unsecured", "refundable", "bank", "levied", "entries")
    kept = dict(zip(names, ACCOUNT, strict=True)) | changes
    replace_row(e, "tax", "accounts", ACCOUNT, tuple(kept.values()))


def issued(e: Evidence, total: Decimal = TAX * 3) -> None:
    """The bill is issued."""
    said = BillIssued(
        bill_no=BILL,
        parties=(AGENT,),
        declarant=AGENT,
        guarantor=AGENT,
        month="2025-06",
        items=3,
        customs_duty=ZERO,
        consumption_tax=ZERO,
        value_added_tax=total,
        total=total,
        due_at=LATER,
    )
    e.say(said, "timer", 0)
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:2], "ISSUED", *BILL_ROW[3:]))
    e.settle()


def paid(e: Evidence, amount: Decimal = TAX * 3) -> None:
    """The bill is issued and paid by a bank."""
    issued(e)
    said = BillPaid(
        bill_no=BILL, parties=(AGENT,), amount=amount, method="BANK", receipt_no="R", paid_at=LATER
    )
    e.say(said)
    row = (*BILL_ROW[:2], "ISSUED", *BILL_ROW[3:])
    replace_row(e, "tax", "bills", row, (*BILL_ROW[:2], "PAID", *BILL_ROW[3:]))
    e.keep("tax", "payments", (BILL, amount, "BANK"))
    e.keep("tax", "entries", (AGENT, "PAYMENT", "bank", "due", TAX * 2, 1, 5))
    e.keep("tax", "entries", (AGENT, "PAYMENT", "bank", "unsecured", TAX, 1, 6))
    account(e, due=ZERO, unsecured=ZERO, bank=Decimal(100) + TAX * 3, entries=6)
    e.settle()


@plants.break_("ledger-adds-up")
def an_account_that_its_entries_do_not_make(e: Evidence) -> None:
    account(e, levied=TAX * 3 + CENT)


@plants.break_("ledger-adds-up")
def a_number_left_out_of_the_ledger(e: Evidence) -> None:
    replace_row(e, "tax", "entries", ENTRIES[2], (*ENTRIES[2][:5], 1, 5))


@plants.break_("ledger-adds-up", "accounts-add-up")
def a_deposit_in_the_ledger_that_nobody_made(e: Evidence) -> None:
    replace_row(e, "tax", "entries", ENTRIES[0], (*ENTRIES[0][:4], Decimal(101), 1, 1))
    account(e, balance=Decimal(101))


@plants.break_("ledger-adds-up")
def an_entry_of_a_book_that_there_is_not(e: Evidence) -> None:
    e.keep("tax", "entries", (AGENT, "DEPOSIT", "bank", "pocket", CENT, 1, 5))
    account(e, bank=Decimal(100) + CENT, entries=5)


@plants.break_("accounts-add-up")
def a_bill_that_frees_more_than_it_was(e: Evidence) -> None:
    replace_row(e, "tax", "entries", ENTRIES[1], (*ENTRIES[1][:4], TAX, 2, 3))
    replace_row(e, "tax", "entries", ENTRIES[2], (*ENTRIES[2][:4], TAX * 2, 1, 4))
    account(e, due=TAX, unsecured=TAX * 2)


@plants.break_("accounts-add-up")
def a_payout_that_no_officer_ordered(e: Evidence) -> None:
    e.keep("tax", "entries", (AGENT, "CORRECTION", "guarantee", "bank", CENT, 1, 5))
    account(e, balance=Decimal(100) - CENT, bank=Decimal(100) - CENT, entries=5)


@plants.break_("released-is-billed", "bills-add-up", "accounts-add-up", "money-is-whole")
def a_release_that_is_on_no_bill(e: Evidence) -> None:
    e.lose("tax", "bill_items", PERMITTED)


@plants.break_("released-is-billed", "bills-add-up", "accounts-add-up")
def an_item_of_what_was_cancelled(e: Evidence) -> None:
    subject = a_declaration_id(CANCELLED)
    item = Billed(subject, 1, "TAX", 9, AGENT, BILL, ZERO, ZERO, TAX, is_secured=True)
    e.add("tax", "bill_items", item)


@plants.break_("released-is-billed")
def an_item_of_a_version_that_is_open_yet(e: Evidence) -> None:
    subject = a_declaration_id(WAITS)
    e.add("tax", "bill_items", Billed(subject, 1, "TAX", 0, AGENT, BILL, ZERO, ZERO, ZERO, is_secured=True))
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:8], 4))


@plants.break_("released-is-billed", "bills-add-up", "accounts-add-up", "money-is-whole")
def a_cent_more_on_the_bill(e: Evidence) -> None:
    e.change("tax", "bill_items", PERMITTED, value_added_tax=TAX + CENT)


@plants.break_("bills-add-up")
def a_bill_of_another_sum(e: Evidence) -> None:
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:5], TAX * 3 + CENT, *BILL_ROW[6:]))


@plants.break_("released-is-billed", "bills-add-up")
def an_item_on_a_bill_that_there_is_not(e: Evidence) -> None:
    e.change("tax", "bill_items", PERMITTED, bill_no=f"{BILL[:-1]}7")


@plants.break_("released-is-billed", "bills-add-up", "accounts-add-up")
def more_given_back_than_was_billed(e: Evidence) -> None:
    subject = a_declaration_id(PERMITTED)
    item = Billed(subject, 1, "VOID", 9, AGENT, BILL, ZERO, CENT, ZERO, is_secured=True)
    e.add("tax", "bill_items", item)


@plants.break_("bills-add-up")
def a_payment_of_another_amount(e: Evidence) -> None:
    paid(e)
    payment = (BILL, TAX * 3, "BANK")
    replace_row(e, "tax", "payments", payment, (BILL, TAX, "BANK"))


@plants.break_("bills-add-up")
def a_payment_that_is_not_kept(e: Evidence) -> None:
    paid(e)
    e.tables["tax", "payments"].clear()


@plants.break_("every-change-has-its-event")
def an_issue_that_nobody_said(e: Evidence) -> None:
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:2], "ISSUED", *BILL_ROW[3:]))


@plants.break_("every-change-has-its-event")
def less_said_to_be_due_than_is_owed(e: Evidence) -> None:
    issued(e, TAX)


def test_an_issued_and_a_paid_bill_add_up(tmp_path: Path) -> None:
    for step in (issued, paid):
        evidence = Plant(step, frozenset())

        assert evidence.found(tmp_path / step.__name__) == set()


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
