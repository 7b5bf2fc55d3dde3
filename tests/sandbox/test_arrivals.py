"""Arrivals and papers: what is reported, and what travels with the goods."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sandbox.arrivals import arrivals_of
from sandbox.chance import Chance
from sandbox.importer import Filing, Run, filings
from sandbox.papers import KINDS
from sandbox.parties import client_named, client_of, name_of, read_sandbox
from sandbox.real import read_orders

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> list[Filing]:
    return list(filings(read_orders(), Run(seed="1", now=NOW)))


def test_who_is_waited_for_and_comes_is_reported_once(made: list[Filing]) -> None:
    reported = [arrival.waybill_no for _, arrival in arrivals_of(made, Chance("1/1"), NOW)]

    awaited = [one.submission.waybill.waybill_no for one in made if one.submission.arrival == "on_site"]
    never = [one.submission.waybill.waybill_no for one in made if one.never_arrives]
    assert sorted(reported) == sorted(set(awaited) - set(never))


def test_a_few_weigh_otherwise(made: list[Filing]) -> None:
    booked = {one.submission.waybill.waybill_no: one.submission.waybill.gross_weight for one in made}

    found = [arrival for _, arrival in arrivals_of(made, Chance("1/1"), NOW)]

    heavy = [arrival for arrival in found if arrival.gross_weight != booked[arrival.waybill_no]]
    assert 0 < len(heavy) < len(found) / 10
    assert all(arrival.gross_weight > Decimal("1.2") * booked[arrival.waybill_no] for arrival in heavy)


def test_papers_are_issued_where_the_goods_were_made_and_name_their_lines(made: list[Filing]) -> None:
    for filing in made:
        lines = {line.line_no: line for line in filing.submission.list.lines}
        for paper in filing.submission.list.certificates:
            assert all(lines[number].origin_country == paper.issued_by for number in paper.line_nos)
            assert all(KINDS[lines[number].goods_code[:2]] == paper.kind for number in paper.line_nos)


def test_every_party_of_a_filing_is_in_the_sandbox(made: list[Filing]) -> None:
    known = {party.code for party in read_sandbox().parties}

    for filing in made:
        order, papers = filing.submission.order, filing.submission.list
        named = {order.platform_code, order.seller_code, order.payment_firm_code, papers.declarant_code}
        assert named | {papers.guarantor_code, filing.submission.waybill.carrier_code} <= known


def test_parties_have_names_and_clients() -> None:
    assert name_of("PLATFORM01").startswith("Harbour Lane")
    assert client_of("CARRIER002").client_id == "carrier002"
    assert client_named("nobody") is None
