"""Token door: OAuth 2 client credentials.

Answers in the words of RFC 6749 (section 5), not as problem documents, so that any OAuth client understands.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.registry.domain import LIFETIME, SCOPES, authenticate, claims_of, grant
from services.registry.keys import SigningKey, jwk_of
from services.registry.store import SqlRegister
from services.registry.throttle import Throttle
from services.registry.token_form import ANSWERS, FORM
from shared.kernel.refusal import Refusal
from shared.runtime.access import AUDIENCE, ISSUER
from shared.runtime.doors import address_of, reader

MAX_FORM = 8192
"""Bytes of a token request."""
register_of = reader(SqlRegister)
Registered = Annotated[SqlRegister, Depends(register_of)]
router = APIRouter(tags=["tokens"])


@dataclass(slots=True)
class TokenDesk:
    """What signs tokens: the key is there once the room has started, and good once it has been heard."""

    issuer: str = ISSUER
    gateway_url: str = ""
    key: SigningKey | None = None
    is_heard: Callable[[str], bool] = lambda _: True
    """Whether a key of this id has come back from the broker: a token of another would be refused everywhere."""
    throttle: Throttle = field(default_factory=Throttle)

    def sign(self, claims: Mapping[str, object]) -> str:
        """The claims as a token of this issuer for this window."""
        if self.key is None or not self.is_heard(self.key.key_id):
            raise Refusal("temporarily_unavailable", "the registry is starting", status=503)
        return self.key.sign({"iss": self.issuer, "aud": AUDIENCE, **claims})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """Who asks, and for what."""

    client_id: str
    secret: str
    scope: str


@router.post(
    "/oauth/token", openapi_extra=FORM, responses=ANSWERS, summary="Get a token (client credentials)"
)
async def token(request: Request, register: Registered) -> JSONResponse:
    """A token for an hour. The client may name itself in the form or by HTTP Basic authentication."""
    try:
        asked = read_request(
            request.headers.get("content-type", ""),
            await _body(request),
            request.headers.get("authorization", ""),
        )
        return _answer(await _issue(request, asked, register))
    except Refusal as refusal:
        return _answer({"error": refusal.code, "error_description": refusal.detail}, refusal)


@router.get("/.well-known/jwks.json", summary="Public keys that tokens are checked with")
async def jwks(register: Registered) -> dict[str, Any]:
    """The keys as an RFC 7517 set; a key stays here longer than any token it signed."""
    return {"keys": [jwk_of(key_id, public_key) for key_id, public_key in (await register.keys()).items()]}


@router.get("/.well-known/oauth-authorization-server", summary="What the token door offers (RFC 8414)")
@router.get("/.well-known/openid-configuration", include_in_schema=False)
async def metadata(request: Request) -> dict[str, Any]:
    """Addresses and abilities, for OAuth clients that configure themselves."""
    desk: TokenDesk = request.app.state.desk
    return {
        "issuer": desk.issuer,
        "token_endpoint": f"{desk.gateway_url}/oauth/token",
        "jwks_uri": f"{desk.gateway_url}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": sorted(SCOPES),
        "service_documentation": f"{desk.gateway_url}/docs",
    }


async def _issue(request: Request, asked: TokenRequest, register: SqlRegister) -> dict[str, Any]:
    """The token answer; too many wrong secrets have to wait."""
    desk: TokenDesk = request.app.state.desk
    now = datetime.now(UTC)
    who = (asked.client_id, address_of(request))
    wait = desk.throttle.wait(who, now)
    if wait:
        raise Refusal(
            "invalid_client", "too many wrong secrets", status=429, headers={"Retry-After": str(wait)}
        )
    try:
        client = authenticate((await register.clients([asked.client_id])).get(asked.client_id), asked.secret)
    except Refusal:
        desk.throttle.note_wrong(who, now)
        raise
    desk.throttle.note_right(who)
    party = (await register.parties([client.party]))[client.party]
    scopes = grant(client, party, asked.scope)
    signed = desk.sign(claims_of(client, party, scopes, now, str(uuid.uuid4())))
    lifetime = int(LIFETIME.total_seconds())
    return {"access_token": signed, "token_type": "Bearer", "expires_in": lifetime, "scope": " ".join(scopes)}


def read_request(content_type: str, body: bytes, authorization: str) -> TokenRequest:
    """The token request in a form, with the client named there or in Basic authentication, not in both."""
    form = _read_form(content_type, body)
    if "grant_type" not in form:
        raise _invalid("grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise Refusal("unsupported_grant_type", "only client_credentials is offered", status=400)
    if not authorization:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form or "client_id" in form:
        raise _invalid("the client names itself twice, in the form and in Authorization")
    else:
        client_id, secret = _read_basic(authorization)
    if not client_id or not secret or "\0" in client_id:
        raise Refusal("invalid_client", "client_id and client_secret are needed", status=401)
    return TokenRequest(client_id=client_id[:100], secret=secret, scope=form.get("scope", ""))


def _read_form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise _invalid("send a form: Content-Type: application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), True, True, encoding="utf-8", errors="strict", max_num_fields=20
        )
    except ValueError:
        raise _invalid("the body is not a form that can be read") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise _invalid("a parameter is repeated")
    return dict(pairs)


def _read_basic(authorization: str) -> tuple[str, str]:
    kind, _, credentials = authorization.partition(" ")
    try:
        if kind.lower() != "basic":
            raise ValueError(kind)
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Refusal("invalid_client", "Authorization is not Basic credentials", status=401) from None
    return unquote_plus(client_id), unquote_plus(secret)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise _invalid(f"the form has more than {MAX_FORM} bytes")
    return body


def _invalid(detail: str) -> Refusal:
    return Refusal("invalid_request", detail, status=400)


def _answer(content: dict[str, Any], refusal: Refusal | None = None) -> JSONResponse:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"} | (refusal.headers if refusal else {})
    if refusal and refusal.status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{AUDIENCE}"'
    return JSONResponse(content, refusal.status if refusal else 200, headers)
