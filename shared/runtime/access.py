"""Access: who calls, and what it may do.

A token is a JWT that registry signs with Ed25519. Every service checks it alone: keys and revocations come
as registry's facts, and a token that was checked once is remembered by its SHA-256 until it expires or its
client is revoked. One algorithm, one issuer, one audience; whatever else a token says of itself is refused.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security.base import SecurityBase

from shared.contracts.envelope import RegistryEvent
from shared.contracts.registry import ClientRevoked, PartyRegistered, SigningKeyPublished
from shared.runtime.challenges import REALM, not_heard_yet, refuse, refuse_scope
from shared.runtime.scopes import DOES

ALGORITHM = "EdDSA"
AUDIENCE = REALM
ISSUER = "urn:single-window:registry"
SKEW = timedelta(seconds=30)  # between the clocks of two machines
MAX_TOKEN = 4096  # characters; ours have about 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a client that acts for a party."""

    party: str
    client_id: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    def is_officer_of(self, agency: str) -> bool:
        """Whether it may decide for an agency."""
        return f"reviews:{agency}" in self.scopes

    @property
    def reviews(self) -> bool:
        """Whether it decides for some agency."""
        return any(scope.startswith("reviews:") for scope in self.scopes)

    @property
    def reads_all(self) -> bool:
        """Officers read every declaration; others, only what names their party."""
        return "officer" in self.roles or self.reviews

    def may_read(self, parties: Collection[str]) -> bool:
        """Whether it may see a document of these parties."""
        return self.party in parties or self.reads_all

    def may(self, scope: str) -> bool:
        """Whether it has a scope; whoever reviews declarations also reads them."""
        return scope in self.scopes or (scope == "declarations:read" and self.reviews)


class _Claims(msgspec.Struct, frozen=True):
    """What a token must say; a claim missing or of another type is a fault."""

    iss: str
    aud: str
    sub: str
    iat: int
    nbf: int
    exp: int
    party: str = ""
    roles: tuple[str, ...] = ()
    scope: str = ""


@dataclass(frozen=True, slots=True)
class _Checked:
    """A token that is good but for its times, which are checked at every use."""

    caller: Caller
    valid_from: datetime
    valid_until: datetime


class TokenVerifier:
    """Public keys, revocations, and the tokens checked lately: state without IO."""

    def __init__(self, *, issuer: str = ISSUER, capacity: int = 10_000) -> None:
        self._issuer = issuer
        self._capacity = capacity
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._revoked: dict[str, datetime] = {}
        self._parties: dict[str, frozenset[str]] = {}
        """Their roles by code."""
        self._checked: OrderedDict[bytes, _Checked] = OrderedDict()
        self.is_behind = False
        """Whether registry has said more than was heard: a replica that starts may not know a key or a revocation."""

    @property
    def is_told(self) -> bool:
        """Whether registry is heard to its end, a key too: any token can be judged."""
        return bool(self._keys) and not self.is_behind

    def has_key(self, kid: str) -> bool:
        """Whether registry has said a key of this id."""
        return kid in self._keys

    def apply(self, event: RegistryEvent) -> None:
        """Hear a fact of registry."""
        if isinstance(event, SigningKeyPublished):
            self.add_key(event.code, event.public_key)
        elif isinstance(event, ClientRevoked):
            self.revoke(event.code, event.revoked_at)
        elif isinstance(event, PartyRegistered):
            self._parties[event.code] = frozenset(event.roles)

    def knows(self, party: str) -> bool:
        """Whether registry has said a party of this code, active or not."""
        return party in self._parties

    def has_role(self, party: str, role: str) -> bool:
        """Whether registry has said that a party has a role."""
        return role in self._parties.get(party, ())

    def add_key(self, kid: str, public_key: str) -> None:
        """Trust a key: 32 bytes, base64url. A key id never changes its key."""
        self._keys.setdefault(kid, Ed25519PublicKey.from_public_bytes(jwt.utils.base64url_decode(public_key)))

    def revoke(self, client_id: str, revoked_at: datetime) -> None:
        """Tokens of a client are void, whenever they were issued: a client is revoked for good, and when a token was
        issued is said by another clock."""
        self._revoked[client_id] = revoked_at

    def verify(self, token: str, now: datetime) -> Caller:
        """The caller a token speaks for; raises E-SEC-TOKEN (401), or E-SYS (503) before registry is heard."""
        if not self.is_told:
            raise not_heard_yet()
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        checked = self._checked.pop(digest, None) or self._check(token)
        self._check_times(checked, now)
        self._checked[digest] = checked
        if len(self._checked) > self._capacity:
            self._checked.popitem(last=False)
        return checked.caller

    def _check_times(self, checked: _Checked, now: datetime) -> None:
        if now >= checked.valid_until:
            refuse(f"the token expired at {checked.valid_until.isoformat()}")
        if checked.valid_from > now + SKEW:
            refuse(f"the token is not valid before {checked.valid_from.isoformat()}")
        if revoked_at := self._revoked.get(checked.caller.client_id):
            refuse(f"the client was revoked at {revoked_at.isoformat()}")

    def _check(self, token: str) -> _Checked:
        if len(token) > MAX_TOKEN:
            refuse(f"a token has at most {MAX_TOKEN} characters")
        try:
            claims = self._read(token, self._key_for(jwt.get_unverified_header(token)))
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            refuse(_reason(error))
        if claims.aud != AUDIENCE:
            refuse(f"the token is not for {AUDIENCE!r}")
        if claims.iss != self._issuer:
            refuse("the token is of another issuer")
        return _checked(claims)

    def _key_for(self, header: dict[str, object]) -> Ed25519PublicKey:
        """The key that a header names, if the header says nothing that we do not do."""
        if header.get("alg") != ALGORITHM:
            refuse(f"the token's algorithm must be {ALGORITHM}")
        if "crit" in header:
            refuse("the token has critical header extensions, which are not understood here")
        kid = header.get("kid")
        if not isinstance(kid, str) or kid not in self._keys:
            refuse("the token's key (kid) is not one that registry has published")
        return self._keys[kid]

    @staticmethod
    def _read(token: str, key: Ed25519PublicKey) -> _Claims:
        options = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=options)  # type: ignore[arg-type]
        return msgspec.convert(claims, _Claims)


def _checked(claims: _Claims) -> _Checked:
    caller = Caller(
        party=claims.party,
        client_id=claims.sub,
        roles=frozenset(claims.roles),
        scopes=frozenset(claims.scope.split()),
    )
    try:
        issued, start, end = (datetime.fromtimestamp(at, UTC) for at in (claims.iat, claims.nbf, claims.exp))
    except (OverflowError, ValueError, OSError):
        refuse("the token's times are out of range")
    return _Checked(caller, max(issued, start), end)


def _reason(error: Exception) -> str:
    if isinstance(error, jwt.InvalidSignatureError):
        return "the token's signature does not match"
    if isinstance(error, msgspec.ValidationError):
        return f"the token's claims are not ours: {error}"
    return "the token is not a JWT that can be read"


class Allowed(SecurityBase):
    """A FastAPI dependency: the caller, if its token has a scope. Shows as such in OpenAPI."""

    def __init__(self, scope: str) -> None:
        flow = OAuthFlowClientCredentials(tokenUrl="/oauth/token", scopes={scope: DOES[scope]})
        self.scope = scope
        self.scheme_name = "oauth2-" + scope.replace(":", "-")
        self.model = OAuth2(flows=OAuthFlows(clientCredentials=flow))

    async def __call__(self, request: Request) -> Caller:
        """Who calls; 401 without a good token, 403 without the scope."""
        verifier: TokenVerifier = request.app.state.verifier
        caller = verifier.verify(bearer(request), datetime.now(UTC))
        if not caller.may(self.scope):
            refuse_scope(self.scope, caller.scopes)
        return caller


def allowed(scope: str) -> Allowed:
    """What a route needs: `caller: Annotated[Caller, Depends(allowed("declarations:read"))]`."""
    return Allowed(scope)


def bearer(request: Request) -> str:
    """The token of a request's Authorization header."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        refuse("this needs a token: Authorization: Bearer <token>", error="")
    return token.strip()
