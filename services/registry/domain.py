"""Who may do what: parties, clients and the scopes of roles.

A client acts for one party with some of the scopes that the party's roles allow. Roles are looked at when a
client is registered and again at every token: a party that loses a role loses its scopes with the next token.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.kernel.gate import AGENCIES
from shared.kernel.ids import party_subject
from shared.kernel.refusal import Refusal

Role = Literal["seller", "platform", "payment_firm", "carrier", "agent", "officer"]
LIFETIME = timedelta(hours=1)
"""Of a token."""

_READS = {"declarations:read"}
_FILES = {"declarations:write", "accounts:read"}
_REVIEWS = {f"reviews:{agency}" for agency in AGENCIES}
SCOPES_OF: Mapping[Role, frozenset[str]] = {
    "seller": frozenset(_READS | _FILES),
    "platform": frozenset(_READS | _FILES | {"accounts:write"}),
    "agent": frozenset(_READS | _FILES | {"accounts:write"}),
    "payment_firm": frozenset(_READS),
    "carrier": frozenset(_READS | {"arrivals:write"}),
    "officer": frozenset(
        _READS | _REVIEWS | {"accounts:read", "accounts:write", "operations", "registry:write"}
    ),
}
"""Which roles may have which scopes: who files declarations, who reports arrivals, who decides."""
SCOPES: frozenset[str] = frozenset().union(*SCOPES_OF.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A firm or an agency, as it stands now."""

    code: str
    """Customs registration code: ten capitals or digits."""
    name: str
    roles: tuple[Role, ...]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that acts for a party; of its secret only the hash is known."""

    client_id: str
    party: str
    secret_hash: bytes
    """SHA-256 of a secret of 256 random bits (no salt or stretching: it cannot be guessed)."""
    scopes: tuple[str, ...]
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterParty:
    """An order: this is how a party stands from now on."""

    party: Party
    is_first: bool = False
    """Whether a party that is registered already stays as it stands (the sandbox at a new start)."""

    @property
    def subject(self) -> str:
        """The party."""
        return party_subject(self.party.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """An order: let this client in."""

    client: Client
    replace: bool = False
    """Whether a client of this id may be there already and is replaced (the sandbox at a new start)."""

    @property
    def subject(self) -> str:
        """The client."""
        return party_subject(self.client.client_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeClient:
    """An order: this client's tokens are void and it gets no more."""

    client_id: str

    @property
    def subject(self) -> str:
        """The client."""
        return party_subject(self.client_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishKey:
    """An order: tokens may be signed with this key."""

    key_id: str
    public_key: str

    @property
    def subject(self) -> str:
        """The key."""
        return party_subject(self.key_id)


def scopes_of(party: Party) -> frozenset[str]:
    """What a party's roles allow; nothing when it is not active."""
    if not party.active:
        return frozenset()
    return frozenset[str]().union(*(SCOPES_OF[role] for role in party.roles))


def hash_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def party_must_be_known(client: Client, party: Party | None) -> Refusal | None:
    """A client acts for a registered, active party."""
    if party is not None and party.active:
        return None
    return Refusal(
        "E-REG-PARTY",
        f"party {client.party} is not registered or not active",
        status=422,
        rule="party_must_be_known",
        fix="register the party first: PUT /v1/parties/{code}",
    )


def scopes_must_suit_the_roles(client: Client, party: Party | None) -> Refusal | None:
    """A client has only scopes that a role of its party allows."""
    may = scopes_of(party) if party else frozenset()
    beyond = sorted(set(client.scopes) - may)
    if not beyond:
        return None
    return Refusal(
        "E-REG-SCOPES",
        f"the roles of {client.party} do not allow: {' '.join(beyond)}",
        status=422,
        rule="scopes_must_suit_the_roles",
        fix=f"they allow: {' '.join(sorted(may)) or 'nothing'}",
    )


RULES = (party_must_be_known, scopes_must_suit_the_roles)


def admit(order: RegisterClient, known: Client | None, party: Party | None) -> Client | None:
    """The client to save; None when it is as ordered already."""
    if known is not None and not order.replace:
        raise Refusal(
            "E-REG-CLIENT",
            f"a client {known.client_id} exists; its id is never given again",
            rule="admit",
            fix="choose another client_id",
        )
    if known is not None and known.revoked_at is not None:
        raise Refusal(
            "E-REG-CLIENT",
            f"the client {known.client_id} was revoked at {known.revoked_at.isoformat()} and stays so",
            rule="admit",
            fix="let in another client_id; the first operator's is REGISTRY_OPERATOR_CLIENT",
        )
    if known == order.client:
        return None
    for rule in RULES:
        refusal = rule(order.client, party)
        if refusal:
            raise refusal
    return order.client


def authenticate(client: Client | None, secret: str) -> Client:
    """The client, if the secret is its own; takes the same time whether or not there is such a client."""
    expected = client.secret_hash if client else bytes(32)
    matches = hmac.compare_digest(hash_of(secret), expected)
    if client is None or not matches or client.revoked_at is not None:
        raise Refusal(
            "invalid_client", "unknown client, wrong secret, or revoked", status=401, rule="authenticate"
        )
    return client


def grant(client: Client, party: Party, asked: str) -> tuple[str, ...]:
    """The scopes of a token: those asked for, or else all that client and roles allow."""
    may = set(client.scopes) & scopes_of(party)
    wanted = set(asked.split()) or may
    beyond = wanted - may
    if beyond or not may:
        raise Refusal(
            "invalid_scope",
            f"this client may not have: {' '.join(sorted(beyond)) or 'any scope'}; it may have: "
            f"{' '.join(sorted(may)) or 'none'}",
            status=400,
            rule="grant",
        )
    return tuple(sorted(wanted))


def claims_of(
    client: Client, party: Party, scopes: Iterable[str], now: datetime, jti: str
) -> dict[str, object]:
    """What the token says of its bearer; issuer and audience are added by who signs."""
    issued = int(now.timestamp())
    return {
        "sub": client.client_id,
        "party": party.code,
        "roles": list(party.roles),
        "scope": " ".join(scopes),
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "jti": jti,
    }
