"""What a permit covers, its signature, and the check that needs nobody."""

from __future__ import annotations

import base64
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from services.clearance.domain import Case, Permit, Revocation, validity
from services.clearance.permit import VALIDITY, content, declared, permit_number
from services.clearance.signing import Keyring, _make
from services.clearance.verification import NotGenuine, verify
from shared.runtime.failures import is_transient
from tests.services.clearance.words import ID, all_pass, tell
from tests.support.builders import NOW, a_declaration_submitted, a_goods_line
from tests.support.memory_clearance import MemoryCaseBook


async def a_released_case(key_id: str = "key-1") -> tuple[Case, Permit, bytes]:
    """A case with its permit, and the text that the permit covers."""
    book = MemoryCaseBook(key_id)
    await tell(book, all_pass())
    case = book.cases[ID]
    assert case.permit is not None
    return case, case.permit, content(case, case.permit, await book.declared(case))


async def test_the_hash_is_of_the_canonical_text() -> None:
    _, permit, covers = await a_released_case()

    assert permit.covers_sha256 == hashlib.sha256(covers).hexdigest()
    assert covers == msgspec.json.encode(msgspec.json.decode(covers), order="sorted")


async def test_the_text_says_what_was_declared_and_decided() -> None:
    _, _, covers = await a_released_case()

    read = msgspec.json.decode(covers)
    assert read["declared"]["lines"][0]["total_price"] == "90.00"
    assert read["permit"]["tax_total"] == "9.83"
    assert read["permit"]["gates"]["quarantine"]["status"] == "NOT_REQUIRED"
    assert read["permit"]["valid_until"] == "2025-06-16T09:00:00Z"


def test_the_text_names_no_person() -> None:
    filed = a_declaration_submitted()

    assert filed.buyer.encode() not in declared(filed)


def test_a_declared_text_keeps_every_digit_and_letter() -> None:
    line = replace(a_goods_line(), goods_name="茶杯", quantity=Decimal("1.2300"))

    text = declared(a_declaration_submitted(lines=(line,))).decode()

    assert '"goods_name":"茶杯"' in text
    assert '"quantity":"1.2300"' in text


def test_the_number_carries_the_year_of_china() -> None:
    new_year = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)

    assert permit_number(new_year, 42) == "SW20260001000000042"
    assert permit_number(new_year - timedelta(seconds=1), 42) == "SW20250001000000042"


async def test_a_permit_is_valid_expired_or_revoked() -> None:
    _, permit, _ = await a_released_case()
    taken_back = msgspec.structs.replace(
        permit, revocation=Revocation(revoked_at=NOW, officer="officer-5", reason="forged")
    )

    assert validity(permit, NOW + VALIDITY) == "valid"
    assert validity(permit, NOW + VALIDITY + timedelta(microseconds=1)) == "expired"
    assert validity(taken_back, NOW) == "revoked"


async def test_a_signed_permit_verifies_offline(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    _, permit, covers = await a_released_case(keyring.current())

    verified = verify(keyring.sign(permit.key_id, covers), keyring.published())

    assert verified.permit_no == permit.permit_no
    assert verified.covers_sha256 == permit.covers_sha256
    assert verified.content["permit"]["declaration_id"] == ID


async def test_a_changed_byte_anywhere_does_not_verify(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    _, permit, covers = await a_released_case(keyring.current())
    jws = keyring.sign(permit.key_id, covers)

    for part, whole in enumerate(jws.split(".")):
        parts = jws.split(".")
        raw = bytearray(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))
        raw[len(raw) // 2] ^= 1
        parts[part] = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        with pytest.raises(NotGenuine):
            verify(".".join(parts), keyring.published())


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é", "...", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_permit_does_not_verify(text: str) -> None:
    with pytest.raises(NotGenuine):
        verify(text, {"keys": []})


async def test_another_window_cannot_sign_for_us(tmp_path: Path) -> None:
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    _, _, covers = await a_released_case()

    with pytest.raises(NotGenuine, match="no published key"):
        verify(theirs.sign(theirs.current(), covers), ours.published())


def test_a_key_set_of_something_else_verifies_nothing(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)

    with pytest.raises(NotGenuine, match="no published key"):
        verify(keyring.sign(keyring.current(), b"{}"), {"keys": [5, "k", None, []]})


def test_a_signature_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    first, second = Keyring(tmp_path), Keyring(tmp_path)

    assert first.sign(first.current(), b"{}") == second.sign(second.current(), b"{}")


def test_replicas_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    rings = [Keyring(tmp_path) for _ in range(8)]

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(Keyring.current, rings))

    assert len(ids) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["permit-key-0001.pem"]
    assert next(tmp_path.iterdir()).stat().st_mode & 0o777 == 0o600


def test_what_a_killed_replica_left_behind_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / f"permit-key-0001.{os.getpid()}").touch()  # of the same process id, as in containers

    assert Keyring(tmp_path).current()


def test_a_new_key_signs_and_the_old_one_still_serves(tmp_path: Path) -> None:
    old = Keyring(tmp_path / "old")
    signed = old.sign(old.current(), b'{"permit":{"permit_no":"SW1"}}')
    Keyring(tmp_path / "new").current()
    (tmp_path / "new/permit-key-0001.pem").rename(tmp_path / "old/permit-key-0002.pem")

    both = Keyring(tmp_path / "old")

    assert both.current() != old.current()
    assert verify(signed, both.published()).permit_no == "SW1"


async def test_a_key_that_another_replica_issues_under_is_known_here_without_a_start(tmp_path: Path) -> None:
    here = Keyring(tmp_path)
    first = here.current()
    _make(tmp_path / "permit-key-0002.pem")
    there = Keyring(tmp_path)

    _, permit, covers = await a_released_case(there.current())

    assert here.current() == first != there.current()
    assert verify(here.sign(permit.key_id, covers), here.published()) == verify(
        there.sign(permit.key_id, covers), there.published()
    )
    assert here.published() == there.published()


def test_a_key_that_is_still_being_put_there_takes_nothing_away(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    before = keyring.published()

    (tmp_path / "permit-key-0002.pem").write_text("half a k")

    assert keyring.published() == before
    assert keyring.current() == before["keys"][0]["kid"]


def test_a_key_that_is_half_there_at_the_start_leaves_permits_to_the_one_before(tmp_path: Path) -> None:
    before = Keyring(tmp_path).current()
    (tmp_path / "permit-key-0002.pem").write_text("half a k")

    assert Keyring(tmp_path).current() == before


def test_while_no_key_can_be_read_permits_wait_and_are_not_parked(tmp_path: Path) -> None:
    Keyring(tmp_path / "whole").current()
    whole = (tmp_path / "whole" / "permit-key-0001.pem").read_text()
    copied = tmp_path / "permit-key-0001.pem"
    copied.write_text(whole[:40])
    keyring = Keyring(tmp_path)

    with pytest.raises(OSError, match="none of the permit keys") as caught:
        keyring.open(is_first=False)

    assert is_transient(caught.value)
    copied.write_text(whole)
    keyring.open(is_first=False)
    assert keyring.current() == Keyring(tmp_path / "whole").current()


def test_no_key_is_made_beside_permits_that_another_signed(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path, waits=True)

    with pytest.raises(OSError, match="not opened yet"):
        keyring.current()  # a permit that is due before the start is over
    with pytest.raises(OSError, match="missing beside permits") as caught:
        keyring.open(is_first=False)
    assert is_transient(caught.value)
    assert list(tmp_path.iterdir()) == []

    keyring.open(is_first=True)
    assert keyring.current()
