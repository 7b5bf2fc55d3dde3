"""The door: hostile bytes are refused with every fault and its place, and nothing unbounded gets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from services.declaration.door import bounded_body, keys_of, submission_of
from services.declaration.submission import Submission
from shared.kernel.refusal import Fault, Refusal
from tests.support.builders import a_goods_line, a_submission, read_submission

Plain = dict[str, Any]


def a_body(change: Callable[[Plain], object] = lambda _: None) -> bytes:
    plain = json.loads(msgspec.json.encode(a_submission()))
    change(plain)
    return json.dumps(plain, ensure_ascii=False).encode()


def refused(raw: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_submission(raw)
    return caught.value


def pointers(raw: bytes) -> set[str]:
    return {fault.pointer for fault in refused(raw).faults}


def test_a_good_body_becomes_the_submission() -> None:
    submission = a_submission([a_goods_line(line_no=number) for number in (1, 2, 3)])

    sent = msgspec.json.encode(submission)

    assert msgspec.json.encode(read_submission(sent)) == sent
    assert msgspec.json.encode(read_submission(msgspec.json.encode(submission, order="sorted"))) == sent


def test_decimals_are_exact_whether_number_or_text() -> None:
    raw = msgspec.json.Encoder(decimal_format="number").encode(a_submission())
    raw = raw.replace(b'"tax_total":10.19', b'"tax_total":100000000.10019')

    assert read_submission(raw).order.tax_total == Decimal("100000000.10019")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{} {}",
        b'"text"',
        b"[]",
        b"null",
        b'{"mode":"\xff"}',
        b'{"mode":"\xed\xa0\x80"}',
        b'{"mode":"\\ud800"}',
        b'{"mode":"\x01"}',
        b'{"mode":NaN}',
        b'{"mode":-Infinity}',
        b'{"mode":1e999999999}',
        b'{"mode":1e-999999999}',
        b'{"mode":0e999999999}',
        b'{"mode":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
)
def test_what_is_no_json_object_is_unreadable(raw: bytes) -> None:
    refusal = refused(raw)

    assert (refusal.status, refusal.code) == (400, "E-FMT-SCHEMA")
    assert refusal.fix


@pytest.mark.parametrize(
    "amount",
    [
        *("NaN", "Infinity", "-1", "1e9", "1e30", "0.000001", "12345678901234567890", "x", "", True),
        *("1_000", "1e2", " 5", "5 ", "+5", ".5", "5.", "٥", "５", "0x10", "5\n", "1,000"),
    ],
)
def test_an_amount_that_no_column_holds_or_readers_take_otherwise_is_a_fault(amount: str | bool) -> None:
    def change(plain: Plain) -> None:
        plain["order"]["tax_total"] = amount
        plain["list"]["lines"][0]["price"] = amount

    assert pointers(a_body(change)) == {"/order/tax_total", "/list/lines/0/price"}


def test_all_faults_are_told_at_once() -> None:
    def change(plain: Plain) -> None:
        del plain["order"]["order_no"]
        plain["payment"]["amount_paid"] = []
        plain["waybill"]["transport"]["mode"] = "rocket"
        plain["list"]["lines"][0]["unit"] = 7
        plain["list"]["lines"][0]["goods_kode"] = "1"

    refusal = refused(a_body(change))

    assert refusal.status == 422
    assert {fault.pointer for fault in refusal.faults} == {
        "/order/order_no",
        "/payment/amount_paid",
        "/waybill/transport/mode",
        "/list/lines/0/unit",
        "/list/lines/0/goods_kode",
    }
    assert all(fault.fix and fault.detail and fault.rule for fault in refusal.faults)


def test_an_unknown_field_is_told_its_nearest_neighbour() -> None:
    def change(plain: Plain) -> None:
        plain["list"]["lines"][0]["goods_kode"] = "1"

    (fault,) = refused(a_body(change)).faults

    assert "'goods_code'" in fault.fix


def test_a_repeated_key_is_a_fault_however_it_is_spaced() -> None:
    raw = msgspec.json.encode(a_submission())
    for again in (b'"mode":"9610",', b'"mode" :"9610",', b'"m\\u006fde":"9610",', b'"mode"\n\t:"9610",'):
        assert refused(raw.replace(b"{", b"{" + again, 1)).faults[0].rule == "keys_are_unique"


def test_a_repeated_key_is_a_fault_in_whichever_object_it_stands() -> None:
    raw = msgspec.json.encode(a_submission())
    places = [place for place in range(len(raw)) if raw[place : place + 1] == b"{"]

    for place in places:
        key = raw[place + 1 :].partition(b":")[0]
        twice = raw[: place + 1] + key + b":null," + raw[place + 1 :]
        assert [fault.rule for fault in refused(twice).faults if "twice" in fault.detail] == [
            "keys_are_unique"
        ]

    assert len(places) > 10
    assert keys_of(msgspec.json.decode(raw)) == raw.count(b'":')


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x7f", "\x85", "\u001f"])
def test_a_control_character_is_a_fault_at_its_place(text: str) -> None:
    raw = a_body(lambda plain: plain["order"].update(seller_name=text))
    escaped = json.dumps(json.loads(raw)).encode()

    assert pointers(raw) == pointers(escaped) == {"/order/seller_name"}


def test_too_many_lines_are_one_fault() -> None:
    def change(plain: Plain) -> None:
        plain["order"]["lines"] *= 10_000 // 25
        plain["list"]["lines"] = [1] * 2_000

    faults = refused(a_body(change)).faults

    assert [fault.pointer for fault in faults if fault.code == "E-FMT-BATCH"] == [
        "/order/lines",
        "/list/lines",
    ]
    assert len(faults) < 250


def test_a_body_full_of_faults_is_counted_no_further_and_no_rule_is_asked() -> None:
    def change(plain: Plain) -> None:
        plain["list"]["net_weight"] = "9"
        plain["list"]["certificates"] = [{}] * 5_000
        plain["order"]["lines"] = [{f"field{number}": 0 for number in range(100)}] * 99

    def judge(_: Submission) -> list[Fault]:
        raise AssertionError("asked")

    with pytest.raises(Refusal) as caught:
        submission_of(bounded_body(a_body(change)), judge)

    assert caught.value.detail == "the submission has 500 faults and more of shape"
    assert len(caught.value.faults) == 500


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    assert refused(b" " * (1024 * 1024 + 1)).status == 413


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/order/placed_at", "2025-06-01T00:00:00"),
        ("/order/placed_at", "yesterday"),
        ("/order/placed_at", 1748736000),
        ("/order/placed_at", "1748736000"),
        ("/order/placed_at", "2025-06-01 00:00:00Z"),
        ("/order/placed_at", "2025-06-01T00:00Z"),
        ("/payment/paid_at", "2025-13-01T00:00:00Z"),
        ("/payment/paid_at", "0001-01-01T00:00:00+08:00"),
        ("/payment/paid_at", "9999-12-31T23:59:59-08:00"),
        ("/order/order_no", "ORDER\u202e1"),
        ("/order/order_no", "<script>"),
        ("/order/order_no", "ORDER 1"),
        ("/order/payment_transaction_id", "付款1"),
        ("/waybill/waybill_no", "W\u00a01"),
        ("/waybill/transport/document_no", "999'12345675"),
        ("/order/seller_name", " "),
        ("/order/seller_name", "\u00a0\u3000"),
        ("/order/buyer/name", "\u200b\u2060\ufeff"),
        ("/order/lines/0/item_name", "\u3164"),
        ("/list/lines/0/goods_name", "\u2800"),
        ("/waybill/consignee/address", "a\u202eb"),
        ("/waybill/goods_description", "a\u2028b"),
        ("/waybill/goods_description", "a\uffffb"),
        ("/waybill/packages", "1"),
        ("/waybill/packages", True),
        ("/list/customs_code", "22A4"),
        ("/list/lines/0/goods_code", "69111019"),
        ("/list/lines/0/goods_code", "٠١٢٣٤٥٦٧٨٩"),
        ("/list/lines/0/specification", "x" * 511),
        ("/list/lines/0/first_quantity", "0"),
        ("/list/lines/0/second_quantity", "1"),
        ("/list/lines/0/origin_country", "GBR"),
        ("/waybill/transport/document_no", ""),
        ("/order/currency", "GBP"),
        ("/order/buyer/id_type", "2"),
        ("/order/lines", []),
    ],
)
def test_a_field_out_of_bounds_is_a_fault_at_its_place(path: str, value: object) -> None:
    def change(plain: Plain) -> None:
        *parents, name = path.strip("/").split("/")
        for part in parents:
            plain = plain[int(part)] if part.isdigit() else plain[part]  # type: ignore[index]
        plain[name] = value

    found = pointers(a_body(change))

    assert found == {path.replace("second_quantity", "second_unit")}
