"""Bills: what is released is billed, paid by a provider's callback, and frees the guarantee."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

from services.tax.books.callbacks import sign
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel
from tests.flows.window import Window

SELLER = "SELLER0004"
PAPERS = {"order__seller_code": SELLER, "list__guarantor_code": SELLER}


async def paid_by_provider(window: Window, bill: dict[str, Any]) -> Any:
    """A payment firm says that a bill is paid."""
    body = {"event_id": f"evt-{bill['bill_no']}", "bill_no": bill["bill_no"], "amount": bill["total"]}
    raw, moment = json.dumps(body).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Callback-Timestamp": moment,
        "Callback-Signature": sign(b"sandbox-payment001", moment, raw),
    }
    path = "/v1/payments/callbacks/PAYMENT001"
    answer = await window.client.post(path, content=raw, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_released_is_billed_and_paid_and_frees_the_guarantee(
    window: Window, auditor: Auditor
) -> None:
    await window.deposit(SELLER, "500.00", "flows-bills")
    before = await window.account(SELLER)
    declaration_id = await window.file(a_parcel(**PAPERS))
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    version = await window.assessment(declaration_id, "COMMITTED")
    path = f"/v1/bills/{version['bill_no']}"

    opened = await window.read(path, "officer-tax")
    issued = (await window.post(f"{path}/issue", "officer-tax")).json()
    receipt = await paid_by_provider(window, issued)
    again = await paid_by_provider(window, issued)

    assert [item["declaration_id"] for item in opened["items"]] == [declaration_id]
    assert (opened["status"], issued["status"]) == ("OPEN", "ISSUED")
    assert issued["total"] == version["tax_total"]
    assert receipt == again == await window.read(f"/v1/receipts/{receipt['receipt_no']}", "seller0004")
    after = await window.account(SELLER)
    assert Decimal(after["free"]) == Decimal(before["free"])
    assert after["due"] == before["due"]
    ledger = (await window.read(f"/v1/accounts/{SELLER}/entries", "seller0004"))["items"]
    assert [entry["kind"] for entry in ledger[:2]] == ["PAYMENT", "RELEASE"]
    await auditor.check([declaration_id])
