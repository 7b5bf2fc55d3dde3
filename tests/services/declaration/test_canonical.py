"""Canonical form: the same content has the same hash, other content another."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from services.declaration.canonical import buyer_token, content_hash, filed_document
from services.declaration.identity import age, check_character
from services.declaration.submission import Bonded, Submission
from shared.kernel.goods import Certificate
from tests.support.builders import NOW, a_goods_line, a_submission

KEY = b"k" * 32


def hashed(submission: Submission) -> str:
    return content_hash(submission, buyer_token(KEY, submission.order.buyer))


@pytest.mark.parametrize(
    "overrides",
    [
        {"order__freight": Decimal(18)},
        {"order__freight": Decimal("18.00000")},
        {"order__freight": Decimal("1.8E+1")},
        {"order__placed_at": (NOW - timedelta(days=3)).astimezone(timezone(timedelta(hours=8)))},
    ],
)
def test_the_same_content_has_the_same_hash(overrides: dict[str, Any]) -> None:
    assert hashed(a_submission(**overrides)) == hashed(a_submission())


def test_nought_has_no_sign() -> None:
    assert hashed(a_submission(order__discount=Decimal("-0.0"))) == hashed(
        a_submission(order__discount=Decimal(0))
    )


def test_composed_and_decomposed_letters_are_the_same() -> None:
    names = [unicodedata.normalize(form, "Café Zoë") for form in ("NFC", "NFD")]

    assert len({hashed(a_submission(order__seller_name=name)) for name in names}) == 1


@pytest.mark.parametrize(
    "overrides",
    [
        {"arrival": "on_site"},
        {"order__freight": Decimal("18.00001")},
        {"order__buyer__id_number": "310101199003077210"},
        {"order__consignee__address": "somewhere else"},
        {"payment__paid_at": NOW},
        {"waybill__transport__voyage_no": "GG102"},
        {"list__licence_no": "L-1"},
        {"list__bonded": Bonded(book_no="1", area_code="2", warehouse_code="3")},
        {
            "list__certificates": (
                Certificate(kind="HEALTH", number="1", issued_by="GB", valid_until=NOW.date()),
            )
        },
    ],
)
def test_other_content_has_another_hash(overrides: dict[str, Any]) -> None:
    assert hashed(a_submission(**overrides)) != hashed(a_submission())


def test_every_field_of_a_line_counts() -> None:
    changes: list[dict[str, Any]] = [
        {"goods_code": "6911101901"},
        {"goods_name": "Mug"},
        {"specification": ""},
        {"quantity": Decimal(3)},
        {"first_quantity": Decimal(1)},
        {"second_quantity": Decimal(1), "second_unit": "kg"},
        {"price": Decimal(1)},
        {"item_record_no": "1"},
    ]

    hashes = {hashed(a_submission([a_goods_line(**change)])) for change in [{}, *changes]}

    assert len(hashes) == len(changes) + 1


def test_the_token_depends_on_key_type_and_number_alone() -> None:
    buyer = a_submission().order.buyer

    assert buyer_token(KEY, buyer) == buyer_token(KEY, replace(buyer, name="another"))
    assert buyer_token(KEY, buyer) != buyer_token(b"x" * 32, buyer)


def test_the_kept_document_has_tokens_where_numbers_were() -> None:
    submission = a_submission()
    token = buyer_token(KEY, submission.order.buyer)

    kept = filed_document(submission, token)

    assert submission.order.buyer.id_number.encode() not in kept
    assert kept.count(token.encode()) == 2


def test_check_characters_follow_the_standard() -> None:
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"
    assert age("11010519491231002X", NOW.date()) == 75
