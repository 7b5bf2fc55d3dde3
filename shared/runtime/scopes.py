"""Scopes: what a token may be good for, in a sentence each; every description of the API shows them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.kernel.gate import AGENCIES

DOES: Mapping[str, str] = {
    "declarations:read": "See the declarations, permits and events of one's own party.",
    "declarations:write": "File declarations; ask that they be amended, cancelled or returned.",
    "accounts:read": "See one's own guarantee account, its ledger and its bills.",
    "accounts:write": "Enter a bank's word that money has come or gone.",
    "arrivals:write": "Report parcels and returned goods on site, as their carrier.",
    "registry:write": "Register parties; make and revoke their clients.",
    "operations": "See what is parked, release or drop it; have facts said again.",
    **{
        f"reviews:{agency}": f"Decide what waits for an officer of {agency}; reads every declaration as well."
        for agency in AGENCIES
    },
}
