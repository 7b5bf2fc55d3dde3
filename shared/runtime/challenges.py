"""Challenges: how a caller is turned away at the door, and what it is told to do (RFC 6750)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from shared.kernel.refusal import Refusal

REALM = "single-window"


def not_heard_yet() -> Refusal:
    """No token is bad because this replica has just started."""
    return Refusal(
        "E-SYS",
        "this service is starting: it has not heard registry's keys yet",
        status=503,
        rule="verify",
        fix="send it again, unchanged, in a few seconds",
        headers={"Retry-After": "2"},
    )


def refuse(reason: str, error: str = "invalid_token") -> NoReturn:
    """401: without a token, or with one that is not good."""
    described = f', error="{error}", error_description="{reason.replace(chr(34), chr(39))}"' if error else ""
    challenge = f'Bearer realm="{REALM}"{described}'
    raise Refusal(
        "E-SEC-TOKEN",
        reason,
        status=401,
        rule="verify",
        fix="get a token: POST /oauth/token with grant_type=client_credentials",
        source="RFC 6750, RFC 8725",
        headers={"WWW-Authenticate": challenge.encode("ascii", "replace").decode()},
    ) from None


def refuse_scope(needed: str, scopes: Collection[str]) -> NoReturn:
    """403: the token is good, for other things."""
    challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{needed}"'
    raise Refusal(
        "E-SEC-SCOPE",
        f"this needs the scope {needed}; the token has: {' '.join(sorted(scopes)) or 'none'}",
        status=403,
        rule="allowed",
        fix=f"ask registry for a client with the scope {needed}, or ask for it when you get the token",
        source="RFC 6750",
        headers={"WWW-Authenticate": challenge},
        scope_needed=needed,
        scopes=sorted(scopes),
    )
