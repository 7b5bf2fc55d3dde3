"""Traders: sellers who file and change their minds, a carrier, a bank."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from services.declaration import petitions
from services.declaration.intake import Receipt
from services.declaration.petitions import RequestAmendment, RequestCancellation
from services.declaration.requests import Kind, Wanted
from services.logistics.domain import ReportArrival
from services.logistics.handlers import on_arrivals_reported
from services.tax.books.guarantee import Deposit, MakeDeposit
from services.tax.handlers import on_deposits_made
from shared.kernel.ids import DeclarationId
from shared.kernel.refusal import Refusal
from tests.simulation.clients import Client
from tests.simulation.filings import GUARANTORS, Wish, draw_wish, filing_of, fresh_id
from tests.simulation.rooms import CARRIER

if TYPE_CHECKING:
    from tests.simulation.replica import Replica
    from tests.simulation.world import World


class Seller(Client):
    """Files one order; then changes its mind now and then."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world)
        self.number = number
        self.wishes = self.random.choice((0, 0, 1, 1, 2, 3))

    async def live(self) -> None:
        """Until it wants nothing more."""
        wish = draw_wish(self.random, self.number)
        current = await self.file(wish)
        while self.wishes and current:
            self.wishes -= 1
            await self.rest()
            await self._change(current, wish)
            if self.random.random() < 0.3:
                again = replace(draw_wish(self.random, self.number), again=wish.again + 1)
                current = await self.file(again) or current
                wish = again

    async def file(self, wish: Wish) -> DeclarationId | None:
        """File, with the same keys until it is answered; each try gets an id of its own at the door."""
        key = f"idem|agent|{wish.number}-{wish.again}"

        async def act(replica: Replica) -> Any:
            filing = filing_of(wish, fresh_id(self.random, self.number), key=key)
            return (await replica.file([filing]))[0]

        while isinstance(answer := await self.ask("declaration", act), Refusal):
            self.world.hazards.note("refused", "declaration", answer.code, answer.detail)
            if answer.status != 503:
                return None
            await self.rest()
        receipt: Receipt = answer
        self.world.acknowledged[key] = receipt.declaration_id
        self.world.hazards.note("filed", receipt.declaration_id, wish)
        return DeclarationId(receipt.declaration_id)

    async def _change(self, declaration_id: DeclarationId, first: Wish) -> None:
        kind: Kind = self.random.choice(("amendment", "amendment", "cancellation"))
        wanted = Wanted(
            request_id=fresh_id(self.random, 900 + self.number),
            kind=kind,
            based_on_version=self.random.choice((1, 1, 2, 3)),
            party="AGENT00001",
            reason="changed its mind",
        )
        handler: Any = petitions.on_cancellations_requested
        command: Any = RequestCancellation(declaration_id=declaration_id, wanted=wanted)
        if kind == "amendment":
            wish = replace(draw_wish(self.random, first.number), again=first.again)
            filing = filing_of(wish, declaration_id)
            handler = petitions.on_amendments_requested
            command = RequestAmendment(declaration_id=declaration_id, filing=filing, wanted=wanted)
        if await self.try_once("declaration", lambda replica: replica.commands.run(handler, command)):
            self.world.requested[wanted.request_id] = declaration_id


class Carrier(Client):
    """Reports parcels on site, booked or not."""

    async def live(self) -> None:
        """Each of them once, some before their filing is heard of; again where nobody held the number."""
        for number in range(1, self.world.count + 1):
            await asyncio.sleep(self.random.choice((0.01, 0.3, 2.0)))
            await self._report(f"WAYBILL-{number}")

    async def _report(self, waybill_no: str) -> None:
        for _ in range(3):
            waybill = self.world.databases["logistics"].tables["waybills"].get((CARRIER, waybill_no))
            order = ReportArrival(
                declaration_id=waybill.declaration_id if waybill else None,
                carrier=CARRIER,
                waybill_no=waybill_no,
                arrived_at=self.world.databases["logistics"].clock() - timedelta(minutes=20),
                site="PVG-T2",
                packages=self.random.choice((1, 1, 2)),
                gross_weight=Decimal("1.2"),
            )
            if await self.try_once("logistics", lambda r: r.commands.run(on_arrivals_reported, order)):  # noqa: B023
                return
            await self.rest()


class Bank(Client):
    """Pays in for the guarantors, in parts; each reference until it is answered."""

    def __init__(self, world: World, parts: list[str]) -> None:
        super().__init__(world)
        self.parts = parts

    async def live(self) -> None:
        """One after the other."""
        for number, amount in enumerate(self.parts):
            party = self.random.choice(GUARANTORS)
            deposit = Deposit(party=party, amount=Decimal(amount), reference=f"BANK-{number}", made_by="bank")
            order = MakeDeposit(deposit=deposit)
            await self.ask("tax", lambda replica: replica.commands.run(on_deposits_made, order))  # noqa: B023
            await asyncio.sleep(self.random.choice((0.05, 1.0, 4.0)))
