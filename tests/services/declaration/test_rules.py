"""Rules of one filing: each says no to what it is there for, at the right place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.declaration.domain import Party, Surroundings, faults_of
from services.declaration.filing import RULES, Filer, examine, parties_of
from services.declaration.standing import DECLARANTS
from services.declaration.submission import Bonded, Submission
from shared.kernel.goods import Certificate
from shared.kernel.refusal import Fault, Refusal
from tests.support.builders import NOW, a_goods_line, a_submission

PARTIES = {
    code: Party(code=code, roles=frozenset([role]))
    for code, role in (
        ("PLATFORM01", "platform"),
        ("SELLER0001", "seller"),
        ("PAYMENT001", "payment_firm"),
        ("CARRIER001", "carrier"),
        ("AGENT00001", "agent"),
    )
}
AROUND = Surroundings(now=NOW, parties=PARTIES)


def faults(submission: Submission, around: Surroundings = AROUND) -> list[Fault]:
    return faults_of(RULES, submission, around)


def found(**overrides: Any) -> set[tuple[str, str]]:
    return {(fault.rule, fault.pointer) for fault in faults(a_submission(**overrides))}


def test_a_good_submission_has_no_fault() -> None:
    assert faults(a_submission()) == []
    assert faults(a_submission([a_goods_line(line_no=number) for number in range(1, 100)])) == []


def test_every_rule_cites_its_source() -> None:
    assert [rule.__name__ for rule in RULES if "Source:" not in (rule.__doc__ or "")] == []


def test_every_fault_says_code_rule_detail_fix_and_source() -> None:
    submission = a_submission(list__net_weight=Decimal(9), order__actual_paid=Decimal(1))

    for fault in faults(submission):
        assert all((fault.code, fault.rule, fault.detail, fault.fix, fault.source)), fault


def test_all_rules_are_asked_not_only_the_first() -> None:
    submission = a_submission(
        list__net_weight=Decimal(9), order__buyer__id_number="110105194912310021", waybill__packages=2
    )

    assert {fault.rule for fault in faults(submission)} >= {
        "net_weight_is_within_gross",
        "the_buyer_has_a_valid_identity_number",
        "a_parcel_is_one_package",
        "the_payer_is_the_buyer",
    }


def test_line_numbers_have_no_gap() -> None:
    lines = [a_goods_line(line_no=1), a_goods_line(line_no=3)]

    assert {fault.pointer for fault in faults(a_submission(lines))} == {"/order/lines", "/list/lines"}


@pytest.mark.parametrize(
    ("quantity", "price", "total", "is_right"),
    [
        ("3", "0.335", "1.01", True),
        ("3", "0.335", "1.00", False),
        ("0.333", "3.00", "1.00", True),
        ("1", "0.005", "0.01", True),
        ("1", "0.005", "0.00", False),
        ("1", "0", "0", True),
        ("3", "0.335", "1.010", True),
        ("3", "0.335", "1.005", False),
        ("1", "0.07", "0.0676", False),
        ("1", "0.33333", "0.33333", False),
        ("3", "1666.668", "5000.004", False),
        ("999999999.99999", "999999999.99999", "1", False),
    ],
)
def test_a_line_total_is_rounded_half_up_to_the_cent(
    quantity: str, price: str, total: str, is_right: bool
) -> None:
    line = a_goods_line(quantity=Decimal(quantity), price=Decimal(price), total_price=Decimal(total))

    rules = {fault.rule for fault in faults(a_submission([line]))}

    assert ("line_totals_add_up" not in rules) is is_right


def test_goods_value_and_paid_follow_from_the_lines() -> None:
    assert ("goods_value_is_the_sum_of_the_lines", "/order/goods_value") in found(
        order__goods_value=Decimal(91)
    )
    assert ("paid_is_what_is_due", "/order/actual_paid") in found(order__discount=Decimal("0.01"))


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",
        "11010519491231002x",
        "1101051949123100",
        "11010519491331002X",
        "110105204912310024",
        "１１０１０５１９４９１２３１００２X",
    ],
)
def test_a_false_identity_number_is_refused(number: str) -> None:
    rules = {rule for rule, _ in found(order__buyer__id_number=number, payment__payer__id_number=number)}

    assert rules == {"the_buyer_has_a_valid_identity_number"}


@pytest.mark.parametrize(
    ("age", "is_right"),
    [
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-11), False),
        (timedelta(days=400), True),
        (timedelta(days=401), False),
    ],
)
def test_orders_are_neither_of_the_future_nor_stale(age: timedelta, is_right: bool) -> None:
    moments = {"order__placed_at": NOW - age, "payment__paid_at": NOW - age}

    assert (found(**moments) == set()) is is_right


def test_bonded_goods_need_their_book_and_records() -> None:
    assert found(mode="1210") == {
        ("bonded_goods_name_their_book", "/list/bonded"),
        ("bonded_goods_name_their_book", "/list/lines/0/item_record_no"),
    }
    bonded = Bonded(book_no="T2244W000001", area_code="2244430001", warehouse_code="W1")
    line = a_goods_line(item_record_no="88")
    assert faults(a_submission([line], mode="1210", list__bonded=bonded)) == []
    assert found(list__bonded=bonded) == {("bonded_goods_name_their_book", "/list/bonded")}


@pytest.mark.parametrize(
    ("changes", "rule", "code"),
    [
        ({"origin_country": "UK"}, "countries_exist", "E-VALUE"),
        ({"goods_code": "7700000000"}, "goods_codes_are_in_the_nomenclature", "E-VALUE"),
        ({"goods_code": "3926991000"}, "goods_codes_are_in_the_nomenclature", "E-VALUE"),
        ({"goods_code": "0000000000"}, "goods_codes_are_in_the_nomenclature", "E-VALUE"),
        ({"goods_code": "9302000000"}, "goods_may_be_retailed", "E-LIST-NOT"),
        ({"goods_code": "3604100000"}, "goods_may_be_retailed", "E-LIST-NOT"),
    ],
)
def test_codes_are_known_and_goods_allowed(changes: dict[str, str], rule: str, code: str) -> None:
    (fault,) = faults(a_submission([a_goods_line(**changes)]))

    assert (fault.rule, fault.code) == (rule, code)


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"kind": "health"}, "certificates_are_of_a_known_kind", "kind"),
        ({"kind": "FOO"}, "certificates_are_of_a_known_kind", "kind"),
        ({"issued_by": "ZZ"}, "countries_exist", "issued_by"),
    ],
)
def test_a_certificate_is_one_that_a_rule_may_ask_for(changes: dict[str, str], rule: str, field: str) -> None:
    paper = Certificate(kind="HEALTH", number="H-1", issued_by="GB", valid_until=NOW.date())

    assert found(list__certificates=(replace(paper, **changes),)) == {  # type: ignore[arg-type]
        (rule, f"/list/certificates/0/{field}")
    }


def test_a_wrong_goods_value_does_not_make_what_was_paid_wrong() -> None:
    assert found(order__goods_value=Decimal(107)) == {
        ("goods_value_is_the_sum_of_the_lines", "/order/goods_value")
    }


def test_a_certificate_names_lines_that_are_there() -> None:
    paper = Certificate(kind="HEALTH", number="H-1", issued_by="GB", valid_until=NOW.date(), line_nos=(2,))

    assert found(list__certificates=(paper,)) == {
        ("certificates_point_at_lines", "/list/certificates/0/line_nos")
    }


@pytest.mark.parametrize(
    ("code", "pointer"),
    [
        ("PLATFORM01", "/order/platform_code"),
        ("SELLER0001", "/order/seller_code"),
        ("PAYMENT001", "/order/payment_firm_code"),
        ("CARRIER001", "/waybill/carrier_code"),
        ("AGENT00001", "/list/declarant_code"),
    ],
)
def test_every_part_is_taken_by_a_party_registered_for_it(code: str, pointer: str) -> None:
    absent = {other: party for other, party in PARTIES.items() if other != code}
    passive = {**PARTIES, code: replace(PARTIES[code], active=False)}
    other_role = {**PARTIES, code: replace(PARTIES[code], roles=frozenset(["officer"]))}

    for parties in (absent, passive, other_role):
        (fault,) = faults(a_submission(), Surroundings(now=NOW, parties=parties))
        assert (fault.code, fault.pointer) == ("E-SEC-PARTY", pointer)


@pytest.mark.parametrize("role", DECLARANTS)
def test_a_party_may_declare_for_itself(role: str) -> None:
    parties = {**PARTIES, "AGENT00001": Party(code="AGENT00001", roles=frozenset([role]))}

    assert faults(a_submission(), Surroundings(now=NOW, parties=parties)) == []


def test_the_guarantor_takes_part_in_the_trade() -> None:
    assert found(list__guarantor_code="PAYMENT001") == {("the_guarantor_takes_part", "/list/guarantor_code")}
    assert found(list__guarantor_code="SELLER0001") == set()


@pytest.mark.parametrize("party", ["AGENT00001", "SELLER0001", "PLATFORM01"])
def test_declarant_seller_and_platform_may_file(party: str) -> None:
    examine(a_submission(), Filer(party=party, client_id="c"), AROUND)


def test_nobody_else_may_file() -> None:
    with pytest.raises(Refusal) as caught:
        examine(a_submission(), Filer(party="CARRIER001", client_id="c"), AROUND)

    assert (caught.value.status, caught.value.code) == (403, "E-SEC-PARTY")


def test_the_parties_are_all_who_take_part() -> None:
    assert parties_of(a_submission()) == tuple(sorted(PARTIES))
