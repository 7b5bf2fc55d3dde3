"""Tax under the runtime: repeats, outcomes before filings, poison beside good messages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.handlers import SUBSCRIPTIONS
from services.tax.store import SqlTaxLedger
from shared.contracts import codec
from shared.contracts.tax import TaxAssessed
from shared.kernel.money import ZERO
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.cases import GUARANTOR, a_cancellation, a_filing, a_line, a_permit, an_id, at, yuan
from tests.services.tax.desks import SqlDesk, free, pay
from tests.support.builders import a_declaration_submitted
from tests.support.toy import a_message

QUOTA = (a_declaration_submitted().buyer, 2025)


@pytest.fixture
async def work(tax_engine: AsyncEngine) -> UnitOfWork:
    await pay(SqlDesk(tax_engine), "100.00")
    return UnitOfWork(service="tax", engine=tax_engine, store=SqlTaxLedger, subscriptions=SUBSCRIPTIONS)


async def types_said(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        found = await connection.execute(sa.text("select type from facts order by subject_id, seq"))
        return list(found.scalars())


async def test_a_repeat_moves_nothing_and_says_the_same_fact_again(work: UnitOfWork) -> None:
    desk = SqlDesk(work.engine)
    wave = [a_message(a_filing(a_line("100.00")))]

    first = await work.run(wave)
    again = await work.run(wave)

    assert [fact.body for fact, _ in first] == [fact.body for fact, _ in again]
    assert await desk.quota(QUOTA) == (yuan("100.00"), ZERO)
    assert await free(desk) == yuan("90.90")


async def test_a_filing_heard_after_its_cancellation_reserves_nothing(work: UnitOfWork) -> None:
    desk = SqlDesk(work.engine)

    await work.run([a_message(a_cancellation())])
    await work.run([a_message(a_filing(a_line("100.00")))])

    assert await desk.kept(1) == []
    assert await free(desk) == yuan("100.00")
    assert await types_said(work.engine) == []


async def test_an_amended_filing_goes_to_its_permit_with_the_balances_moved_once(work: UnitOfWork) -> None:
    desk = SqlDesk(work.engine)
    await work.run([a_message(a_filing(a_line("100.00")))])
    await work.run([a_message(a_filing(a_line("200.00"), version=2), seq=2)])

    await work.run([a_message(a_permit(version=2))])

    assert await types_said(work.engine) == ["tax.assessed.v1", "tax.assessed.v1", "tax.committed.v1"]
    assert await desk.quota(QUOTA) == (ZERO, yuan("200.00"))
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.reserved, account.due) == (ZERO, yuan("18.20"))


async def test_a_filing_of_a_day_without_law_is_refused_with_its_reason_and_nothing_is_parked(
    work: UnitOfWork,
) -> None:
    lawless = a_filing(a_line("1.00"), number=2, filed_at=at("2016-04-07T15:59:59+00:00"))
    wave = [a_message(a_filing(a_line("1.00"), number=number)) for number in (1, 3)]

    said = await work.run([wave[0], a_message(lawless), wave[1]])

    events = [codec.decode(fact.type, fact.body) for fact, _ in said]
    told = {event.declaration_id: event for event in events if isinstance(event, TaxAssessed)}
    refused = told[an_id(2)]
    assert (refused.gate.status, refused.gate.code, refused.rule_set) == ("REFUSED", "E-LAW-NONE", "none")
    assert "no rule set of retail import is in force" in refused.gate.reason
    assert len(told) == 3
    async with work.engine.connect() as connection:
        assert (await connection.execute(sa.text("select count(*) from waiting"))).scalar_one() == 0


async def test_a_permit_for_what_was_never_secured_is_parked_alone(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(a_line("1.00"), number=number)) for number in (1, 3)])

    said = await work.run(
        [a_message(a_permit(1), seq=1), a_message(a_permit(2), seq=1), a_message(a_permit(3), seq=1)]
    )

    assert len(said) == 2
    async with work.engine.connect() as connection:
        parked = (await connection.execute(sa.text("select state, error_class from waiting"))).all()
    assert [tuple(row) for row in parked] == [("parked", "NotSecured")]
