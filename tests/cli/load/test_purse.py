"""Purse: a token that runs out is replaced before it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cli.credentials import Credentials
from cli.faults import FORBIDDEN, Fault
from cli.load.plan import Job
from cli.load.purse import Purse
from cli.load.sender import Heads
from cli.load.wire import Place, Wire
from tests.cli.load.counter import Counter, counter_at_work
from tests.cli.load.test_plan import the_plan

CLIENTS = [Credentials(client_id="platform01", secret="-"), Credentials(client_id="seller0001", secret="-")]


@asynccontextmanager
async def purse_of(counter: Counter) -> AsyncIterator[tuple[Purse, Wire]]:
    """A purse of two clients, not filled yet."""
    wire = Wire(Place.of(counter.address), 1)
    await wire.open()
    try:
        yield Purse(wire, CLIENTS), wire
    finally:
        wire.close()


async def test_every_client_has_a_token_and_its_party_is_known() -> None:
    async with counter_at_work() as counter, purse_of(counter) as (purse, _):
        await purse.fill()

        assert purse.party("platform01") == "PLATFORM01"
        assert purse.authorization("platform01") != purse.authorization("seller0001")


async def test_tokens_are_renewed_and_later_requests_carry_the_fresh_one() -> None:
    async with (
        counter_at_work(lambda counter: setattr(counter, "lifetime", 0)) as counter,
        purse_of(counter) as (purse, wire),
    ):
        await purse.fill()
        heads, job = Heads(wire, purse, the_plan()), Job(0.0, range(1))
        first = heads.of(job)

        renewing = asyncio.create_task(purse.keep_fresh())
        async with asyncio.timeout(10):
            while purse.turn < 2:
                await asyncio.sleep(0)
        renewing.cancel()

        assert heads.of(job) != first
        assert purse.authorization("platform01").encode() in heads.of(job)


async def test_a_client_that_is_not_let_in_is_a_fault_with_its_name() -> None:
    async with counter_at_work() as counter, purse_of(counter) as (purse, _):
        counter.lets_in = False

        with pytest.raises(Fault, match="no token for platform01: status 401") as fault:
            await purse.fill()

    assert fault.value.code == FORBIDDEN
