"""Bodies: read once, exactly, and never in two ways."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import pytest

from shared.kernel.refusal import Refusal
from shared.kernel.written import find_unseen
from shared.runtime.body import read_body, read_plain


def test_a_number_is_as_it_was_written() -> None:
    assert read_plain(b'{"a":0.10000000000000000001}') == {"a": Decimal("0.10000000000000000001")}


def test_a_byte_order_mark_means_nothing() -> None:
    assert read_body(b'\xef\xbb\xbf{"a":1}') == read_body(b'{"a":1}')
    with pytest.raises(Refusal):
        read_body(b'{"a":\xef\xbb\xbf1}')


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (b'{"a":1,"a":1}', ["/a"]),
        (b'[{"b":{"a":1, "a" :2}}]', ["/0/b/a"]),
        (b'{"a":1,"\\u0061":2}', ["/a"]),
        (b'{"a"\n:1,"a":2,"a":3,"c/d":1,"c/d":{"e":1,"e":2}}', ["/a", "/c~1d", "/c~1d/e"]),
    ],
)
def test_a_key_that_occurs_twice_is_refused_at_its_place_at_any_depth(raw: bytes, places: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        read_plain(raw)

    assert caught.value.status == 422
    assert {fault.rule for fault in caught.value.faults} == {"keys_are_unique"}
    assert [fault.pointer for fault in caught.value.faults] == places


LEVELS = 700 if sys.version_info < (3, 12) else 2000
DEEP = b'{"a":' + b"[" * LEVELS + b'"\\u0041"' + b"]" * LEVELS + b"}"
"""As deep as the reader of bodies goes, and deeper than what looks for hidden characters."""


@pytest.mark.parametrize(
    "raw", [b"1e999999999", b'{"a":1e-999999999}', b"9" * 5000, b"[" * 100_000, b"\xff", DEEP]
)
def test_what_cannot_be_read_is_told_as_such(raw: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read_plain(raw)

    assert (caught.value.status, caught.value.code) == (400, "E-FMT-SCHEMA")


@pytest.mark.parametrize("raw", [b"[" + b"{}," * 20_001 + b"{}]", b'{"a":' + b"," * 20_001])
def test_a_body_of_more_values_than_anybody_needs_is_refused_unread(raw: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read_body(raw)

    assert (caught.value.status, caught.value.code) == (413, "E-TOO-LARGE")


ONE, MANY = b'{%b"a":1}' % (b'"a":1,"b":2,"b":3,' * 3000), b"[" + b'{"a":1,"a":2},' * 9000 + b"1]"
HIDDEN = b"[" + b'"\\u0007",' * 9000 + b"1]"


@pytest.mark.parametrize("raw", [ONE, MANY, HIDDEN], ids=["one object", "many objects", "characters"])
def test_faults_are_told_apart_up_to_a_number(raw: bytes) -> None:
    assert 0 < len(read_body(raw).faults()) <= 500


def test_every_character_that_is_not_to_be_seen_is_found_raw_and_escaped() -> None:
    wrong = []

    for point in (*range(0x7F, 0xD800), *range(0xE000, 0x11000), 0xE0041, sys.maxunicode):
        text = chr(point)
        wanted = bool(find_unseen(text))
        raw, escaped = json.dumps(text, ensure_ascii=False).encode(), json.dumps(text).encode()
        found = bool(read_body(raw).faults()), bool(read_body(escaped).faults())
        wrong += [] if found == (wanted, wanted) else [hex(point)]

    assert wrong == []
