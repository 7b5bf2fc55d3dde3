"""Load: a seed's parcels are the same, in the same order."""

from __future__ import annotations

from services.declaration.submission import Submission
from tests.chaos.parcels import Parcels


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
