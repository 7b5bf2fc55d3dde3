"""Lost: somebody mistyped the address of a page.

A person is shown a page that leads on; a program gets the problem document, as everywhere.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.portal.desk import desk_of
from services.portal.paper import render
from shared.runtime.problems import on_http


def show_the_way(app: FastAPI) -> None:
    """Let a browser that asks for a page that is not there be shown where the pages are."""
    app.add_exception_handler(HTTPException, _on_http)


async def _on_http(request: Request, error: Exception) -> Response:
    is_lost = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
    if is_lost and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return render("lost.html", await desk_of(request), 404, path=request.url.path[:80])
    return await on_http(request, error)
