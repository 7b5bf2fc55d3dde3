"""Plan: a seed is a campaign, and can be had again."""

from __future__ import annotations

from collections import Counter

import pytest

from deploy.local.brokers import NAMES
from shared.runtime.database import _SESSION
from tests.chaos.catalogue import all_faults
from tests.chaos.faults.database import LOCKED
from tests.chaos.plan import LONGEST, Strike, chosen, draw

FAULTS = all_faults(NAMES[:1])


def told(strikes: list[Strike]) -> list[tuple[float, str, float]]:
    return [(strike.at, strike.fault.name, strike.chance.random()) for strike in strikes]


def test_a_seed_gives_the_same_campaign_again_and_another_seed_another() -> None:
    assert told(draw(7, 40, FAULTS)) == told(draw(7, 40, FAULTS))
    assert told(draw(7, 40, FAULTS)) != told(draw(8, 40, FAULTS))


def test_a_longer_campaign_begins_like_a_shorter_one() -> None:
    assert told(draw(7, 40, FAULTS))[:6] == told(draw(7, 6, FAULTS))


def test_forty_faults_strike_within_eighteen_minutes_and_leave_time_to_audit() -> None:
    last = max(draw(seed, 40, FAULTS)[-1].at for seed in range(200))

    assert last < 18 * 60 < 40 * LONGEST


def test_every_family_strikes_in_forty_and_every_fault_in_two_hundred() -> None:
    struck = Counter(strike.fault.family for strike in draw(7, 40, FAULTS))
    names = {strike.fault.name for strike in draw(7, 200, FAULTS)}

    assert set(struck) == {fault.family for fault in FAULTS}
    assert names == {fault.name for fault in FAULTS}


def test_no_two_faults_have_one_name() -> None:
    names = [fault.name for fault in all_faults(NAMES)]

    assert len(names) == len(set(names))


def test_faults_are_chosen_by_name_or_family() -> None:
    found = [fault.name for fault in chosen(FAULTS, "kill-tax, zombie")]

    assert found[0] == "kill-tax"
    assert {name.partition("-")[0] for name in found[1:]} == {"zombie"}


def test_heads_are_locked_for_longer_than_a_service_waits_for_a_lock() -> None:
    assert LOCKED[0] > float(_SESSION["lock_timeout"].removesuffix("s"))


def test_a_fault_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match="no fault is called kill-sun"):
        chosen(FAULTS, "kill-tax,kill-sun")
