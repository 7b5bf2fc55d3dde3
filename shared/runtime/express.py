"""Express: the busiest routes, reached at once.

On its way to a route a request passes some twenty layers of the framework: more of the declaration service's time
than examining what was filed, and most of what it costs clearance to say that there is no permit yet. A route with an
express lane is called straight away, by the same function, with the same trace and the same answers; the framework
still documents it, and takes every request that is not plain.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kernel.refusal import Refusal
from shared.runtime.http import Trace
from shared.runtime.problems import Caught, answer

Handle = Callable[[Request], Awaitable[Response]]
IsPlain = Callable[[Request], bool]
_find_id = re.compile("(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=/|$)").search


class ExpressApp(FastAPI):
    """An application with express lanes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lanes: dict[tuple[str, ...], tuple[IsPlain, ASGIApp]] = {}
        """By method and path; by what stands before and after the id, where one is in it."""

    def express(self, method: str, path: str, handle: Handle, *, is_plain: IsPlain) -> None:
        """Let `handle` answer the plain requests of a route: those without a query that `is_plain` passes.

        A path may hold one `{declaration_id}`, which the request then has among its `path_params`.
        """
        self._lanes[method, *path.split("{declaration_id}")] = is_plain, Trace(Caught(_Lane(handle)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by its lane or by the framework."""
        lane = self._lane_of(scope) if scope["type"] == "http" else None
        if lane is None:
            await super().__call__(scope, receive, send)
        else:
            scope["app"] = self
            await lane(scope, receive, send)

    def _lane_of(self, scope: Scope) -> ASGIApp | None:
        path, named = scope["path"], _find_id(scope["path"])
        parts = (path[: named.start()], path[named.end() :]) if named else (path,)
        found = self._lanes.get((scope["method"], *parts))
        if found is None or scope["query_string"]:
            return None
        scope["path_params"] = {"declaration_id": named[0]} if named else {}
        is_plain, lane = found
        return lane if is_plain(Request(scope)) else None


class _Lane:
    """A handler as an application; what it refuses is a problem document, as everywhere."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._handle(Request(scope, receive))
        except Refusal as refusal:
            response = answer(refusal, scope["path"])
        await response(scope, receive, send)
