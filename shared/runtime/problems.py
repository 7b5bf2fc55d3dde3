"""Problems: every error of the API as application/problem+json (RFC 9457).

Members: type, title, status, detail, instance, and ours: code (stable), rule, source, fix, errors (all faults, each
with its JSON pointer), trace_id. No stack, no SQL, no path.
"""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.refusal import Refusal
from shared.runtime import telemetry
from shared.runtime.body import misread
from shared.runtime.failures import is_transient
from shared.runtime.intake import away
from shared.runtime.words import faults_of

TYPE = "https://single-window.example/problems/"
SHOWN = 25
_FAULT = ("pointer", "code", "rule", "detail", "fix", "source")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457, with a stable code, the rule that said no, and what to do about it.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable code, e.g. E-FMT-SCHEMA."},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "rule": {"type": "string", "description": "Name of the rule that said no."},
        "fix": {"type": "string"},
        "source": {"type": "string", "description": "Legal or technical source."},
        "trace_id": {"type": "string"},
        "error_count": {"type": "integer", "description": f"All faults; `errors` shows {SHOWN} at the most."},
        "errors": {
            "type": "array",
            "description": "All faults of a document.",
            "items": {"type": "object", "properties": {name: {"type": "string"} for name in _FAULT}},
        },
    },
}
"""A problem document in the OpenAPI."""
"""Faults shown at the most; the rest is counted."""


def problem_of(refusal: Refusal, instance: str = "") -> dict[str, Any]:
    """The problem document of a refusal."""
    document: dict[str, Any] = {
        "type": TYPE + refusal.code.lower(),
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "instance": instance,
        "rule": refusal.rule,
        "source": refusal.source,
        "fix": refusal.fix,
        "trace_id": telemetry.trace_id(telemetry.traceparent()),
        **refusal.extra,
    }
    if refusal.faults:
        document["errors"] = [asdict(fault) for fault in refusal.faults[:SHOWN]]
        document["error_count"] = len(refusal.faults)
    return {name: value for name, value in document.items() if value not in ("", None)}


def answer(refusal: Refusal, instance: str = "") -> Response:
    """The HTTP answer of a refusal."""
    return Response(
        msgspec.json.encode(problem_of(refusal, instance)),
        refusal.status,
        headers=refusal.headers,
        media_type="application/problem+json",
    )


def answer_problems(app: FastAPI) -> None:
    """Make every error of an app a problem document."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_middleware(Caught)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 (registered for this type)
    return answer(error, request.url.path)


async def on_http(request: Request, error: Exception) -> Response:
    """The framework's own errors: no such address, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for this type)
    codes = {404: "E-NOT-FOUND", 405: "E-METHOD", 413: "E-TOO-LARGE"}
    code = codes.get(error.status_code, f"E-HTTP-{error.status_code}")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods_of(request)):
        headers["Allow"] = ", ".join(methods)
    refusal = Refusal(code, str(error.detail), status=error.status_code, fix="see /docs", headers=headers)
    return answer(refusal, request.url.path)


def _methods_of(request: Request) -> list[str]:
    """What an address takes, as documented: the framework tells of the first of its routes only."""
    paths, asked = request.app.openapi()["paths"], request.url.path
    named = [asked] if asked in paths else [path for path in paths if compile_path(path)[0].match(asked)]
    return sorted({method.upper() for path in named for method in paths[path]})


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this type)
    return answer(misread(faults_of(error.errors())), request.url.path)


class Caught:
    """Whatever a route did not expect is answered here: 503 or 500, and the connection stays good.

    The framework's own handler of any error raises it again after the answer. The server then closes the
    connection, and what the gateway had just sent along it is answered 502.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            scope["is_told"] = True  # the log has its line
            await answer(_unexpected(error, scope), scope["path"])(scope, receive, send)


def _unexpected(error: Exception, scope: Scope) -> Refusal:
    """The refusal, and one line: a warning while the store is away or the service starts, else an error."""
    told = {"path": scope["path"], "trace_id": telemetry.trace_id(telemetry.traceparent())}
    if not (is_transient(error) or _is_starting(scope)):
        telemetry.log("api").error("request failed", **told, exc_info=error)
        return away(error)
    telemetry.log("api").warning("store away", **told, error=f"{type(error).__name__}: {error}"[:300])
    if scope["method"] in ("GET", "HEAD"):
        detail, fix = "the store does not answer now", "ask again in a few seconds"
        return Refusal("E-SYS", detail, status=503, fix=fix, headers={"Retry-After": "2"})
    return away(error if is_transient(error) else ConnectionError("starting"))


def _is_starting(scope: Scope) -> bool:
    """Whether the service waits for its database yet: what it lacks until then is no fault."""
    return bool(getattr(getattr(scope["app"].state, "runtime", None), "is_starting", False))
