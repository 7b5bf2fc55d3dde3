"""Identifiers: texts that cannot be mixed.

Declarations carry UUIDv7 (RFC 9562): the first 48 bits are Unix milliseconds, so that rows filed together
lie together and old ones leave by partition. Clock and randomness come in as arguments.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NewType

DeclarationId = NewType("DeclarationId", str)
"""UUIDv7 as 36 lower-case characters: the key of every event about a declaration."""

PartyCode = NewType("PartyCode", str)
"""Customs registration code of a party, 10 characters as in the CEB messages (ebpCode, ebcCode, agentCode ...)."""

BuyerToken = NewType("BuyerToken", str)
"""Keyed token of a buyer (HMAC of id type and number): the raw number stays in no event."""

EVERY_VERSION = 2**31 - 1
"""A cancellation covers every later version of a declaration."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PARTY_NAMESPACE = uuid.UUID("6f6e652d-7769-5e64-8f77-2d7061727479")
_REQUEST_NAMESPACE = uuid.UUID("6f6e652d-7769-5e64-8f77-2d7265717565")


def uuid7(unix_ms: int, entropy: bytes) -> DeclarationId:
    """The UUIDv7 of a moment (Unix milliseconds) and ten random bytes."""
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(entropy[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return DeclarationId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def uuid7_at(moment: datetime, entropy: bytes) -> DeclarationId:
    """The UUIDv7 of a moment, cut to the millisecond, and ten random bytes."""
    return uuid7(int(moment.timestamp() * 1000), entropy)


def moment_of(declaration_id: str) -> datetime:
    """The moment of a UUIDv7, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=int(declaration_id[:8] + declaration_id[9:13], 16))


def milliseconds_from(moment: datetime) -> int:
    """The first whole Unix millisecond that is not before a moment."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its canonical form of 36 characters."""
    return _UUID.fullmatch(text) is not None


def request_id_of(key: str) -> str:
    """The id of the request that an Idempotency-Key stands for: the same key, the same request."""
    return str(uuid.uuid5(_REQUEST_NAMESPACE, key))


def party_subject(code: str) -> str:
    """The stable UUID under which registry speaks of a party, a client or a key."""
    return str(uuid.uuid5(_PARTY_NAMESPACE, code))


def bill_subject(bill_no: str) -> str:
    """The stable UUID under which tax speaks of a bill: a UUIDv7 of the month that its number begins with."""
    first = datetime(int(bill_no[1:5]), int(bill_no[5:7]), 1, tzinfo=UTC)
    return uuid7_at(first, sha256(bill_no.encode()).digest())
