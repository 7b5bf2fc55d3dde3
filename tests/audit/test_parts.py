"""Parts: what a part of a line is held to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.refunds import part_of


@pytest.mark.parametrize(
    ("gone", "due"), [("0", "0.00"), ("50", "0.03"), ("95", "0.06"), ("99", "0.0676"), ("100", "0.0676")]
)
def test_a_part_is_held_to_no_more_than_a_value_finer_than_a_cent(gone: str, due: str) -> None:
    assert part_of(Decimal("0.0676"), Decimal(gone), Decimal(100)) == Decimal(due)
