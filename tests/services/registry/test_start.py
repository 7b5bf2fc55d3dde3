"""Start: who hears the key can know the first parties."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.registry.oauth import TokenDesk
from services.registry.start import start
from services.registry.throttle import Throttle
from shared.runtime.access import TokenVerifier
from shared.runtime.replica import Runtime
from shared.runtime.settings import Settings
from tests.support.memory_registry import MemoryCommands, MemoryRegister


async def test_the_key_is_published_when_the_first_parties_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, then = MemoryRegister(), []

    async def all_is_said(engine: Any) -> None:
        then.append((engine, set(register.known_parties), dict(register.known_keys)))

    monkeypatch.setattr("services.registry.start.until_all_is_said", all_is_said)
    runtime = SimpleNamespace(
        settings=Settings(service="registry", secrets_dir=tmp_path),
        engine="its own",
        commands=MemoryCommands(register),
        verifier=TokenVerifier(),
    )
    desk = TokenDesk(gateway_url="", key=None, throttle=Throttle())

    await start(desk, cast(Runtime, runtime))

    assert then == [("its own", set(register.known_parties), {})]
    assert desk.key is not None
    assert list(register.known_keys) == [desk.key.key_id]
