"""Route: a request is read exactly, or refused.

`Door` is the router of every room's API. Before a route runs, its query names only what the route knows, each once
and filled in, and its JSON body was read by `shared.runtime.body`: no route does so by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.refusal import Fault, Refusal, escaped
from shared.runtime.access import Allowed
from shared.runtime.body import Body, misread, read_body
from shared.runtime.words import SOURCE, faults_of

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class ReadRequest(Request):
    """A request whose body was read: as JSON, whatever its Content-Type says (curl names another by itself)."""

    def __init__(self, request: Request, body: Body | None) -> None:
        others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
        headers = [*others, (b"content-type", b"application/json")]
        super().__init__({**request.scope, "headers": headers}, request.receive)
        self._read = body

    async def body(self) -> bytes:
        """As it was sent."""
        return self._read.raw if self._read else b""

    async def json(self) -> Any:
        """What it says."""
        return self._read.plain if self._read else None


class ExactRoute(APIRoute):
    """A route that is given what it asked for and nothing else; who calls is asked before what is said is read."""

    def get_route_handler(self) -> Handle:
        """The route's own handler, after the query and the body."""
        handle, known = super().get_route_handler(), tuple(sorted(query_names(self.dependant)))
        takes_body = self.body_field is not None
        guards = tuple(guards_of(self.dependant))

        async def handle_exactly(request: Request) -> Response:
            has_query = bool(request.scope["query_string"])
            if has_query or takes_body:  # else nothing is read before the route's own dependencies ask
                for guard in guards:
                    await guard(request)
            if has_query:
                self._check_query(request.query_params, known)
            if takes_body:
                return await handle(ReadRequest(request, self._read(await request.body())))
            return await handle(request)

        return handle_exactly

    def _read(self, raw: bytes) -> Body | None:
        """A body that means one thing to every reader; one that does not is told its other faults, too."""
        body = read_body(raw) if raw else None
        if body is not None and (faults := body.faults()):
            assert self.body_field is not None  # noqa: S101 (or nothing would be read)
            others = faults_of(self.body_field.validate(body.plain, loc=("body",))[1])
            raise misread([*faults, *_besides(others, faults)])
        return body

    def _check_query(self, given: QueryParams, known: tuple[str, ...]) -> None:
        """400 for a parameter that would be dropped in silence, and what else is wrong with the query."""
        if faults := query_faults(given, known):
            fields = list(query_fields(self.dependant))
            others = faults_of(request_params_to_args(fields, given)[1])
            raise no_such_query([*faults, *_besides(others, faults)], known)


def _besides(others: Sequence[Fault], faults: Sequence[Fault]) -> list[Fault]:
    """Those of other places."""
    told = {fault.pointer for fault in faults}
    return [fault for fault in others if fault.pointer not in told]


class Door(APIRouter):
    """A router of exact routes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=ExactRoute, **options)


def guards_of(dependant: Dependant) -> Iterator[Allowed]:
    """Who decides whether the caller may be here, on a route and what it depends on."""
    for each in dependant.dependencies:
        if isinstance(each.call, Allowed):
            yield each.call
        yield from guards_of(each)


def query_names(dependant: Dependant) -> Iterator[str]:
    """The query parameters that a route and what it depends on take."""
    for field in query_fields(dependant):
        kind = field.field_info.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield field.alias


def query_fields(dependant: Dependant) -> Iterator[Any]:
    """The fields of the query that a route and what it depends on take."""
    yield from dependant.query_params
    for each in dependant.dependencies:
        yield from query_fields(each)


def query_faults(given: QueryParams, known: tuple[str, ...]) -> list[Fault]:
    """Parameters that are unknown, given twice or empty."""
    names = [name for name, _ in given.multi_items()]
    return [
        Fault(
            pointer=f"/query/{escaped(name[:60])}",
            code="E-FMT-QUERY",
            rule="query_faults",
            detail=detail,
            fix=fix,
            source=SOURCE,
        )
        for name in dict.fromkeys(names)
        for detail, fix in _wrong_with(name, given, names, known)
    ]


def no_such_query(faults: Sequence[Fault], known: tuple[str, ...]) -> Refusal:
    """The refusal of a query."""
    return Refusal(
        "E-FMT-QUERY",
        f"{faults[0].pointer.removeprefix('/query/')}: {faults[0].detail}",
        status=400,
        rule="query_faults",
        fix=f"this address takes: {', '.join(known)}" if known else "this address takes no parameters",
        faults=faults,
    )


def _wrong_with(
    name: str, given: QueryParams, names: list[str], known: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if name not in known:
        yield "there is no such parameter", f"it is one of: {', '.join(known)}" if known else "leave it out"
    elif names.count(name) > 1:
        yield "it is given twice", "give it once"
    elif not given[name]:
        yield "it is empty", "fill it in, or leave it out"
