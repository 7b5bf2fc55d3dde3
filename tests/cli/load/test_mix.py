"""Mix: shares by kind, drawn from the seed."""

from collections import Counter

import pytest

from cli.load.mix import STANDARD, BadMix, Kinds, read_mix


def test_shares_are_kept_in_the_long_run() -> None:
    kinds = Kinds(read_mix(STANDARD), seed=7)

    drawn = Counter(kinds[number] for number in range(20_000))

    assert drawn["green"] == pytest.approx(16_000, rel=0.03)
    assert drawn["duplicate"] == pytest.approx(400, rel=0.2)


def test_the_same_seed_draws_the_same_kinds_in_any_order_of_asking() -> None:
    first, second = Kinds(read_mix(STANDARD), seed=3), Kinds(read_mix(STANDARD), seed=3)

    assert second[99] == first[99]
    assert [first[number] for number in range(100)] == [second[number] for number in range(100)]


def test_a_kind_without_share_never_comes() -> None:
    kinds = Kinds(read_mix("green=1,refused=0"), seed=1)

    assert {kinds[number] for number in range(500)} == {"green"}


@pytest.mark.parametrize("text", ["", "green", "green=", "blue=1", "green=-1", "green=0"])
def test_a_mix_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadMix):
        read_mix(text)
