"""Doorman: every filing that the door refused is counted, by whatever way it came."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from services.declaration.doorman import Doorman
from shared.kernel.refusal import Refusal
from tests.services.declaration.calls import a_filing, as_, post


async def refused(app: FastAPI, client: httpx.AsyncClient) -> int:
    await app.state.desk.doorman.keep()
    return int((await client.get("/internal/door")).json()["refused"])


async def test_refused_filings_are_counted_and_accepted_ones_are_not(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    good, bad = a_filing(), a_filing(2, order__currency="USD")
    lines = b"\n".join([msgspec.json.encode(bad), msgspec.json.encode(a_filing(3)), b"{"])

    alone = [(await post(client, filing)).status_code for filing in (good, bad)]
    conflict = (await post(client, a_filing(1, waybill__gross_weight=9, list__gross_weight=9))).status_code
    batch = await client.post("/v1/declarations/batch", content=lines, headers=as_())

    statuses = [msgspec.json.decode(line)["status"] for line in batch.content.splitlines()]
    refusals = [status for status in (*alone, conflict, *statuses) if status != 202]
    assert alone == [202, 422]
    assert statuses[1] == 202
    assert await refused(app, client) == len(refusals) == 4


async def test_the_count_is_kept_at_the_end(app: FastAPI, client: httpx.AsyncClient) -> None:
    await post(client, a_filing(2, order__currency="USD"))

    await app.state.desk.doorman.end()

    assert (await client.get("/internal/door")).json() == {"refused": 1}


@pytest.mark.parametrize(("status", "counts"), [(400, 1), (409, 1), (422, 1), (429, 0), (500, 0), (503, 0)])
async def test_busy_and_away_are_no_refusal(app: FastAPI, status: int, counts: int) -> None:
    doorman = Doorman()

    with pytest.raises(Refusal), doorman.watching():
        raise Refusal("E-X", "no", status=status)

    assert doorman.fresh == counts
