"""Parcels: each kind meets what it is meant to meet."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest

from sandbox.importer import Run
from sandbox.parcels import KINDS, Kind, Pool, Press, pool_of, stencils
from sandbox.real import read_orders
from services.declaration import matching, rules
from services.declaration.domain import Surroundings, faults_of
from services.declaration.identity import is_number
from services.declaration.submission import Submission
from services.tax.law.force import law
from tests.support.builders import read_submission

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PARTY = "PLATFORM01"


@cache
def the_pool(declarant: str = "") -> Pool:
    return pool_of(stencils(read_orders(), Run(seed="1", now=NOW), 200, declarant), declarant or PARTY)


def filing(kind: Kind, number: int, *, amended: bool = False) -> Submission:
    return read_submission(Press("L1", 1).body(the_pool(), kind, number, amended=amended))


def order_limit() -> Decimal:
    limit = law().china.on(NOW.date()).rule_sets["cbec"].order_limit
    assert limit is not None
    return limit


def codes(submission: Submission) -> list[str]:
    around = Surroundings(now=NOW)
    return [fault.code for fault in faults_of((*rules.RULES, *matching.RULES), submission, around)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "refused"])
def test_what_is_not_meant_to_be_refused_passes_every_rule_of_the_door(kind: Kind) -> None:
    assert [codes(filing(kind, number)) for number in range(150)] == [[]] * 150


def test_green_ones_wait_for_nobody_and_keep_within_the_limit_of_tax() -> None:
    made = [filing("green", number) for number in range(150)]

    assert {submission.arrival for submission in made} == {"pre_arrival"}
    assert max(submission.order.actual_paid for submission in made) < order_limit()


def test_refused_ones_fail_at_the_door_or_at_the_limit_of_tax() -> None:
    made = [filing("refused", number) for number in range(150)]

    at_the_door = [submission for submission in made if codes(submission) == ["E-MATCH-DIFF"]]
    over = [one for one in made if one.order.goods_value > order_limit() and not codes(one)]
    assert at_the_door
    assert over
    assert len(at_the_door) + len(over) == 150


def test_held_ones_are_declared_on_arrival_or_are_inspected() -> None:
    arrivals = [filing("held", number).arrival for number in range(150)]

    assert set(arrivals) == {"on_site", "pre_arrival"}
    assert the_pool().inspected


def test_an_amendment_changes_the_arrival_and_nothing_else() -> None:
    first, second = filing("amended", 4), filing("amended", 4, amended=True)

    assert (first.arrival, second.arrival) == ("on_site", "pre_arrival")
    assert (first.order, first.payment, first.waybill, first.list) == (
        second.order,
        second.payment,
        second.waybill,
        second.list,
    )


def test_numbers_make_keys_and_buyers_of_their_own() -> None:
    made = [filing("green", number) for number in range(2500)]

    assert len({submission.order.order_no for submission in made}) == 2500
    assert len({(one.waybill.carrier_code, one.waybill.waybill_no) for one in made}) == 2500
    buyers = {submission.order.buyer.id_number for submission in made}
    assert len(buyers) == 2500
    assert all(map(is_number, buyers))


def test_the_same_seed_and_number_give_the_same_bytes() -> None:
    assert Press("L1", 5).body(the_pool(), "green", 7) == Press("L1", 5).body(the_pool(), "green", 7)
    assert Press("L1", 5).body(the_pool(), "green", 7) != Press("L2", 5).body(the_pool(), "green", 7)


def test_a_declarant_that_the_sandbox_does_not_know_files_and_secures_them_all() -> None:
    submission = read_submission(Press("L1", 1).body(the_pool("ELSEWHERE1"), "green", 1))

    assert (submission.list.declarant_code, submission.list.guarantor_code) == ("ELSEWHERE1", "ELSEWHERE1")
