"""Sayings: what tax says of a version, and of a bill.

One small function an event, from what the decisions return to what the contract promises.
"""

from __future__ import annotations

from services.tax.assessment import Assessment
from services.tax.balances import Holding
from services.tax.books.bills import Bill
from services.tax.books.payments import Receipt
from services.tax.levy import TaxedLine
from shared.contracts.tax import (
    BillIssued,
    BillOverdue,
    BillPaid,
    LineTax,
    TaxAssessed,
    TaxCommitted,
    TaxRefused,
    TaxSecured,
    TaxVoided,
)
from shared.kernel.gate import Gate


def assessed(made: Assessment) -> TaxAssessed:
    """The first word on a version: secured, waiting or refused."""
    return TaxAssessed(
        declaration_id=made.holding.declaration_id,
        version=made.holding.version,
        parties=made.holding.parties,
        gate=made.gate,
        rule_set=made.rule_set,
        dutiable_value=made.working.dutiable_value,
        tax_total=made.holding.tax_total,
        lines=tuple(line_tax(line) for line in made.working.lines),
    )


def line_tax(line: TaxedLine) -> LineTax:
    """One line's taxes."""
    return LineTax(
        line_no=line.line_no,
        dutiable_value=line.dutiable_value,
        customs_duty=line.customs_duty,
        consumption_tax=line.consumption_tax,
        value_added_tax=line.value_added_tax,
    )


def secured(holding: Holding, gate: Gate) -> TaxSecured:
    """A waiting version is secured, or its guarantee waived."""
    return TaxSecured(
        declaration_id=holding.declaration_id,
        version=holding.version,
        parties=holding.parties,
        gate=gate,
        tax_total=holding.tax_total,
    )


def refused(holding: Holding, gate: Gate) -> TaxRefused:
    """A waiting version is refused."""
    return TaxRefused(
        declaration_id=holding.declaration_id, version=holding.version, parties=holding.parties, gate=gate
    )


def voided(holding: Holding) -> TaxVoided:
    """What a version held (as it was) is given back."""
    return TaxVoided(
        declaration_id=holding.declaration_id,
        version=holding.version,
        parties=holding.parties,
        quota_returned=holding.quota_held,
        guarantee_returned=holding.guarantee_held,
    )


def committed(holding: Holding) -> TaxCommitted:
    """The quota is used, the tax is due."""
    return TaxCommitted(
        declaration_id=holding.declaration_id,
        version=holding.version,
        parties=holding.parties,
        tax_total=holding.tax_total,
        quota_used=holding.quota_held,
        bill_no=holding.bill_no,
    )


def bill_issued(bill: Bill) -> BillIssued:
    """What is due, and when."""
    return BillIssued(
        bill_no=bill.bill_no,
        parties=bill.parties,
        declarant=bill.declarant,
        guarantor=bill.guarantor,
        month=bill.month,
        items=bill.items,
        customs_duty=bill.taxes.customs_duty,
        consumption_tax=bill.taxes.consumption_tax,
        value_added_tax=bill.taxes.value_added_tax,
        total=bill.total,
        due_at=bill.due_at or bill.closes_at,
    )


def bill_paid(bill: Bill, receipt: Receipt) -> BillPaid:
    """It is paid, and how."""
    payment = receipt.payment
    return BillPaid(
        bill_no=bill.bill_no,
        parties=bill.parties,
        amount=payment.amount,
        method=payment.method,
        receipt_no=payment.receipt_no,
        paid_at=receipt.recorded_at,
    )


def bill_overdue(bill: Bill) -> BillOverdue:
    """It is not paid, and its term is over."""
    return BillOverdue(
        bill_no=bill.bill_no,
        parties=bill.parties,
        amount=bill.total,
        due_at=bill.due_at or bill.closes_at,
    )
