"""Gateway: the window's REST, from a terminal.

Finds the address, keeps a token, and turns problem documents and silence into faults that a person understands.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

from cli.credentials import Credentials, credentials
from cli.faults import AWAY, FORBIDDEN, NO, USAGE, Away, Fault

CHECKOUT = Path(__file__).resolve().parents[1]
RUN = CHECKOUT / ".local" / "run"
SILENCE = httpx.Timeout(30.0, connect=3.0)
UNAUTHORIZED = 401


def address() -> str:
    """Where the window is: SW_URL, else what the last `up` wrote, else port 8080 here."""
    given = os.environ.get("SW_URL", "").rstrip("/")
    if given:
        return given
    try:
        port = json.loads((RUN / "ports.json").read_text())["gateway"]
    except (OSError, ValueError, KeyError, TypeError):
        port = 8080
    return f"http://127.0.0.1:{port}"


def open_client(url: str, **how: Any) -> httpx.Client:
    """A client of an address; a proxy that the environment names is never asked for what is on this machine."""
    try:
        return httpx.Client(base_url=url, trust_env=not _is_here(url), **how)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise Fault(
            f"nothing can be asked of {url}: {error}",
            "set SW_URL to an address like http://127.0.0.1:8080, HTTP_PROXY and its fellows to one of http://",
            USAGE,
        ) from error


def _is_here(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Refused(Fault):
    """The window said no, with a problem document."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        code = FORBIDDEN if status in (401, 403) else AWAY if status in (429, 502, 503, 504) else NO
        detail = (
            document.get("detail") or document.get("error_description") or document.get("title") or "refused"
        )
        name = document.get("code") or document.get("error") or status
        super().__init__(f"{name}: {detail}", str(document.get("fix", "")), code)
        self.status, self.document = status, document


class Gateway:
    """A conversation with the window as one client."""

    def __init__(
        self, who: Credentials | None = None, url: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url or address()
        self._who = who
        self._client = open_client(self.url, timeout=SILENCE, transport=transport)
        self._token = ""

    @classmethod
    def as_client(cls, chosen: str, fitting: str) -> Self:
        """As the chosen client, or the one that fits."""
        return cls(credentials(chosen, fitting))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def token(self) -> dict[str, Any]:
        """A fresh token answer."""
        if self._who is None:
            raise Fault("this call needs a client", "choose one with --client")
        form = {
            "grant_type": "client_credentials",
            "client_id": self._who.client_id,
            "client_secret": self._who.secret,
        }
        answer: dict[str, Any] = read(self.send("POST", "/oauth/token", data=form))
        return answer

    def headers(self) -> dict[str, str]:
        """What a call as this client carries."""
        if self._who is None:
            return {}
        self._token = self._token or self.token()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}

    def get(self, path: str, **query: object) -> Any:
        """The JSON of a page."""
        params = {name: str(value) for name, value in query.items() if value not in (None, "")}
        return read(self.ask("GET", path, {}, params=params))

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """The JSON answer to an order."""
        return read(self.ask("POST", path, headers, json=body))

    def content(self, path: str) -> bytes:
        """The bytes of a page that is no JSON."""
        answer = self.ask("GET", path, {})
        None if answer.is_success else read(answer)
        return answer.content

    def ask(self, method: str, path: str, headers: Mapping[str, str], **how: Any) -> httpx.Response:
        """The answer to this client, whatever it is; a token that was kept until it ended is renewed, once.

        What was answered with 401 has done nothing, so an order may be sent again, too.
        """
        was_kept = bool(self._token)
        answer = self.send(method, path, headers={**self.headers(), **headers}, **how)
        if answer.status_code == UNAUTHORIZED and was_kept:
            self.forget_token()
            answer = self.send(method, path, headers={**self.headers(), **headers}, **how)
        return answer

    def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        """The answer, whatever it is; silence is a fault."""
        try:
            return self._client.request(method, path, **how)
        except httpx.HTTPError as error:
            raise Away(self.url, type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise Fault(
                f"{self.url} is no address", "set SW_URL to one like http://127.0.0.1:8080"
            ) from error

    def forget_token(self) -> None:
        """The token is no longer good: the next call gets another."""
        self._token = ""

    def stream(self, path: str, **headers: str) -> Any:
        """The context of a long answer."""
        headers = {**self.headers(), "Accept": "text/event-stream", **headers}
        return self._client.stream("GET", path, headers=headers, timeout=httpx.Timeout(90.0, connect=3.0))


def part(text: str) -> str:
    """What a person typed, as one part of a path, whatever it holds."""
    return quote(text, safe="")


def read(answer: httpx.Response) -> Any:
    """The JSON of an answer; an error becomes a fault."""
    try:
        document = answer.json()
    except ValueError:
        document = {"detail": f"the answer is no JSON ({answer.status_code})"}
    if answer.is_success:
        return document
    raise Refused(answer.status_code, document if isinstance(document, dict) else {"detail": str(document)})
