"""Load: a seed's parcels are the same, in the same order."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import httpx
import pytest

from cli.up.link import Link
from services.declaration.submission import Submission
from tests.chaos.load import Load
from tests.chaos.parcels import Parcels

CHANCE = random.Random("7")


def drawn(seed: str) -> list[Submission]:
    parcels = Parcels(seed)
    return [made for _ in range(20) for made in _two(parcels)]


def _two(parcels: Parcels) -> list[Submission]:
    first = parcels.one(arrival="on_site")
    return [first, parcels.dearer(first)]


def told(made: list[Submission]) -> list[tuple[str, str, str]]:
    return [(each.order.order_no, each.order.buyer.id_number, each.waybill.waybill_no) for each in made]


def test_a_seed_gives_the_same_parcels_again_and_another_seed_other_buyers() -> None:
    assert told(drawn("7")) == told(drawn("7"))
    assert told(drawn("7")) != told(drawn("8"))


def test_an_amendment_keeps_order_buyer_and_waybill_and_changes_the_goods() -> None:
    parcels = Parcels("7")
    first = parcels.one(arrival="on_site")

    other = parcels.dearer(first)

    assert told([first]) == told([other])
    assert first.order.goods_value != other.order.goods_value


def answering(answers: Iterator[httpx.Response]) -> Link:
    """A window that gives a token, and then these answers."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_token = request.url.path == "/oauth/token"
        return httpx.Response(200, json={"access_token": "t"}) if is_token else next(answers)

    return Link("http://window", transport=httpx.MockTransport(answer))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.chaos.load.FIRST_PAUSE", 0.0)


async def test_500_is_a_surprise_though_the_next_try_succeeds() -> None:
    answers = [httpx.Response(503), httpx.Response(500), httpx.Response(202, json={"declaration_id": "d"})]
    load = Load(answering(iter(answers)), 7, 1.0)

    await load.file(Parcels("7").one(), "key", CHANCE)

    assert load.acknowledged == ["d"]
    assert [each.split(":")[0] for each in load.surprises] == ["/v1/declarations was answered 500"]


async def test_500_of_a_release_that_we_have_spoilt_is_none() -> None:
    told = httpx.Response(200, json={"items": [{"outcome": "arrived"}]})
    load = Load(answering(iter([httpx.Response(500), told])), 7, 1.0, {"logistics": math.inf})

    await load.arrive(Parcels("7").one(), CHANCE)

    assert load.surprises == []


@pytest.mark.parametrize(
    ("later", "surprise"),
    [
        (httpx.Response(200, json={"state": "ADMITTED"}), []),
        (httpx.Response(200, json={"state": "PENDING"}), ["was taken in, and never answered"]),
        (httpx.Response(404, json={}), ["was taken in, and is answered 404"]),
    ],
    ids=["answered", "never answered", "forgotten"],
)
async def test_a_request_that_was_taken_in_is_answered_in_the_end(
    later: httpx.Response, surprise: list[str]
) -> None:
    load = Load(answering(iter([httpx.Response(202, json={"request_id": "r"}), later])), 7, 1.0)
    await load.ask("d", "cancellation", CHANCE, {})

    await load.look_after_requests()

    assert [each.partition("/requests/r ")[2] for each in load.surprises] == surprise
