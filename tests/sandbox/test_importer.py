"""Importer: every order becomes a filing, and odd ones stay odd."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from sandbox.importer import Filing, Run, filing_of, filings, years_to_shift
from sandbox.real import RealLine, RealOrder, read_orders
from services.declaration.submission import Submission

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> list[Filing]:
    return list(filings(read_orders(), Run(seed="1", now=NOW)))


def an_order(*lines: RealLine, order_no: str = "536365", customer: str | None = "17850") -> RealOrder:
    return RealOrder(
        order_no=order_no,
        placed_at=datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        customer=customer,
        country="United Kingdom",
        currency="GBP",
        lines=lines or (a_line(),),
    )


def a_line(sku: str = "85123A", description: str | None = "CERAMIC MUG", quantity: int = 6) -> RealLine:
    return RealLine(sku=sku, description=description, quantity=quantity, unit_price=Decimal("2.55"))


def made_of(order: RealOrder, **run: object) -> Submission:
    return filing_of(order, 0, Run(**{"seed": "1", "now": NOW, **run})).submission  # type: ignore[arg-type]


def test_every_order_becomes_a_filing_with_keys_of_its_own(made: list[Filing]) -> None:
    assert len(made) == 2025
    assert len({filing.key for filing in made}) == 2025
    assert len({filing.submission.waybill.waybill_no for filing in made}) == 2025


def test_a_filing_reads_back_exactly(made: list[Filing]) -> None:
    for filing in made[:100]:
        assert msgspec.json.decode(filing.body, type=Submission, strict=False) == filing.submission


def test_the_same_run_makes_the_same_bytes(made: list[Filing]) -> None:
    again = filings(read_orders(), Run(seed="1", now=NOW))

    assert all(one.body == two.body for one, two in zip(made, again, strict=True))


def test_dates_lie_in_the_twelve_months_before_now_and_the_shift_is_kept(made: list[Filing]) -> None:
    for filing in made:
        placed_at = filing.submission.order.placed_at
        assert NOW - timedelta(days=366) <= placed_at <= NOW
        assert placed_at.year - filing.shift_years == 2010


@pytest.mark.parametrize(
    "now", [datetime(2026, 12, 1, 14, 35, tzinfo=UTC), datetime(2026, 12, 6, 12, 35, tzinfo=UTC)]
)
def test_nothing_lies_after_now_also_in_the_weeks_of_the_orders(now: datetime) -> None:
    made = list(filings(read_orders(), Run(seed="1", now=now)))

    assert {filing.shift_years for filing in made} == {15, 16}
    assert max(filing.submission.payment.paid_at for filing in made) <= now


@pytest.mark.parametrize(
    ("now", "years"),
    [
        (datetime(2026, 12, 1, 8, 26, tzinfo=UTC), 16),
        (datetime(2026, 12, 1, 8, 25, tzinfo=UTC), 15),
        (datetime(2026, 1, 1, tzinfo=UTC), 15),
    ],
)
def test_the_shift_is_the_most_whole_years_before_now(now: datetime, years: int) -> None:
    assert years_to_shift(datetime(2010, 12, 1, 8, 26, tzinfo=UTC), now) == years


def test_a_leap_day_becomes_the_28th() -> None:
    assert years_to_shift(datetime(2008, 2, 29, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)) == 18


def test_the_odd_ones_stay_odd(made: list[Filing]) -> None:
    kinds: Counter[str] = Counter()
    for filing in made:
        lines = filing.submission.list.lines
        kinds["cancellation"] += filing.order_no.startswith("C")
        kinds["negative"] += any(line.quantity < 0 for line in lines)
        kinds["no description"] += any(not line.goods_name for line in lines)
        kinds["gift"] += any(line.price == 0 for line in lines)
        kinds["long"] += len(lines) > 99
        kinds["dear"] += filing.submission.order.goods_value + filing.submission.order.freight > 5000

    assert kinds == Counter(
        {"cancellation": 326, "negative": 396, "no description": 125, "gift": 149, "long": 46, "dear": 297}
    )


def test_amounts_add_up_in_every_paper(made: list[Filing]) -> None:
    for filing in made:
        order, declared = filing.submission.order, filing.submission.list
        assert order.goods_value == sum(line.total_price for line in declared.lines)
        assert order.freight == declared.freight + declared.insurance
        assert order.actual_paid == order.goods_value + order.freight + order.tax_total - order.discount
        assert filing.submission.payment.amount_paid == order.actual_paid


def test_postage_is_freight_and_no_line() -> None:
    submission = made_of(an_order(a_line(), a_line(sku="POST", description="POSTAGE", quantity=1)))

    assert [line.item_no for line in submission.list.lines] == ["85123A"]
    assert submission.list.freight == Decimal("23.92")


def test_a_refund_of_postage_stays_a_line() -> None:
    submission = made_of(an_order(a_line(sku="POST", description="POSTAGE", quantity=-1)))

    assert [line.quantity for line in submission.list.lines] == [-1]


def test_a_missing_customer_is_a_buyer_of_that_order_alone() -> None:
    one = made_of(an_order(customer=None))
    other = made_of(an_order(customer=None, order_no="536366"))
    known, again = made_of(an_order()), made_of(an_order(order_no="536366"))

    assert one.order.buyer != other.order.buyer
    assert known.order.buyer == again.order.buyer


def test_a_later_run_has_numbers_waybills_and_buyers_of_its_own() -> None:
    first, second = made_of(an_order()), made_of(an_order(), number=2)

    assert second.order.order_no == "536365-R2"
    assert second.waybill.waybill_no != first.waybill.waybill_no
    assert second.order.buyer != first.order.buyer
    assert [line.total_price for line in second.list.lines] == [line.total_price for line in first.list.lines]


def test_one_order_in_five_waits_for_its_arrival_and_some_never_arrive(made: list[Filing]) -> None:
    waiting = [filing for filing in made if filing.submission.arrival == "on_site"]

    assert 380 <= len(waiting) <= 430
    assert 10 <= sum(filing.never_arrives for filing in made) <= 40
    assert all(filing.submission.arrival == "on_site" for filing in made if filing.never_arrives)
