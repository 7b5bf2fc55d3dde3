"""Cases: filings as tax sees them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.tax.assessment import Assessment, assess
from services.tax.balances import Balances
from services.tax.books.guarantee import Account, Deposit, MakeDeposit
from services.tax.law.book import Law
from services.tax.law.force import law
from services.tax.law.jurisdiction import jurisdiction
from services.tax.law.schema import RuleSet
from services.tax.notes import YearNote, note_keys
from services.tax.quota import Quota, quota_key
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused, PermitIssued, ReturnCompleted
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.gate import Gate
from shared.kernel.goods import GoodsLine, ReturnedPart
from shared.kernel.ids import DeclarationId
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_declaration_submitted, a_goods_line

GUARANTOR = "AGENT00001"
RICH = Decimal("1000000.00")


def yuan(text: str) -> Decimal:
    """An amount."""
    return Decimal(text)


def a_line(price: str, goods_code: str = "9503008900", **overrides: Any) -> GoodsLine:
    """One piece of something; toys unless said otherwise."""
    amount = yuan(price)
    one = {"quantity": Decimal(1), "first_quantity": Decimal(1), "first_unit": "piece"}
    return a_goods_line(
        **{"goods_code": goods_code, "price": amount, "total_price": amount, **one, **overrides}
    )


def a_filing(
    *lines: GoodsLine, freight: str = "0.00", insurance: str = "0.00", number: int = 1, **overrides: Any
) -> DeclarationSubmitted:
    """A filing of these lines; `number` tells declarations apart."""
    numbered = tuple(_numbered(line, place) for place, line in enumerate(lines, start=1))
    return a_declaration_submitted(
        **{
            "declaration_id": a_declaration_id(number),
            "lines": numbered,
            "goods_value": sum((line.total_price for line in lines), Decimal("0.00")),
            "freight": yuan(freight),
            "insurance": yuan(insurance),
            **overrides,
        }
    )


def _numbered(line: GoodsLine, place: int) -> GoodsLine:
    return a_goods_line(**{name: getattr(line, name) for name in line.__slots__} | {"line_no": place})


def balances_for(
    filings: Sequence[DeclarationSubmitted],
    *,
    balance: Decimal = RICH,
    used: str = "0.00",
    reserved: str = "0.00",
) -> Balances:
    """What the filings touch: a full account and a fresh quota, unless said otherwise."""
    keys = {quota_key(filing.buyer, filing.filed_at) for filing in filings}
    quotas = [Quota(buyer=buyer, year=year, used=yuan(used), reserved=yuan(reserved)) for buyer, year in keys]
    return Balances(
        accounts={filing.guarantor: Account(party=filing.guarantor, balance=balance) for filing in filings},
        quotas={quota.key: quota for quota in quotas},
        notes={key: YearNote(key=key) for key in note_keys(filings, law().china)},
    )


def assessed(filing: DeclarationSubmitted, under: Law | None = None, **balances: Any) -> Assessment:
    """The filing, assessed alone."""
    return assess(filing, balances_for([filing], **balances), under or law(), NOW)


def taxes(made: Assessment) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Duty, consumption tax and value-added tax of every line."""
    lines = made.working.lines
    return [(line.customs_duty, line.consumption_tax, line.value_added_tax) for line in lines]


def a_permit(number: int = 1, version: int = 1) -> PermitIssued:
    """The permit of a declaration."""
    return PermitIssued(
        **about(number, version),
        permit_no=f"P{number}",
        filed_at=NOW,
        issued_at=NOW,
        valid_until=NOW,
        covers_sha256="0" * 64,
        key_id="key-1",
    )


def a_refusal(number: int = 1, version: int = 1) -> DeclarationRefused:
    """Clearance's refusal of a version."""
    return DeclarationRefused(**about(number, version), gate=Gate(agency="quarantine", status="REFUSED"))


def a_cancellation(number: int = 1, version: int = 1) -> DeclarationCancelled:
    """Clearance's end of a declaration."""
    return DeclarationCancelled(**about(number, version), request_id="r", reason="changed my mind")


def about(number: int, version: int) -> dict[str, Any]:
    """What every event has."""
    return {"declaration_id": a_declaration_id(number), "version": version, "parties": PARTIES}


def a_deposit(amount: str, reference: str = "BANK-1", party: str = GUARANTOR) -> MakeDeposit:
    """Money for an account."""
    return MakeDeposit(deposit=Deposit(party=party, reference=reference, amount=yuan(amount), made_by="test"))


def an_id(number: int) -> DeclarationId:
    """The id of a declaration."""
    return a_declaration_id(number)


def at(text: str) -> datetime:
    """A moment, with its offset."""
    return datetime.fromisoformat(text)


def with_rule_sets(changed: Callable[[RuleSet], RuleSet]) -> Law:
    """The law in force with China's rule sets changed."""
    old = law().china
    made = jurisdiction(
        {"code": old.code, "name": old.name, "currency": old.currency, "minor": str(old.minor)},
        list(old.countries.values()),
        (list(map(changed, old.rule_sets)), old.class_rates, old.editions),
        (old.tariff, old.listings),
    )
    return law().with_jurisdiction(made)


def with_readings(**readings: Any) -> Law:
    """The law in force under other readings."""
    return with_rule_sets(lambda rules: replace(rules, readings=replace(rules.readings, **readings)))


def back(*parts: tuple[int, str, str], number: int = 1, request: int = 71) -> ReturnCompleted:
    """Goods are back: line, quantity, declared quantity."""
    return ReturnCompleted(
        **about(number, 1),
        request_id=a_declaration_id(request),
        lines=tuple(
            ReturnedPart(line_no=line, quantity=Decimal(quantity), declared=Decimal(declared))
            for line, quantity, declared in parts
        ),
        arrived_at=NOW,
        site="PVG",
    )
