"""Advice: whose word it is that money has come.

A bank's advice is entered by tax officers. In the sandbox, where there is no bank, those who owe may play it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed


async def adviser(request: Request, caller: Annotated[Caller, Depends(allowed("accounts:write"))]) -> Caller:
    """Who may say that money has come; outside the sandbox nobody confirms a payment of its own."""
    if caller.is_officer_of("tax") or request.app.state.runtime.settings.sandbox:
        return caller
    raise Refusal(
        "E-SEC-PARTY",
        "that money has come is said by a bank, not by who owes it",
        status=403,
        rule="adviser",
        fix="pay by your bank or payment provider: its advice or callback is entered here",
    )


Adviser = Annotated[Caller, Depends(adviser)]
