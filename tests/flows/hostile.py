"""Hostile: bodies that no door may stumble over."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.parties import read_sandbox
from services.tax.books.callbacks import sign
from tests.flows.parcels import a_parcel, body_of, plain
from tests.flows.window import AGENT

DEEP = 100_000


def spoiled(old: str, new: str) -> bytes:
    """A good submission with one text replaced."""
    text = body_of(a_parcel()).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def changed(path: str, value: Any) -> bytes:
    """A good submission with one value replaced."""
    document = plain(a_parcel())
    *way, last = path.split(".")
    inner = document
    for name in way:
        inner = inner[int(name)] if name.isdigit() else inner[name]
    inner[last] = value
    return json.dumps(document).encode()


def many_lines() -> bytes:
    document = plain(a_parcel())
    line = document["list"]["lines"][0]
    document["list"]["lines"] = [line | {"line_no": number} for number in range(1, 10_001)]
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Bad:
    """What is sent, and what must come back."""

    name: str
    body: bytes
    status: int
    code: str
    headers: dict[str, str] = field(default_factory=dict)
    pointer: str = ""

    def __str__(self) -> str:
        return self.name


FILINGS = [
    Bad("an empty body", b"", 400, "E-FMT-SCHEMA"),
    Bad("half a document", body_of(a_parcel())[:500], 400, "E-FMT-SCHEMA"),
    Bad("two documents", body_of(a_parcel()) * 2, 400, "E-FMT-SCHEMA"),
    Bad("a list", b"[]", 400, "E-FMT-SCHEMA"),
    Bad("a text", b'"hello"', 400, "E-FMT-SCHEMA"),
    Bad("null", b"null", 400, "E-FMT-SCHEMA"),
    Bad("nothing in it", b"{}", 422, "E-FMT-SCHEMA", pointer="/order"),
    Bad("a number for an object", changed("order", 7), 422, "E-FMT-SCHEMA", pointer="/order"),
    Bad("a text for a list", changed("list.lines", "x"), 422, "E-FMT-SCHEMA", pointer="/list/lines"),
    Bad(
        "an object for a text", changed("order.order_no", {}), 422, "E-FMT-SCHEMA", pointer="/order/order_no"
    ),
    Bad("an unknown mode", changed("mode", "0110"), 422, "E-FMT-SCHEMA", pointer="/mode"),
    Bad("no date", changed("order.placed_at", "soon"), 422, "E-FMT-SCHEMA", pointer="/order/placed_at"),
    Bad("year 99999", changed("order.placed_at", "99999-01-01T00:00:00Z"), 422, "E-FMT-SCHEMA"),
    Bad("NaN", spoiled('"net_weight":"0.8"', '"net_weight":NaN'), 400, "E-FMT-SCHEMA"),
    Bad("Infinity", spoiled('"net_weight":"0.8"', '"net_weight":Infinity'), 400, "E-FMT-SCHEMA"),
    Bad("NaN as text", changed("list.net_weight", "NaN"), 422, "E-FMT-SCHEMA", pointer="/list/net_weight"),
    Bad("1e400", spoiled('"net_weight":"0.8"', '"net_weight":1e400'), 400, "E-FMT-SCHEMA"),
    Bad("1e999999999", spoiled('"net_weight":"0.8"', '"net_weight":1e999999999'), 400, "E-FMT-SCHEMA"),
    Bad(
        "1e400 as text", changed("list.net_weight", "1e400"), 422, "E-FMT-SCHEMA", pointer="/list/net_weight"
    ),
    Bad("400 digits", spoiled('"net_weight":"0.8"', f'"net_weight":{"9" * 400}'), 422, "E-FMT-SCHEMA"),
    Bad("400 digits as text", changed("list.net_weight", "9" * 400), 422, "E-FMT-SCHEMA"),
    Bad("400 places", changed("list.net_weight", "0." + "1" * 400), 422, "E-FMT-SCHEMA"),
    Bad("a huge whole number", spoiled('"line_no":1', f'"line_no":{"9" * 400}'), 422, "E-FMT-SCHEMA"),
    Bad(
        "a negative amount", changed("order.freight", "-1.00"), 422, "E-FMT-SCHEMA", pointer="/order/freight"
    ),
    Bad("a lone surrogate", spoiled("Porcelain mug", "\\ud800"), 400, "E-FMT-SCHEMA"),
    Bad("invalid UTF-8", body_of(a_parcel()).replace(b"Porcelain", b"\xff\xfe\xfd", 1), 400, "E-FMT-SCHEMA"),
    Bad("UTF-16", body_of(a_parcel()).decode().encode("utf-16"), 400, "E-FMT-SCHEMA"),
    Bad("U+0000", spoiled("Porcelain mug", "a\\u0000b"), 422, "E-FMT-SCHEMA"),
    Bad("a raw NUL", spoiled("Porcelain mug", "a\x00b"), 400, "E-FMT-SCHEMA"),
    Bad("10,000 lines", many_lines(), 413, "E-TOO-LARGE"),
    Bad("100,000 lists deep", b"[" * DEEP + b"]" * DEEP, 400, "E-FMT-SCHEMA"),
    Bad("100,000 objects deep", b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400, "E-FMT-SCHEMA"),
    Bad("a key twice", spoiled('"mode":"9610"', '"mode":"9610","mode":"1210"'), 422, "E-FMT-SCHEMA"),
    Bad(
        "an unknown field",
        spoiled('"mode":', '"colour":"red","mode":'),
        422,
        "E-FMT-SCHEMA",
        pointer="/colour",
    ),
    Bad("XML", b"<?xml version='1.0'?><a/>", 400, "E-FMT-SCHEMA", {"Content-Type": "application/xml"}),
    Bad("a form", b"a=1&b=2", 400, "E-FMT-SCHEMA", {"Content-Type": "application/x-www-form-urlencoded"}),
    Bad("gzip", gzip.compress(body_of(a_parcel())), 415, "E-FMT-ENCODING", {"Content-Encoding": "gzip"}),
    Bad("a huge key", body_of(a_parcel()), 422, "E-FMT-SCHEMA", {"Idempotency-Key": "k" * 200}),
    Bad("huge headers", body_of(a_parcel()), 431, "E-GATEWAY-HEADERS", {"X-Large": "x" * 40_000}),
    Bad(
        "heavier inside than out",
        changed("list.net_weight", "99"),
        422,
        "E-VALUE",
        pointer="/list/net_weight",
    ),
]

WORDS: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("half a document", b'{"reason":'),
    ("NaN", b'{"based_on_version":NaN,"version":NaN,"amount":NaN,"lease_no":NaN,"reason":"abc"}'),
    ("Infinity", b'{"based_on_version":Infinity,"version":1,"amount":Infinity,"lease_no":1,"reason":"abc"}'),
    ("1e400", b'{"based_on_version":1e400,"version":1e400,"amount":1e400,"lease_no":1e400,"reason":"abc"}'),
    (
        "400 digits",
        b'{"based_on_version":9%b,"version":1,"amount":9%b,"lease_no":9}' % (b"9" * 400, b"9" * 400),
    ),
    ("5,000 digits", b'{"based_on_version":%b}' % (b"9" * 5000)),
    (
        "a lone surrogate",
        b'{"based_on_version":1,"version":1,"lease_no":1,"verdict":"pass","reason":"abc\\ud800"}',
    ),
    ("a surrogate as key", b'{"\\ud800":1}'),
    ("U+0000", b'{"based_on_version":1,"version":1,"lease_no":1,"verdict":"pass","reason":"abc\\u0000"}'),
    ("invalid UTF-8", b'{"reason":"\xff\xfe"}'),
    ("100,000 deep", b"[" * DEEP + b"]" * DEEP),
    ("100,000 objects deep", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("a list", b"[1,2,3]"),
    ("an unknown field", b'{"based_on_version":1,"reason":"abc","colour":"red"}'),
    ("too large", b'"' + b"x" * 2_000_000 + b'"'),
]
FILLED = {
    "party": "AGENT00001",
    "code": "AGENT00001",
    "bill_no": "B202501-AGENT00001-AGENT00001-1",
    "permit_no": "SW20260001000000001",
    "provider": "PAYMENT001",
    "source": "declaration",
    "seq": "1",
}
"""What stands in the path of a door, where it is no declaration's id."""
FILING = ("/v1/declarations", "/v1/declarations/batch")
"""Doors with tests of their own."""


class Door(NamedTuple):
    """A door that takes a body, and a client who may come to it; nobody, where anybody may."""

    method: str
    path: str
    who: str

    def signed(self, body: bytes) -> dict[str, str]:
        """What shows that a payment firm has said this just now; any other door asks for no such thing."""
        if "/callbacks/" not in self.path:
            return {}
        now = str(int(time.time()))
        return {"Callback-Timestamp": now, "Callback-Signature": sign(b"sandbox-payment001", now, body)}


def doors(described: dict[str, Any]) -> Iterator[Door]:
    """Those that take a body, as the window describes itself."""
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if "requestBody" in told and path not in FILING:
                yield Door(method.upper(), filled(path), who_may(told.get("security", [])))


def filled(path: str) -> str:
    """The path of a door as it is called; `{id}` is left to stand for a declaration."""
    return re.sub(r"{(\w+)}", lambda name: FILLED.get(name[1], "{id}"), path)


def who_may(security: Sequence[dict[str, list[str]]]) -> str:
    """A client of the sandbox that has the scope of a door: who files, if he has it, else an officer."""
    clients = sorted(
        read_sandbox().clients, key=lambda one: (one.client_id != AGENT, "officer" not in one.client_id)
    )
    for client in clients if security else ():
        if set(security[0]["oauth2"]) <= set(client.scopes):
            return client.client_id
    return ""


def hostile(described: dict[str, Any]) -> Iterator[tuple[Door, str, bytes]]:
    """Every door with every body."""
    for door in doors(described):
        for name, body in WORDS:
            yield door, name, body
