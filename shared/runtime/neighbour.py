"""Neighbour: what another service answers, for reads that compose.

Asked in the caller's name, so nobody sees more by way of one service than by way of another. A neighbour that does
not answer within its deadline is away, and what is composed says so.
"""

from __future__ import annotations

from typing import Any

import httpx
from starlette.requests import Request

from shared.runtime.replica import Runtime


async def ask(request: Request, service: str, path: str, body: Any = None) -> tuple[Any, bool]:
    """The answer, None where there is none; and whether the service is away. One that knows nothing of it is not."""
    runtime: Runtime = request.app.state.runtime
    headers = {"Authorization": request.headers.get("authorization", "")}
    address = f"{runtime.url(service)}{path}"
    try:
        answer = await runtime.http.request(
            "GET" if body is None else "POST", address, headers=headers, json=body
        )
        found = answer.json() if answer.is_success else None
        return found, not (answer.is_success or answer.status_code == 404)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None, True
