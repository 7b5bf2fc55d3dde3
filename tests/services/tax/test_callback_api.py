"""Callbacks of payment providers: signed, fresh, once an event, and of the right amount."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.tax.books.callbacks import sign
from tests.services.tax.billed import BILL
from tests.services.tax.cases import GUARANTOR
from tests.services.tax.desks import SqlDesk
from tests.services.tax.test_api import OFFICER
from tests.services.tax.test_bill_api import OWN

SECRET = b"sandbox-payment001"
CALLBACK = "/v1/payments/callbacks/PAYMENT001"
EVENT = {"event_id": "evt-1", "bill_no": BILL, "amount": "18.20"}


def callback(body: Any, *, at: float | None = None, secret: bytes = SECRET) -> dict[str, Any]:
    """A signed callback, as arguments of a POST."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = str(int(time.time() if at is None else at))
    said = {"Callback-Timestamp": moment, "Callback-Signature": sign(secret, moment, raw)}
    return {"content": raw, "headers": {"Content-Type": "application/json", **said}}


def with_headers(sent: dict[str, Any], **changes: str) -> dict[str, Any]:
    """The same with other headers."""
    named = {f"Callback-{name.title()}": value for name, value in changes.items()}
    return sent | {"headers": sent["headers"] | named}


async def test_a_signed_callback_pays_once_an_event(client: httpx.AsyncClient, billed: SqlDesk) -> None:
    answers = await asyncio.gather(*(client.post(CALLBACK, **callback(EVENT)) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["channel"] == "PAYMENT001"
    ledger = (await client.get(f"/v1/accounts/{GUARANTOR}/entries", headers=OWN)).json()["items"]
    assert [entry["kind"] for entry in ledger].count("PAYMENT") == 1


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (lambda: callback(EVENT, secret=b"guessed"), 401, "E-PAY-SIGNATURE"),
        (lambda: callback(EVENT) | {"headers": {"Content-Type": "application/json"}}, 401, "E-PAY-SIGNATURE"),
        (lambda: with_headers(callback(EVENT), signature="x" * 200), 401, "E-PAY-SIGNATURE"),
        (lambda: with_headers(callback(EVENT), timestamp="1"), 401, "E-PAY-SIGNATURE"),
        (
            lambda: callback(EVENT) | {"content": json.dumps(EVENT | {"amount": "0.01"})},
            401,
            "E-PAY-SIGNATURE",
        ),
        (lambda: callback(EVENT, at=1), 401, "E-PAY-STALE"),
        (lambda: callback(EVENT, at=99_999_999_999), 401, "E-PAY-STALE"),
        (lambda: callback(EVENT | {"bill_no": "B202511-X-X-1"}), 404, "E-PAY-BILL"),
        (lambda: callback(EVENT | {"bill_no": "nonsense"}), 404, "E-PAY-BILL"),
        (lambda: callback(EVENT | {"amount": "18.21"}), 422, "E-PAY-AMOUNT"),
        (lambda: callback(EVENT | {"amount": "-1"}), 422, "E-FMT-SCHEMA"),
        (lambda: callback(EVENT | {"surprise": 1}), 422, "E-FMT-SCHEMA"),
        (lambda: callback(b"{"), 400, "E-FMT-SCHEMA"),
    ],
)
async def test_a_callback_that_is_not_the_providers_or_not_right_is_refused(
    client: httpx.AsyncClient, billed: SqlDesk, sent: Callable[[], dict[str, Any]], status: int, code: str
) -> None:
    answer = await client.post(CALLBACK, **sent())

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get(f"/v1/bills/{BILL}", headers=OFFICER)).json()["status"] == "ISSUED"


async def test_an_unknown_provider_is_not_there(client: httpx.AsyncClient, billed: SqlDesk) -> None:
    for provider in ("NOBODY0001", GUARANTOR):  # who owes it confirms no payment of its own
        answer = await client.post(f"/v1/payments/callbacks/{provider}", **callback(EVENT))

        assert (answer.status_code, answer.json()["code"]) == (404, "E-NOT-FOUND")


async def test_a_secret_is_replaced_by_one_more_line_and_the_public_one_is_void(
    client: httpx.AsyncClient, billed: SqlDesk, tmp_path: Path
) -> None:
    (tmp_path / "payment-callback-PAYMENT001").write_text("old-secret\nnew-secret\n")

    public = await client.post(CALLBACK, **callback(EVENT))
    old = await client.post(CALLBACK, **callback(EVENT, secret=b"old-secret"))
    new = await client.post(CALLBACK, **callback(EVENT, secret=b"new-secret"))

    assert (public.status_code, old.status_code, new.status_code) == (401, 200, 200)
