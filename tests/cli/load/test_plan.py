"""Plan: who files what under which number."""

from datetime import UTC, datetime
from functools import cache

import msgspec

from cli.load.mix import Kinds, read_mix
from cli.load.plan import Filer, Job, Plan
from sandbox.importer import Run
from sandbox.parcels import Press, pool_of, stencils
from sandbox.real import read_orders


@cache
def filers() -> tuple[Filer, ...]:
    made = stencils(read_orders(), Run(seed="1", now=datetime(2026, 11, 22, tzinfo=UTC)), 60)
    return tuple(
        Filer(client_id=party.lower(), pool=pool_of(made, party)) for party in ("PLATFORM01", "SELLER0001")
    )


def the_plan(mix: str = "green=1", batch: int = 1) -> Plan:
    return Plan(Press("L1", 1), Kinds(read_mix(mix), 1), filers(), batch)


def order_no(text: bytes) -> str:
    return str(msgspec.json.decode(text)["order"]["order_no"])


def test_clients_take_turns_and_a_batch_is_of_one() -> None:
    assert [the_plan().place_of(number) for number in range(4)] == [0, 1, 0, 1]
    assert [the_plan(batch=3).place_of(number) for number in range(7)] == [0, 0, 0, 1, 1, 1, 0]


def test_a_party_files_only_what_it_takes_part_in() -> None:
    plan = the_plan()

    for number in range(20):
        submission = msgspec.json.decode(plan.text(number))
        party = plan.filers[plan.place_of(number)].client_id.upper()
        seats = (submission["order"]["platform_code"], submission["order"]["seller_code"])
        assert party in (*seats, submission["list"]["declarant_code"])


def test_a_duplicate_repeats_an_earlier_green_one_of_its_client_to_the_byte() -> None:
    plan = the_plan("green=50,held=25,duplicate=25")

    repeats = [number for number in range(400) if plan.original(number) != number]

    assert repeats
    for number in repeats:
        original = plan.original(number)
        assert original < number
        assert plan.kind_of(original) == "green"
        assert plan.place_of(original) == plan.place_of(number)
        assert plan.text(number) == plan.text(original)


def test_a_duplicate_with_nothing_before_it_is_green() -> None:
    plan = the_plan("duplicate=1")

    assert plan.kind_of(0) == "green"
    assert order_no(plan.text(0)) == "L1-0"


def test_a_batch_is_a_line_for_every_number() -> None:
    lines = the_plan(batch=5).body(Job(0.0, range(5, 10))).split(b"\n")

    assert [order_no(line) for line in lines] == [f"L1-{number}" for number in range(5, 10)]


def test_an_amendment_names_the_version_it_is_based_on() -> None:
    body = msgspec.json.decode(the_plan("amended=1").body(Job(0.0, range(3, 4), "some-id")))

    assert body["based_on_version"] == 1
    assert body["submission"]["arrival"] == "pre_arrival"
