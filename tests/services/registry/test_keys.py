"""The signing key: made once, read ever after."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt

from services.registry.keys import jwk_of, open_key


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"

    first, again = open_key(path), open_key(path)

    assert first.key_id == again.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_replicas_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: open_key(tmp_path / "key").key_id, range(16)))

    assert len(set(keys)) == 1


def test_a_token_can_be_checked_with_the_published_key(tmp_path: Path) -> None:
    key = open_key(tmp_path / "key")

    token = key.sign({"sub": "seller0001"})

    published = jwt.PyJWK(jwk_of(key.key_id, key.public_key))
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": key.key_id}
    assert jwt.decode(token, published, algorithms=["EdDSA"]) == {"sub": "seller0001"}
