"""Callback door: payment providers say that a bill is paid.

No token: who says it is known by its signature. The secrets of a provider are the lines of the file
`payment-callback-<code>` among the service's secrets, so that a new one can be taken into use before the old one is
taken out. In the sandbox a registered party without such a file has a public one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path as File
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from services.tax.bill_handlers import on_bills_paid
from services.tax.billing import unknown_bill
from services.tax.books.bills import BILL_NO
from services.tax.books.callbacks import Signed, must_be_fresh, must_be_signed
from services.tax.books.payments import PayBill, Payment
from services.tax.doors.bill_shown import BILL, ReceiptOut
from services.tax.doors.bills import Reading, receipt
from shared.runtime.access import TokenVerifier
from shared.runtime.doors import Doing, not_found
from shared.runtime.fields import Amount, Code
from shared.runtime.patterns import PARTY
from shared.runtime.route import Door

router = Door()
Provider = Annotated[
    str,
    Path(pattern=PARTY, description="Code of the payment firm.", examples=["PAYMENT001"]),
]


class CallbackIn(BaseModel):
    """A payment that has succeeded."""

    model_config = ConfigDict(extra="forbid")

    event_id: Code = Field(
        max_length=60,
        description="The provider's own: the same one again changes nothing.",
        examples=["evt-000789"],
    )
    bill_no: str = Field(max_length=80, examples=[BILL])
    amount: Amount = Field(
        gt=0, max_digits=14, decimal_places=2, description="CNY: the bill's total.", examples=["29.12"]
    )


async def signed(
    provider: Provider,
    request: Request,
    callback_timestamp: Annotated[str, Header(max_length=20, description="Seconds since 1970.")] = "",
    callback_signature: Annotated[
        str,
        Header(max_length=200, description='hex(HMAC-SHA256(secret, Callback-Timestamp + "." + body))'),
    ] = "",
) -> str:
    """The provider, once it has shown that it said this body just now."""
    given = Signed(timestamp=callback_timestamp, signature=callback_signature, body=await request.body())
    must_be_signed(given, secrets_of(provider, request))
    must_be_fresh(given, datetime.now(UTC))
    return provider


def secrets_of(provider: str, request: Request) -> list[bytes]:
    """The secrets that a payment firm signs with; 404 for one that has none: nobody confirms a payment of its own."""
    settings = request.app.state.runtime.settings
    verifier: TokenVerifier = request.app.state.verifier
    path = File(settings.secrets_dir) / f"payment-callback-{provider}"
    if path.is_file():
        return [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    if settings.sandbox and verifier.has_role(provider, "payment_firm"):
        return [f"sandbox-{provider.lower()}".encode()]
    raise not_found("payment provider")


@router.post("/payments/callbacks/{provider}", summary="A payment provider's callback")
async def called_back(
    provider: Annotated[str, Depends(signed)], body: CallbackIn, orders: Doing, reading: Reading
) -> ReceiptOut:
    """Signed, at most five minutes old, once an event, and the bill's whole amount."""
    if not BILL_NO.fullmatch(body.bill_no):
        raise unknown_bill(body.bill_no)
    payment = Payment(
        bill_no=body.bill_no,
        method="PROVIDER",
        channel=provider,
        reference=body.event_id,
        amount=body.amount,
        made_by=provider,
    )
    await orders.run(on_bills_paid, PayBill(bill_no=body.bill_no, payment=payment))
    return await receipt(body.bill_no, reading)
