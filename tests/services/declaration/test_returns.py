"""Returns at the door: taken, refused with their place, answered; the same on the fake and on real tables."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.declaration import handlers, returns
from services.declaration.requests import MOST_REQUESTS
from services.declaration.returns import RequestReturn
from shared.contracts.clearance import (
    PermitIssued,
    PermitRevoked,
)
from shared.contracts.declaration import ReturnRequested
from shared.kernel.goods import ReturnedLine, ReturnedPart
from shared.kernel.refusal import Refusal
from tests.services.declaration.filings import CANCELLED, ONE, REQUEST, Store, a_filing, about, filed, wanted
from tests.support.builders import NOW, a_declaration_id

PERMIT = about(
    PermitIssued,
    permit_no="SW1",
    filed_at=NOW,
    issued_at=NOW,
    valid_until=NOW,
    covers_sha256="0" * 64,
    key_id="key",
)
ONE_OF_TWO = (ReturnedLine(line_no=1, quantity=Decimal(1)),)
PARTS = (ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2)),)


async def released(store: Store) -> None:
    await filed(store, a_filing())
    await handlers.on_permits_issued([PERMIT], store, NOW)


async def ask(store: Store, lines: tuple[ReturnedLine, ...] = ONE_OF_TWO, **changes: Any) -> list[Any]:
    wish = wanted("return", based_on_version=0, lines=lines, **changes)
    return await returns.on_returns_requested([RequestReturn(declaration_id=ONE, wanted=wish)], store, NOW)


async def refused(store: Store, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await ask(store, **changes)
    return caught.value


async def test_a_return_is_asked_of_the_released_version(store: Store) -> None:
    await released(store)

    (said,) = await ask(store)

    assert isinstance(said, ReturnRequested)
    assert (said.version, said.request_id, said.lines) == (1, REQUEST, ONE_OF_TWO)
    assert said.requested_at == NOW


async def test_several_returns_may_be_asked_for_before_one_is_answered(store: Store) -> None:
    await released(store)
    await ask(store)

    assert len(await ask(store, request_id="019732f0-2a80-7000-8000-0000000000aa")) == 1


async def test_so_many_returns_are_asked_for_as_a_timeline_can_tell_and_no_more(store: Store) -> None:
    await released(store)
    for number in range(MOST_REQUESTS):
        await ask(store, request_id=a_declaration_id(1000 + number))

    assert (await refused(store)).code == "E-LIMIT-REQUESTS"


@pytest.mark.parametrize("party", ["SELLER0002", "CARRIER001", "PAYMENT001"])
async def test_only_who_trades_or_files_may_return(store: Store, party: str) -> None:
    await released(store)

    assert (await refused(store, party=party)).status == 404


@pytest.mark.parametrize("party", ["AGENT00001", "SELLER0001", "PLATFORM01"])
async def test_declarant_seller_and_platform_may(store: Store, party: str) -> None:
    await released(store)

    assert await ask(store, party=party)


async def test_nothing_goes_back_before_its_release_nor_after_another_end(store: Store) -> None:
    await filed(store, a_filing())
    assert (await refused(store)).code == "E-STATE"

    await handlers.on_declarations_cancelled([CANCELLED], store, NOW)

    assert (await refused(store)).code == "E-STATE"


async def test_nothing_goes_back_under_a_revoked_permit(store: Store) -> None:
    await released(store)
    revoked = about(PermitRevoked, permit_no="SW1", officer="o", reason="in error")
    await handlers.on_permits_revoked([revoked], store, NOW + timedelta(seconds=1))

    assert "REVOKED" in (await refused(store)).detail


@pytest.mark.parametrize(
    ("quantity", "line_no", "code", "pointer"),
    [
        ("3", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("0", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("1", 9, "E-RETURN-LINE", "/lines/0/line_no"),
    ],
)
async def test_lines_are_as_declared_and_every_fault_is_told(
    store: Store, quantity: str, line_no: int, code: str, pointer: str
) -> None:
    await released(store)
    lines = (
        ReturnedLine(line_no=line_no, quantity=Decimal(quantity)),
        ReturnedLine(line_no=50, quantity=NOTHING),
    )

    refusal = await refused(store, lines=lines)

    assert (refusal.status, refusal.code) == (422, code)
    assert refusal.faults[0].pointer == pointer
    assert [fault.pointer for fault in refusal.faults[1:]] == ["/lines/1/line_no"]


NOTHING = Decimal(0)
