"""Desk: ready means that a filing can be taken in."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from services.declaration.desk import Desk
from services.declaration.store import SqlDeclarations
from services.declaration.tables import parties
from shared.contracts.registry import PartyRegistered
from shared.kernel.refusal import Refusal
from tests.services.declaration.calls import a_filing, post
from tests.support.builders import NOW


async def test_a_desk_of_the_sandbox_opens_when_its_parties_are_heard(app: FastAPI) -> None:
    runtime, desk = app.state.runtime, Desk()
    async with runtime.engine.begin() as connection:
        await connection.execute(sa.delete(parties))

    with pytest.raises(Refusal, match="not heard yet"):
        await desk.open(runtime)
    with pytest.raises(Refusal, match="starting"):
        _ = desk.intake
    async with runtime.engine.begin() as connection:
        seller = PartyRegistered(code="SELLER0001", name="Seller", roles=("seller",))
        await SqlDeclarations(connection).save_parties([seller], NOW)
    await desk.open(runtime)

    assert desk.intake
    await desk.close(runtime)


async def test_a_desk_opens_when_all_is_heard_that_registry_had_said(app: FastAPI) -> None:
    runtime, desk = app.state.runtime, Desk()
    runtime.has_heard_registry.is_so = False

    with pytest.raises(Refusal, match="not heard yet"):
        await desk.open(runtime)
    runtime.has_heard_registry.is_so = True
    await desk.open(runtime)

    assert desk.intake
    await desk.close(runtime)


async def test_elsewhere_it_opens_before_anybody_is_registered(app: FastAPI) -> None:
    runtime, desk = app.state.runtime, Desk()
    async with runtime.engine.begin() as connection:
        await connection.execute(sa.delete(parties))
    runtime.settings = SimpleNamespace(**{**vars(runtime.settings), "sandbox": False})

    await desk.open(runtime)

    assert desk.intake
    await desk.close(runtime)


async def test_beside_what_was_filed_a_key_of_buyers_that_is_missing_is_not_made_anew(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    runtime, desk = app.state.runtime, Desk()
    key = runtime.settings.secrets_dir / "buyer-token-key"
    await post(client, a_filing())
    put_aside = key.rename(key.with_suffix(".aside"))

    with pytest.raises(FileNotFoundError, match="buyer-token-key is missing beside what was filed"):
        await desk.open(runtime)

    assert not key.exists()
    put_aside.rename(key)
    await desk.open(runtime)
    assert desk.secret == app.state.desk.secret
    await desk.close(runtime)
