"""Check digits against published numbers."""

import pytest
from stdnum.cn import ric

from sandbox.buyers import buyer_of
from sandbox.chance import Chance
from sandbox.digits import air_waybill, identity_number, mod_11_2, parcel_number


@pytest.mark.parametrize(("body", "check"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_identity_numbers_of_the_standard_have_their_check_character(body: str, check: str) -> None:
    assert mod_11_2(body) == check


def test_an_identity_number_is_area_birth_sequence_and_check() -> None:
    assert identity_number("110105", "19491231", 2) == "11010519491231002X"


def test_an_air_waybill_ends_in_its_serial_modulo_seven() -> None:
    assert air_waybill("999", 1234567) == "999-12345675"


def test_a_parcel_number_is_the_one_of_the_standard() -> None:
    assert parcel_number("LX", 47312482, "GB") == "LX473124829GB"


def test_every_invented_buyer_has_a_right_check_digit_and_a_district_that_nobody_has() -> None:
    numbers = [buyer_of(Chance("1/1"), str(customer)).id_number for customer in range(12000, 12500)]

    assert all(number[-1] == ric.calc_check_digit(number) for number in numbers)
    assert all(ric.get_birth_date(number) for number in numbers)
    assert {number[:2] for number in numbers} == {"99"}
    assert len(set(numbers)) == len(numbers)


def test_another_seed_makes_other_buyers_of_the_same_customers() -> None:
    one, other = buyer_of(Chance("1/1"), "17850"), buyer_of(Chance("1/2"), "17850")

    assert one == buyer_of(Chance("1/1"), "17850")
    assert one.id_number != other.id_number
