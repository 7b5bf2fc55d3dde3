"""Run: against a window on a real socket."""

import asyncio

import pytest

from cli.credentials import Credentials
from cli.faults import Away, Fault
from cli.load.mix import read_mix
from cli.load.pace import pace_of
from cli.load.run import Campaign, Outcome
from cli.load.wire import Place
from cli.load.wish import Wish
from tests.cli.load.counter import Counter, counter_at_work

PLATFORM = Credentials(client_id="platform01", secret="-")


async def filed(
    counter: Counter,
    *,
    rate: str = "200",
    mix: str = "green=1",
    batch: int = 1,
    retries: bool = False,
    deposit: str = "",
) -> Outcome:
    """What becomes of half a second of filings."""
    wish = Wish(
        place=Place.of(counter.address),
        pace=pace_of(rate, (), 0.5),
        mix=read_mix(mix),
        batch=batch,
        connections=8,
        clients=[PLATFORM],
        watcher=PLATFORM,
        quiet=0.1,
        patience=0.2,
        retries=retries,
        deposit=deposit,
    )
    async with asyncio.timeout(20):
        return await Campaign(wish, lambda _point: None).run()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing moves here but what the test moves."""
    monkeypatch.setattr("cli.load.run.QUIET", 0.01)


async def test_what_was_filed_is_accounted_for() -> None:
    async with counter_at_work() as counter:
        outcome = await filed(counter)

    assert outcome.account.line.startswith("100 filed = 100 permits")
    assert outcome.account.is_ok
    assert outcome.ledger.acknowledged.get_total_count() == 100


async def test_a_deposit_that_meets_a_busy_window_is_made_again() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "busy_deposits", 2)) as counter:
        outcome = await filed(counter, deposit="1000.00")

    assert outcome.account.is_ok
    assert counter.busy_deposits < 0


async def test_a_window_that_takes_no_deposit_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.load.run.DEPOSIT_TRIES", 2)
    async with counter_at_work(lambda counter: setattr(counter, "busy_deposits", 100)) as counter:
        with pytest.raises(Away, match="answered 502"):
            await filed(counter, deposit="1000.00")


async def test_a_declaration_that_the_window_forgot_is_found_missing() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "is_forgetful", True)) as counter:
        outcome = await filed(counter)

    assert not outcome.account.is_ok
    assert outcome.account.faults == ["taken in but not listed: 0"]


async def test_a_client_that_is_barred_later_has_its_filings_refused_and_the_run_goes_on() -> None:
    async with counter_at_work() as counter:
        run = asyncio.create_task(filed(counter))
        while not counter.declared:
            await asyncio.sleep(0)
        counter.bars = True
        outcome = await run

    assert outcome.account.is_ok
    assert outcome.account.door == outcome.ledger.codes["E-SEC-SCOPE"] > 0


async def test_a_stall_is_paid_by_all_that_were_due_meanwhile_not_only_by_those_on_their_way() -> None:
    async with counter_at_work(lambda counter: counter.gate.clear()) as counter:
        run = asyncio.create_task(filed(counter))
        while not counter.requests or not counter.requests[-1].startswith("GET /v1/clearance"):
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.45, counter.gate.set)
        outcome = await run

    latency = outcome.ledger.acknowledged
    assert outcome.account.is_ok
    assert latency.get_total_count() == 100
    assert latency.get_value_at_percentile(50) > 100_000, (
        "half of them were due a tenth of a second or more before"
    )
    assert counter.connections <= 16, "nothing is sent by more connections than were asked for"


async def test_where_no_tally_is_shown_the_list_tells_all_the_same() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "shows_tally", False)) as counter:
        outcome = await filed(counter)

    assert outcome.account.is_ok
    assert outcome.permitted_s is None
    assert {point.permits for point in outcome.points} <= {None}


async def test_a_window_that_does_not_show_its_list_is_a_fault_not_an_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cli.load.wire.PAUSE", 0.001)
    async with counter_at_work(lambda counter: setattr(counter, "is_away", True)) as counter:
        with pytest.raises(Away):
            await filed(counter)


async def test_a_list_that_may_not_be_read_is_a_fault_with_what_to_do() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "is_closed", True)) as counter:
        with pytest.raises(Fault, match="platform01 may not read its declarations"):
            await filed(counter)


async def test_a_mix_meets_the_door_as_it_is_meant() -> None:
    async with counter_at_work() as counter:
        outcome = await filed(counter, rate="400", mix="green=60,refused=20,duplicate=20")

    totals = outcome.ledger.totals
    assert outcome.account.is_ok
    assert (totals.sent, totals.accepted + totals.refused) == (200, 200)
    assert outcome.ledger.codes["E-MATCH-DIFF"] == totals.refused > 0
    assert totals.repeats > 0
    assert outcome.account.filed == totals.sent - totals.repeats


async def test_a_batch_is_answered_line_by_line() -> None:
    async with counter_at_work() as counter:
        outcome = await filed(counter, rate="400", batch=25, mix="green=80,refused=20")

    assert outcome.account.is_ok
    assert counter.requests.count("POST /v1/declarations/batch") == 0
    assert outcome.ledger.totals.sent == 200


async def test_busy_answers_are_counted_and_not_filed() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "busy", 30)) as counter:
        outcome = await filed(counter)

    assert outcome.account.is_ok
    assert (outcome.ledger.totals.busy, outcome.account.turned_away, outcome.account.filed) == (30, 30, 70)


async def test_with_retry_what_was_busy_is_filed_in_the_end() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "busy", 30)) as counter:
        outcome = await filed(counter, retries=True)

    assert outcome.account.is_ok
    assert (outcome.ledger.totals.busy, outcome.account.filed) == (30, 100)


async def test_a_broken_connection_is_opened_again_and_its_filing_looked_up() -> None:
    async with counter_at_work(lambda counter: setattr(counter, "broken", 20)) as counter:
        outcome = await filed(counter)

    assert outcome.account.is_ok
    assert outcome.ledger.totals.failed == 20, "more than there are connections"
    assert outcome.account.filed == 80
