"""Sayings: what tax says of a version.

One small function an event, from what the decisions return to what the contract promises.
"""

from __future__ import annotations

from services.tax.assessment import Assessment
from services.tax.balances import Holding
from services.tax.levy import TaxedLine
from shared.contracts.tax import LineTax, TaxAssessed, TaxCommitted, TaxRefused, TaxSecured, TaxVoided
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
    )
