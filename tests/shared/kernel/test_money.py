"""Money: what is shared adds up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import CENT, apportion

amounts = st.decimals(min_value=0, max_value=10_000, places=5)


@given(total=amounts, weights=st.lists(amounts, min_size=1, max_size=9).filter(any))
def test_a_total_of_any_fineness_is_shared_whole(total: Decimal, weights: list[Decimal]) -> None:
    shares = apportion(total, weights)

    assert sum(shares) == total
    assert all(share >= 0 for share in shares)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)
    assert sum(share % CENT != 0 for share in shares) <= 1


def test_a_gift_beside_a_line_does_not_change_what_that_line_bears() -> None:
    assert apportion(Decimal("10.009"), [Decimal("99.94"), Decimal(0)]) == [Decimal("10.009"), Decimal(0)]
