"""Tokens: what they may be, and how long they are good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts.registry import ClientRevoked, PartyRegistered, SigningKeyPublished
from shared.kernel.refusal import Refusal
from shared.runtime.access import AUDIENCE, MAX_TOKEN, Caller, TokenVerifier
from tests.support.tokens import (
    KEY,
    NOW,
    OTHER_KEY,
    a_token,
    a_verifier,
    hand_made,
    public_text,
    some_claims,
    without,
)


def test_a_good_token_names_its_caller() -> None:
    caller = a_verifier().verify(a_token(), NOW)

    assert caller == Caller(
        party="SELLER0001",
        client_id="seller0001",
        roles=frozenset({"seller"}),
        scopes=frozenset({"declarations:read", "declarations:write"}),
    )


BAD_TOKENS = {
    "nothing": "",
    "no jwt": "abc",
    "three empty parts": "..",
    "no json": "YWJj.YWJj.YWJj",
    "not ascii": "é.é.é",
    "too long": a_token(jti="x" * MAX_TOKEN),
    "alg none": hand_made({"alg": "none", "kid": "k1"}, some_claims()),
    "alg none in capitals": hand_made({"alg": "NONE", "kid": "k1"}, some_claims()),
    "no alg": hand_made({"kid": "k1"}, some_claims()),
    "the public key as an HS256 secret": a_token(public_text(KEY), "HS256"),
    "alg is a list": hand_made({"alg": ["EdDSA"], "kid": "k1"}, some_claims()),
    "critical extension": a_token(headers={"crit": ["b64"], "b64": True}),
    "unknown kid": a_token(headers={"kid": "k2"}),
    "kid is a path": a_token(headers={"kid": "../../dev/null"}),
    "kid is a number": hand_made({"alg": "EdDSA", "kid": 1}, some_claims()),
    "no kid": hand_made({"alg": "EdDSA"}, some_claims()),
    "signed by another key": a_token(OTHER_KEY),
    "signature cut off": a_token().rpartition(".")[0] + ".",
    "claims changed": ".".join(
        [a_token().split(".")[0], a_token(party="SELLER0002").split(".")[1], a_token().split(".")[2]]
    ),
    "claims are a list": hand_made({"alg": "EdDSA", "kid": "k1"}, [1], b"0" * 64),
    "wrong audience": a_token(aud="elsewhere"),
    "list of audiences": a_token(aud=[AUDIENCE, "elsewhere"]),
    "wrong issuer": a_token(iss="urn:elsewhere"),
    "expired": a_token(exp=int(NOW.timestamp())),
    "not valid yet": a_token(nbf=int(NOW.timestamp()) + 120),
    "issued in the future": a_token(iat=int(NOW.timestamp()) + 120),
    "exp is a text": a_token(exp="tomorrow"),
    "exp is boundless": a_token(exp=10**30),
    "iat is negative without bound": a_token(iat=-(10**18)),
    **{f"without {name}": without(name) for name in ("iss", "aud", "iat", "nbf", "exp", "sub")},
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_refused_with_401_and_a_reason(token: str) -> None:
    with pytest.raises(Refusal) as refused:
        a_verifier().verify(token, NOW)

    assert (refused.value.code, refused.value.status) == ("E-SEC-TOKEN", 401)
    assert refused.value.detail
    assert refused.value.headers["WWW-Authenticate"].startswith('Bearer realm="single-window"')


def test_a_remembered_token_expires_all_the_same() -> None:
    verifier = a_verifier()
    token = a_token()
    verifier.verify(token, NOW + timedelta(minutes=59))

    with pytest.raises(Refusal, match="expired"):
        verifier.verify(token, NOW + timedelta(hours=1))


def test_a_remembered_token_is_void_once_its_client_is_revoked() -> None:
    verifier = a_verifier()
    verifier.verify(a_token(), NOW)

    verifier.apply(ClientRevoked(code="seller0001", revoked_at=NOW + timedelta(minutes=1)))

    with pytest.raises(Refusal, match="revoked"):
        verifier.verify(a_token(), NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    "issued", [-300, 0, 20], ids=["before", "at the moment", "after, by a clock that is ahead"]
)
def test_revocation_voids_every_token_of_its_client_and_nobody_elses(issued: int) -> None:
    verifier = a_verifier()
    verifier.apply(ClientRevoked(code="seller0001", revoked_at=NOW))

    assert verifier.verify(a_token(sub="another"), NOW).client_id == "another"
    with pytest.raises(Refusal, match="revoked"):
        verifier.verify(a_token(iat=int(NOW.timestamp()) + issued), NOW)


def test_keys_come_as_facts_and_other_facts_change_nothing() -> None:
    verifier = TokenVerifier()
    verifier.apply(PartyRegistered(code="SELLER0001", name="Teacup", roles=("seller",)))
    assert not verifier.is_told

    verifier.apply(SigningKeyPublished(code="k1", public_key=public_text(KEY)))

    assert verifier.verify(a_token(), NOW).party == "SELLER0001"


def test_no_token_is_bad_because_a_replica_has_just_started() -> None:
    fresh, behind = TokenVerifier(), a_verifier()
    behind.is_behind = True

    for verifier in (fresh, behind):
        with pytest.raises(Refusal) as refused:
            verifier.verify(a_token(), NOW)
        assert (refused.value.code, refused.value.status) == ("E-SYS", 503)

    behind.is_behind = False
    assert behind.verify(a_token(), NOW).party == "SELLER0001"


def test_a_key_id_never_changes_its_key() -> None:
    verifier = a_verifier()

    verifier.add_key("k1", public_text(OTHER_KEY))

    assert verifier.verify(a_token(), NOW)


def test_memory_of_tokens_is_bounded_and_keeps_what_is_used() -> None:
    verifier = a_verifier(capacity=2)
    tokens = [a_token(jti=str(n)) for n in range(3)]

    for n in (0, 1, 0, 2, 0):
        verifier.verify(tokens[n], NOW)

    assert len(verifier._checked) == 2


@pytest.mark.parametrize(
    ("scopes", "roles", "party", "reads"),
    [
        (["declarations:read"], ["seller"], "SELLER0001", True),
        (["declarations:read"], ["seller"], "SELLER0002", False),
        (["reviews:tax"], [], "TAXOFFICE1", True),
        (["declarations:read"], ["officer"], "OBSERVER01", True),
    ],
)
def test_a_party_reads_its_own_and_officers_read_all(
    scopes: list[str], roles: list[str], party: str, reads: bool
) -> None:
    caller = Caller(party=party, client_id="c", roles=frozenset(roles), scopes=frozenset(scopes))

    assert caller.may_read(("SELLER0001", "AGENT00001")) is reads


def test_an_officer_decides_for_its_agency_only() -> None:
    officer = Caller(party="TAXOFFICE1", client_id="c", scopes=frozenset({"reviews:tax"}))

    assert officer.is_officer_of("tax")
    assert not officer.is_officer_of("customs")
    assert officer.may("declarations:read")
    assert not officer.may("declarations:write")
