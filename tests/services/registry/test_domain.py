"""Registry's rules: who may have which scopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.registry.domain import (
    SCOPES,
    SCOPES_OF,
    Client,
    Party,
    RegisterClient,
    Role,
    admit,
    authenticate,
    claims_of,
    grant,
    hash_of,
    scopes_of,
)
from shared.kernel.refusal import Refusal
from shared.runtime.scopes import DOES

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SELLER = Party(code="SELLER0001", name="Teacup and Lantern", roles=("seller",))
CLIENT = Client(
    client_id="seller0001",
    party="SELLER0001",
    secret_hash=hash_of("secret"),
    scopes=("declarations:read", "declarations:write"),
)


@pytest.mark.parametrize(
    ("role", "scope", "may"),
    [
        ("seller", "declarations:write", True),
        ("platform", "declarations:write", True),
        ("agent", "declarations:write", True),
        ("carrier", "declarations:write", False),
        ("payment_firm", "declarations:write", False),
        ("officer", "declarations:write", False),
        ("carrier", "arrivals:write", True),
        ("seller", "arrivals:write", False),
        ("seller", "accounts:write", False),
        ("officer", "reviews:tax", True),
        ("seller", "reviews:tax", False),
        ("agent", "operations", False),
        ("platform", "registry:write", False),
    ],
)
def test_a_role_allows_some_scopes(role: Role, scope: str, may: bool) -> None:
    assert (scope in scopes_of(replace(SELLER, roles=(role,)))) is may


def test_every_scope_that_a_role_may_have_says_what_it_is_for() -> None:
    assert DOES.keys() == SCOPES


def test_two_roles_allow_what_either_allows() -> None:
    both = scopes_of(replace(SELLER, roles=("seller", "carrier")))

    assert both == SCOPES_OF["seller"] | SCOPES_OF["carrier"]


def test_a_party_that_is_not_active_may_nothing() -> None:
    assert scopes_of(replace(SELLER, active=False)) == frozenset()


def test_a_client_is_admitted_with_scopes_of_its_partys_roles() -> None:
    assert admit(RegisterClient(client=CLIENT), None, SELLER) == CLIENT


@pytest.mark.parametrize(
    ("party", "code"),
    [
        (None, "E-REG-PARTY"),
        (replace(SELLER, active=False), "E-REG-PARTY"),
        (replace(SELLER, roles=("carrier",)), "E-REG-SCOPES"),
        (replace(SELLER, roles=()), "E-REG-SCOPES"),
    ],
)
def test_a_client_beyond_its_party_is_refused(party: Party | None, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        admit(RegisterClient(client=CLIENT), None, party)

    assert refused.value.code == code


def test_a_client_id_is_never_given_twice() -> None:
    with pytest.raises(Refusal, match="E-REG-CLIENT"):
        admit(RegisterClient(client=CLIENT), CLIENT, SELLER)


def test_the_sandbox_may_replace_its_clients_but_not_bring_back_a_revoked_one() -> None:
    changed = replace(CLIENT, scopes=("declarations:read",))
    order = RegisterClient(client=changed, replace=True)

    assert admit(order, CLIENT, SELLER) == changed
    assert admit(order, changed, SELLER) is None
    with pytest.raises(Refusal, match="stays so"):
        admit(order, replace(CLIENT, revoked_at=NOW), SELLER)


def test_the_right_secret_authenticates() -> None:
    assert authenticate(CLIENT, "secret") is CLIENT


@pytest.mark.parametrize(
    ("client", "secret"),
    [(CLIENT, "Secret"), (CLIENT, ""), (None, "secret"), (replace(CLIENT, revoked_at=NOW), "secret")],
)
def test_whatever_is_wrong_the_answer_is_the_same(client: Client | None, secret: str) -> None:
    with pytest.raises(Refusal) as refused:
        authenticate(client, secret)

    assert (refused.value.code, refused.value.status) == ("invalid_client", 401)
    assert refused.value.detail == "unknown client, wrong secret, or revoked"


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", ("declarations:read", "declarations:write")),
        ("declarations:read", ("declarations:read",)),
        (" declarations:write  declarations:read ", ("declarations:read", "declarations:write")),
    ],
)
def test_a_token_has_the_scopes_asked_for_or_all(asked: str, granted: tuple[str, ...]) -> None:
    assert grant(CLIENT, SELLER, asked) == granted


@pytest.mark.parametrize(
    ("party", "asked"),
    [
        (SELLER, "operations"),
        (SELLER, "declarations:read operations"),
        (replace(SELLER, roles=("carrier",)), "declarations:write"),
        (replace(SELLER, active=False), ""),
        (replace(SELLER, roles=()), ""),
    ],
)
def test_no_token_has_more_than_client_and_roles_allow_now(party: Party, asked: str) -> None:
    with pytest.raises(Refusal, match="invalid_scope"):
        grant(CLIENT, party, asked)


def test_a_token_says_who_for_whom_and_how_long() -> None:
    claims = claims_of(CLIENT, SELLER, ("declarations:read",), NOW, "jti-1")

    at = int(NOW.timestamp())
    assert claims == {
        "sub": "seller0001",
        "party": "SELLER0001",
        "roles": ["seller"],
        "scope": "declarations:read",
        "iat": at,
        "nbf": at,
        "exp": at + 3600,
        "jti": "jti-1",
    }
