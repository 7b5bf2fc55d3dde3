"""Requirements: what goods would be asked for, and that a filing is then asked for just that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quarantine.domain import triage
from services.quarantine.requirements import Goods, requirements
from services.quarantine.rulebook import BUNDLED, bundled_rules, read_rules
from tests.support.builders import a_goods_line
from tests.support.neighbours import a_quarantine
from tests.support.tokens import bearer

DAY = date(2026, 11, 20)
HERE = "http://quarantine/v1/quarantine/requirements"
READER = bearer(scope="declarations:read")
BOOK = read_rules(BUNDLED.read_text(encoding="utf-8"))
CODES = sorted({code for rule in BOOK.rules for code in rule.codes})
ORIGINS = sorted({origin for rule in BOOK.rules for origin in rule.origins} | {"GB", "TH"})


def goods(code: str, origin: str, line_no: int = 1) -> Goods:
    return Goods(line_no=line_no, goods_code=code, origin_country=origin)


def named(*asked: Goods, day: date = DAY) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rules by name, with their lines and the doubtful ones."""
    found = requirements(bundled_rules(), asked, day)
    return {each.rule.name: (each.line_nos, each.perhaps_line_nos) for each in found}


def test_goods_that_no_rule_names_are_asked_for_nothing() -> None:
    assert named(goods("6911101900", "GB")) == {}


def test_each_rule_says_its_lines() -> None:
    wicker = [goods("4602190000", "TH", 1), goods("6911101900", "GB", 2), goods("4602120000", "CN", 3)]

    assert named(*wicker)["wicker_needs_treatment"] == ((1, 3), ())


def test_a_code_that_is_shorter_than_the_rule_is_doubtful_not_free() -> None:
    book = read_rules(
        'rule_set = "T"\n[due_days]\ninspection = 1\n[[rules]]\nname = "long"\neffect = "inspection"\n'
        'codes = ["01012100"]\npapers = []\nvalid_from = 2020-01-01\nsource = "s"\nconfidence = "L"\n'
    )

    short, other, whole = (
        requirements(book, [goods(code, "GB")], DAY) for code in ("010121", "010129", "0101210010")
    )

    assert [(each.line_nos, each.perhaps_line_nos) for each in short] == [((), (1,))]
    assert other == []
    assert [(each.line_nos, each.perhaps_line_nos) for each in whole] == [((1,), ())]


def test_the_day_decides() -> None:
    fish = goods("0302110000", "JP")

    assert "fish_of_suspended_area" in named(fish, day=date(2025, 6, 28))
    assert "fish_of_suspended_area" not in named(fish, day=date(2025, 6, 29))


@given(
    lines=st.lists(
        st.tuples(st.sampled_from([*CODES, "6911"]), st.sampled_from(ORIGINS)), min_size=1, max_size=6
    )
)
def test_a_filing_without_papers_meets_the_rules_that_were_foretold(lines: list[tuple[str, str]]) -> None:
    whole = [(code.ljust(10, "0"), origin) for code, origin in lines]
    filed = [
        a_goods_line(line_no=number, goods_code=code, origin_country=origin)
        for number, (code, origin) in enumerate(whole, start=1)
    ]

    met = triage(bundled_rules(), filed, (), datetime(2026, 11, 20, 4, tzinfo=UTC))

    foretold = named(*(goods(code, origin, number) for number, (code, origin) in enumerate(whole, start=1)))
    assert set(met.rules) == set(foretold)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with a_quarantine() as opened:
        yield opened


async def test_the_door_says_papers_issuer_source_and_what_to_do(client: httpx.AsyncClient) -> None:
    body = {"on": DAY.isoformat(), "lines": [{"goods_code": "020110", "origin_country": "NZ"}]}

    answer = (await client.post(HERE, json=body, headers=READER)).json()

    assert (answer["rule_set"], answer["on"]) == (BOOK.name, "2026-11-20")
    (meat,) = answer["requirements"]
    assert (meat["rule"], meat["line_nos"], meat["issued_by"]) == (
        "meat_needs_health_and_factory",
        [1],
        "origin",
    )
    assert meat["papers"] == [["FACTORY_REGISTRATION"], ["HEALTH"]]
    assert meat["detail"] == "the goods are inspected unless FACTORY_REGISTRATION and HEALTH is there"
    assert meat["fix"].startswith(
        "file with FACTORY_REGISTRATION and HEALTH, issued by the country of origin"
    )


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"goods_code": "02", "origin_country": "NZ"}, "/lines/0/goods_code"),
        ({"goods_code": "020110", "origin_country": "nz"}, "/lines/0/origin_country"),
        ({"goods_code": "020110", "origin_country": "ZZ"}, "/lines/0/origin_country"),
        ({"goods_code": "020110"}, "/lines/0/origin_country"),
    ],
)
async def test_the_door_points_at_what_is_wrong(
    client: httpx.AsyncClient, line: dict[str, Any], pointer: str
) -> None:
    answer = await client.post(HERE, json={"lines": [line]}, headers=READER)

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_nobody_asks_without_a_token(client: httpx.AsyncClient) -> None:
    answer = await client.post(HERE, json={"lines": [{"goods_code": "020110", "origin_country": "NZ"}]})

    assert answer.status_code == 401
