"""Quarantine decisions, by goods, origin, day and paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.quarantine.domain import as_ranges, filing_day, gate_decided, triage
from services.quarantine.rulebook import bundled_rules
from shared.kernel.gate import Gate
from shared.kernel.goods import Certificate, GoodsLine
from shared.kernel.review import DecideReview, Verdict
from tests.support.builders import NOW, a_goods_line


def a_paper(kind: str, **changes: object) -> Certificate:
    values = {"kind": kind, "number": "P-1", "issued_by": "GB", "valid_until": date(2030, 1, 1), **changes}
    return Certificate(**values)  # type: ignore[arg-type]


def the_gate(*lines: GoodsLine, papers: tuple[Certificate, ...] = (), at: datetime = NOW) -> Gate:
    return triage(bundled_rules(), lines, papers, at).gate


@pytest.mark.parametrize(
    "goods_code",
    [
        "6911101900",
        "6304929000",
        "4819200000",
        "7323930000",
        "7013490000",
        "9503008900",
        "3406000090",
        "4420199090",
    ],
)
def test_gift_goods_need_no_quarantine(goods_code: str) -> None:
    gate = the_gate(a_goods_line(goods_code=goods_code))

    assert gate == Gate(agency="quarantine", status="NOT_REQUIRED")


@pytest.mark.parametrize(
    ("goods_code", "origin", "code", "rule"),
    [
        ("0402210000", "NZ", "DOCUMENT_REVIEW", "dairy_needs_factory_and_health"),
        ("1901101000", "NZ", "DOCUMENT_REVIEW", "infant_formula_needs_factory_and_health"),
        ("1806900000", "BE", "DOCUMENT_REVIEW", "prepared_food_needs_a_paper"),
        ("0902109000", "GB", "DOCUMENT_REVIEW", "coffee_tea_spices_need_a_paper"),
        ("0601101000", "NL", "INSPECTION", "living_plants_need_phytosanitary"),
        ("1209300000", "GB", "DOCUMENT_REVIEW", "fresh_produce_needs_phytosanitary"),
        ("4407110000", "FI", "INSPECTION", "raw_wood_needs_treatment"),
        ("4415100000", "FI", "INSPECTION", "wood_packaging_needs_treatment"),
        ("4602190000", "GB", "DOCUMENT_REVIEW", "wicker_needs_treatment"),
        ("3304990000", "FR", "DOCUMENT_REVIEW", "cosmetics_need_a_paper"),
        ("0202300000", "AU", "INSPECTION", "meat_needs_health_and_factory"),
        ("0106190000", "GB", "INSPECTION", "live_animals_are_quarantined"),
    ],
)
def test_goods_under_a_rule_wait_for_an_officer(goods_code: str, origin: str, code: str, rule: str) -> None:
    gate = the_gate(a_goods_line(goods_code=goods_code, origin_country=origin))

    assert (gate.status, gate.code, gate.awaits) == ("HELD", code, "quarantine officer")
    assert f"{rule}: lines 1 ({goods_code[:6]} from {origin})" in gate.reason
    assert gate.due_at == NOW + timedelta(days=5)


def test_the_reason_names_the_paper_that_would_satisfy() -> None:
    gate = the_gate(a_goods_line(goods_code="0402210000"))

    assert (
        "FACTORY_REGISTRATION and HEALTH, issued by the country of origin, valid on 2025-06-02" in gate.reason
    )


def test_all_papers_of_a_rule_pass_the_goods() -> None:
    dairy = a_goods_line(goods_code="0406900000")

    half = the_gate(dairy, papers=(a_paper("HEALTH"),))
    both = triage(bundled_rules(), [dairy], (a_paper("HEALTH"), a_paper("FACTORY_REGISTRATION")), NOW)

    assert half.status == "HELD"
    assert (both.gate.status, both.gate.code) == ("PASSED", "CERTIFICATES")
    assert both.rules == ("dairy_needs_factory_and_health",)


def test_one_of_the_alternatives_is_enough() -> None:
    wicker = a_goods_line(goods_code="4602190000")

    assert the_gate(wicker, papers=(a_paper("DISINFECTION"),)).status == "PASSED"
    assert the_gate(wicker, papers=(a_paper("PHYTOSANITARY"),)).status == "PASSED"


def test_a_paper_of_another_country_does_not_vouch_where_the_origin_must() -> None:
    bulbs = a_goods_line(goods_code="0601101000", origin_country="NL")

    assert the_gate(bulbs, papers=(a_paper("PHYTOSANITARY", issued_by="GB"),)).status == "HELD"
    assert the_gate(bulbs, papers=(a_paper("PHYTOSANITARY", issued_by="NL"),)).status == "PASSED"


def test_a_paper_vouches_on_its_last_day_in_beijing_and_not_after() -> None:
    wicker = a_goods_line(goods_code="4602190000")
    paper = a_paper("DISINFECTION", valid_until=date(2025, 6, 2))

    on_the_day = the_gate(wicker, papers=(paper,), at=datetime(2025, 6, 2, 15, 59, tzinfo=UTC))
    next_day = the_gate(wicker, papers=(paper,), at=datetime(2025, 6, 2, 16, 0, tzinfo=UTC))

    assert (on_the_day.status, next_day.status) == ("PASSED", "HELD")


def test_a_paper_vouches_only_for_the_lines_it_names() -> None:
    lines = [a_goods_line(line_no=no, goods_code="1806900000") for no in (1, 2, 3)]

    gate = the_gate(*lines, papers=(a_paper("HEALTH", line_nos=(2,)),))

    assert "lines 1, 3 " in gate.reason


def test_pork_of_a_swine_fever_area_is_refused_whatever_the_paper() -> None:
    pork = a_goods_line(goods_code="0203291000", origin_country="DE")
    papers = tuple(a_paper(kind, issued_by="DE") for kind in ("HEALTH", "FACTORY_REGISTRATION"))

    assert the_gate(pork, papers=papers).code == "E-CIQ-EPIDEMIC"
    assert the_gate(pork, papers=papers).status == "REFUSED"
    assert the_gate(a_goods_line(goods_code="0203291000", origin_country="ES")).status == "HELD"


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2023-08-23", "HELD", "DOCUMENT_REVIEW"),
        ("2023-08-24", "REFUSED", "E-CIQ-EPIDEMIC"),
        ("2025-06-28", "REFUSED", "E-CIQ-EPIDEMIC"),
        ("2025-06-29", "HELD", "INSPECTION"),
    ],
)
def test_the_rule_of_the_filing_day_decides_on_japanese_fish(day: str, status: str, code: str) -> None:
    fish = a_goods_line(goods_code="0304870000", origin_country="JP")

    gate = the_gate(fish, at=datetime.fromisoformat(f"{day}T04:00:00+00:00"))

    assert (gate.status, gate.code) == (status, code)


def test_the_strongest_finding_decides_and_the_reason_names_all() -> None:
    chocolate, bulbs = a_goods_line(goods_code="1806900000"), a_goods_line(line_no=2, goods_code="0601101000")

    gate = the_gate(chocolate, bulbs)

    assert gate.code == "INSPECTION"
    assert "living_plants_need_phytosanitary" in gate.reason
    assert "prepared_food_needs_a_paper" in gate.reason


def test_a_reason_stays_short_with_99_lines() -> None:
    lines = [
        a_goods_line(line_no=no, goods_code=f"1905{no:02d}0000", origin_country="BE") for no in range(1, 100)
    ]

    reason = the_gate(*lines).reason

    assert "lines 1-99 " in reason
    assert "and 96 more" in reason
    assert len(reason) < 400


def test_the_filing_day_is_beijings() -> None:
    assert filing_day(datetime(2024, 12, 31, 16, 0, tzinfo=UTC)) == date(2025, 1, 1)


def test_line_numbers_read_as_ranges() -> None:
    assert as_ranges([7, 1, 2, 3, 9, 10]) == "1-3, 7, 9-10"


@pytest.mark.parametrize(("verdict", "status"), [("pass", "PASSED"), ("refuse", "REFUSED")])
def test_an_officers_word_is_the_gate(verdict: Verdict, status: str) -> None:
    order = DecideReview(
        declaration_id="d", version=1, lease_no=1, verdict=verdict, reason="seen", officer="o"
    )

    gate = gate_decided(order)

    assert (gate.status, gate.reason) == (status, "seen")
