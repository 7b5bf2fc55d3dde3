"""Piles: what is put in comes out, together with its kin, whether it was written out or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import piles
from audit.piles import Pile


@pytest.mark.parametrize("at_once", [100, 1_000_000], ids=["in parts", "whole"])
@pytest.mark.parametrize("in_memory", [0, 10_000, 1_000_000_000], ids=["all in files", "some", "none"])
def test_all_records_of_a_key_meet_in_one_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int, at_once: int
) -> None:
    monkeypatch.setattr(piles, "IN_MEMORY", in_memory)
    monkeypatch.setattr(piles, "AT_ONCE", at_once)
    pile = Pile(tmp_path, "numbers")

    for number in range(3000):
        key = number % 1000
        pile.add(str(key).encode(), (key, number, b"bytes"))

    buckets = [list(records) for records in pile.each()]
    homes = [{key for key, _, _ in records} for records in buckets]
    assert sorted(number for records in buckets for _, number, _ in records) == list(range(3000))
    assert sum(map(len, homes)) == 1000
    assert (len(buckets) > piles.BUCKETS) == (at_once < 1_000_000)
    assert bool(list(tmp_path.iterdir())) == (in_memory < 1_000_000)
