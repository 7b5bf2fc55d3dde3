"""Quote door: a dry run over HTTP that stores nothing and guesses nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.law import force
from services.tax.law.calendar import BrokenLaw
from services.tax.main import build
from tests.services.tax.cases import a_filing, a_line, an_id
from tests.services.tax.desks import SqlDesk, hear, pay
from tests.services.tax.law.folders import a_folder, line_of
from tests.services.tax.law.test_force import NOON, forget
from tests.services.tax.test_api import SELLER, STRANGER, bearer

QUOTES = "/v1/quotes"
SECOND_SET = "valid_from = 2019-01-01"
LINE: dict[str, Any] = {
    "goods_code": "9503008900",
    "origin_country": "GB",
    "quantity": "1",
    "unit": "piece",
    "first_quantity": "1",
    "first_unit": "piece",
    "price": "300.00",
}
BODY: dict[str, Any] = {
    "to": ["CN"],
    "on": "2025-06-02",
    "dispatch_country": "GB",
    "currency": "CNY",
    "freight": "20.00",
    "lines": [LINE],
}


def offer(answer: httpx.Response, channel: str = "cbec") -> dict[str, Any]:
    """The offer of a channel."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = next(each for each in answer.json()["offers"] if each["channel"] == channel)
    return found


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """Code and place of every fault; each has a fix."""
    errors = answer.json()["errors"]
    assert all(error["fix"] and error["detail"] for error in errors)
    return [(error["code"], error["pointer"]) for error in errors]


async def test_a_quote_shows_taxes_formulas_sources_and_landed_cost(client: httpx.AsyncClient) -> None:
    retail = offer(await client.post(QUOTES, json=BODY, headers=SELLER))

    (line,) = retail["lines"]
    (charge,) = line["charges"]
    assert (retail["tax_total"], retail["landed_cost"], retail["quota_left"]) == ("29.12", "349.12", None)
    assert charge["formula"] == "(320.00 + 0 + 0) x 0.13 = 41.6; levied x 0.70 = 29.12"
    assert charge["source"].endswith("39/2019")
    assert retail["rule_set"]["name"] == "CN-CBEC-2019-01-01"
    assert retail["why"] == "320.00 CNY is within 5000.00 CNY an order"


async def test_the_example_of_the_documentation_works_when_it_is_pasted(client: httpx.AsyncClient) -> None:
    schemas = build().openapi()["components"]["schemas"]

    answer = await client.post(QUOTES, json=schemas["QuoteIn"]["example"], headers=SELLER)

    assert answer.status_code == 200, answer.text
    assert {each["country"] for each in answer.json()["offers"] if each["cheapest"]} == {"CN", "DE", "GB"}


async def test_the_buyers_year_counts_if_you_may_read_a_declaration_of_his(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "100000.00")
    await hear(desk, *(a_filing(a_line("4000.00"), number=number) for number in range(1, 7)))

    own = offer(await client.post(QUOTES, json=BODY | {"buyer_of": an_id(1)}, headers=SELLER))
    dear = {"lines": [LINE | {"price": "2000.00"}], "buyer_of": an_id(1)}
    beyond = offer(await client.post(QUOTES, json=BODY | dear, headers=SELLER))
    others = await client.post(QUOTES, json=BODY | {"buyer_of": an_id(1)}, headers=STRANGER)

    assert (own["open"], own["quota_left"]) == (True, "2000.00")
    assert (beyond["open"], beyond["tax_total"]) == (False, None)
    assert [each["code"] for each in beyond["obstacles"]] == ["E-LIMIT-YEAR"]
    assert (others.status_code, others.json()["code"]) == (404, "E-NOT-FOUND")


async def test_the_sugar_that_a_buyer_has_had_counts_too(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "1000.00")
    sugar = a_line("30.00", "1701990000", first_quantity=Decimal("1.5"), first_unit="kg")
    await hear(desk, a_filing(sugar))
    line = LINE | {"goods_code": "170199", "first_quantity": "600", "first_unit": "g", "price": "20.00"}

    fresh = offer(await client.post(QUOTES, json=BODY | {"lines": [line]}, headers=SELLER))
    known = offer(
        await client.post(QUOTES, json=BODY | {"lines": [line], "buyer_of": an_id(1)}, headers=SELLER)
    )
    bare = offer(
        await client.post(QUOTES, json=BODY | {"lines": [LINE | {"goods_code": "170199"}]}, headers=SELLER)
    )

    assert fresh["open"]
    assert known["obstacles"][0]["detail"].startswith(
        "0.6 kg of sugar exceeds the 0.5 kg that the buyer has left"
    )
    assert bare["obstacles"][0]["rule"] == "states_the_noted_quantity"


async def test_the_buyers_year_may_be_said_instead_of_looked_up(client: httpx.AsyncClient) -> None:
    said = offer(await client.post(QUOTES, json=BODY | {"year_used": "25800.00"}, headers=SELLER))
    both = await client.post(QUOTES, json=BODY | {"year_used": "1", "buyer_of": an_id(1)}, headers=SELLER)
    lost = await client.post(QUOTES, json=BODY | {"buyer_of": an_id(7)}, headers=SELLER)

    assert (said["open"], said["quota_left"]) == (False, "200.00")
    assert [each["code"] for each in said["obstacles"]] == ["E-LIMIT-YEAR"]
    assert faults(both) == [("E-FMT-SCHEMA", "/year_used")]
    assert faults(lost) == [("E-NOT-FOUND", "/buyer_of")]


async def test_nothing_is_stored(client: httpx.AsyncClient, tax_engine: AsyncEngine) -> None:
    for _ in range(3):
        await client.post(QUOTES, json=BODY, headers=SELLER)

    asked = "select (select count(*) from assessments) + (select count(*) from quotas) + (select count(*) from facts)"
    async with tax_engine.connect() as connection:
        assert (await connection.execute(sa.text(asked))).scalar_one() == 0


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"lines": [LINE | {"goods_code": "7703008900"}]}, "E-LAW-CODE", "/lines/0/goods_code"),
        ({"lines": [LINE | {"goods_code": "950300890"}]}, "E-FMT-SCHEMA", "/lines/0/goods_code"),
        ({"lines": [LINE, LINE | {"quantity": "-1"}]}, "E-FMT-SCHEMA", "/lines/1/quantity"),
        ({"lines": [LINE | {"quantity": "0"}]}, "E-FMT-SCHEMA", "/lines/0/quantity"),
        ({"lines": [LINE | {"origin_country": "ZZ"}]}, "E-FMT-SCHEMA", "/lines/0/origin_country"),
        ({"dispatch_country": "ZZ"}, "E-FMT-SCHEMA", "/dispatch_country"),
        ({"on": 1735689600}, "E-FMT-SCHEMA", "/on"),
        ({"on": "1735689600"}, "E-FMT-SCHEMA", "/on"),
        ({"on": "2025-01-01T00:00:00+08:00"}, "E-FMT-SCHEMA", "/on"),
        ({"lines": [LINE | {"second_quantity": "1"}]}, "E-FMT-SCHEMA", "/lines/0"),
        ({"lines": [LINE | {"price": 10**18}]}, "E-FMT-SCHEMA", "/lines/0/price"),
        ({"lines": [LINE | {"price": "NaN"}]}, "E-FMT-SCHEMA", "/lines/0/price"),
        ({"lines": [LINE | {"price": "1e400"}]}, "E-FMT-SCHEMA", "/lines/0/price"),
        ({"lines": [LINE | {"price": "0.000001"}]}, "E-FMT-SCHEMA", "/lines/0/price"),
        ({"lines": [LINE] * 100}, "E-FMT-SCHEMA", "/lines"),
        ({"lines": [LINE | {"surprise": 1}]}, "E-FMT-SCHEMA", "/lines/0/surprise"),
        ({"year_used": "-1"}, "E-FMT-SCHEMA", "/year_used"),
        ({"freight": "-0.01"}, "E-FMT-SCHEMA", "/freight"),
        ({"on": "2999-01-01"}, "E-QUOTE-DATE", "/on"),
        ({"on": "2016-04-07"}, "E-LAW-NONE", "/on"),
        ({"on": "yesterday"}, "E-FMT-SCHEMA", "/on"),
        ({"currency": "XAU"}, "E-RATE-CURRENCY", "/currency"),
        ({"currency": "BGN", "on": "2026-11-20"}, "E-RATE-DATE", "/on"),
        ({"to": ["BR"]}, "E-LAW-NONE", "/to/0"),
        ({"to": []}, "E-FMT-SCHEMA", "/to"),
        ({"to": ["CN"] * 13}, "E-FMT-SCHEMA", "/to"),
        ({"buyer_of": "x"}, "E-FMT-SCHEMA", "/buyer_of"),
    ],
)
async def test_what_cannot_be_quoted_says_where_why_and_what_to_do(
    client: httpx.AsyncClient, changed: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await client.post(QUOTES, json=BODY | changed, headers=SELLER)

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert (code, pointer) in faults(answer)


async def test_all_faults_are_told_at_once(client: httpx.AsyncClient) -> None:
    line = LINE | {"quantity": "-1", "price": "-1", "unit": "stone"}

    answer = await client.post(QUOTES, json=BODY | {"lines": [line], "freight": "x"}, headers=SELLER)

    assert {pointer for _, pointer in faults(answer)} == {
        "/freight",
        "/lines/0/quantity",
        "/lines/0/price",
        "/lines/0/unit",
    }


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"freight": NaN}', b"\xff", b"[" * 5000, b'{"on": 1e999999}']
)
async def test_what_is_no_json_object_is_refused(client: httpx.AsyncClient, raw: bytes) -> None:
    answer = await client.post(QUOTES, content=raw, headers=SELLER)

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == "E-FMT-SCHEMA"


async def test_prices_never_pass_binary_floating_point(client: httpx.AsyncClient) -> None:
    exact = json.dumps(BODY).replace('"300.00"', "123456789.12345").encode()

    headers = SELLER | {"Content-Type": "application/json"}
    found = offer(await client.post(QUOTES, content=exact, headers=headers), "general")

    assert found["goods_value"] == "123456789.12"


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("SELLER0001", "accounts:read"), 403)])
async def test_a_quote_needs_a_token_that_may_read(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await client.post(QUOTES, json=BODY, headers=headers)).status_code == status


async def test_the_law_in_force_is_open_to_read(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/v1/law", headers=SELLER)).json()

    china = next(each for each in answer["jurisdictions"] if each["code"] == "CN")
    assert [rules["name"] for rules in china["rule_sets"]][:2] == ["CN-CBEC-2016-04-08", "CN-CBEC-2019-01-01"]
    assert (china["tariff"], answer["refused"]) == ("tariff-cn-demo", None)
    assert len(answer["digest"]) == 16


async def test_a_refused_law_is_told_with_code_place_and_cure(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = a_folder(tmp_path, "cn.toml", "valid_to = 2018-12-31", "valid_to = 2019-06-30")

    with pytest.raises(BrokenLaw):
        force.take(folder, NOON)
    refused = (await client.get("/v1/law", headers=SELLER)).json()["refused"]
    forget()

    assert (refused["code"], refused["where"]) == (
        "E-LAW-BROKEN",
        f"cn.toml, line {line_of('cn.toml', SECOND_SET)}",
    )
    assert "CN-CBEC-2019-01-01: must begin on the day after CN-CBEC-2016-04-08 ends" in refused["detail"]
    assert refused["fix"]
