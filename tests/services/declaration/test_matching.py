"""The three-way match: whatever differs is told with the values of each document."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.declaration.domain import Surroundings, faults_of
from services.declaration.matching import RULES
from tests.support.builders import NOW, a_goods_line, a_submission

AROUND = Surroundings(now=NOW)


@pytest.mark.parametrize(
    ("overrides", "pointer"),
    [
        ({"payment__order_no": "OTHER"}, "/payment/order_no"),
        ({"payment__platform_code": "PLATFORM02"}, "/payment/platform_code"),
        ({"payment__payment_firm_code": "PAYMENT002"}, "/payment/payment_firm_code"),
        ({"payment__payment_transaction_id": "T-9"}, "/payment/payment_transaction_id"),
        ({"payment__payer__name": "李小可"}, "/payment/payer/name"),
        ({"payment__amount_paid": Decimal("118.20")}, "/payment/amount_paid"),
        ({"waybill__consignee__address": "北京市海淀区"}, "/waybill/consignee/address"),
        ({"waybill__consignee__telephone": "1"}, "/waybill/consignee/telephone"),
        ({"list__insurance": Decimal(3)}, "/list/freight"),
        ({"waybill__freight": Decimal(17)}, "/list/freight"),
        ({"list__gross_weight": Decimal("1.3")}, "/list/gross_weight"),
    ],
)
def test_a_difference_is_told_at_its_place(overrides: dict[str, Any], pointer: str) -> None:
    (fault,) = faults_of(RULES, a_submission(**overrides), AROUND)

    assert (fault.code, fault.pointer) == ("E-MATCH-DIFF", pointer)


def test_documents_that_agree_in_value_match_whatever_their_digits() -> None:
    submission = a_submission(
        payment__amount_paid=Decimal("118.19000"),
        list__freight=Decimal(16),
        list__gross_weight=Decimal("1.20"),
    )

    assert faults_of(RULES, submission, AROUND) == []


def test_both_values_are_shown_and_identity_numbers_only_by_their_end() -> None:
    amount = faults_of(RULES, a_submission(payment__amount_paid=Decimal(1)), AROUND)[0]
    number = faults_of(RULES, a_submission(payment__payer__id_number="310101199003077210"), AROUND)[0]

    assert amount.detail == "the documents differ: order 118.19, payment 1"
    assert "7210" in number.detail
    assert "310101199003077210" not in number.detail


@pytest.mark.parametrize("field", ["quantity", "price", "total_price", "item_no", "origin_country", "unit"])
def test_lines_agree_one_to_one(field: str) -> None:
    submission = a_submission([a_goods_line(line_no=1), a_goods_line(line_no=2)])
    values: dict[str, Any] = {"item_no": "X", "origin_country": "FR", "unit": "kg"}
    changed = replace(submission.list.lines[1], **{field: values.get(field, Decimal(7))})
    submission = replace(submission, list=replace(submission.list, lines=(submission.list.lines[0], changed)))

    (fault,) = faults_of(RULES, submission, AROUND)

    assert fault.pointer == f"/list/lines/1/{field}"


def test_a_line_that_is_missing_is_told_as_a_count() -> None:
    submission = a_submission([a_goods_line(line_no=1), a_goods_line(line_no=2)])
    submission = replace(submission, list=replace(submission.list, lines=submission.list.lines[:1]))

    (fault,) = faults_of(RULES, submission, AROUND)

    assert fault.detail == "the documents differ: order 2 lines, list 1 lines"


def test_lines_in_another_order_are_matched_by_their_numbers() -> None:
    good = a_submission([a_goods_line(), a_goods_line(line_no=2, item_no="OTHER")])
    turned = replace(good, list=replace(good.list, lines=good.list.lines[::-1]))

    assert faults_of(RULES, turned, AROUND) == []


def test_a_letter_and_its_accent_are_one_letter() -> None:
    composed, decomposed = "Ren\u00e9 L", "Rene\u0301 L"

    assert (
        faults_of(RULES, a_submission(order__buyer__name=composed, payment__payer__name=decomposed), AROUND)
        == []
    )
