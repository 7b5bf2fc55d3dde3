"""Replay command: past declarations read over REST, a table, a picture."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.faults import Fault
from cli.plot import bars
from services.tax.law.book import BUNDLED
from tests.cli.stand_in import answer_instead
from tests.services.tax.cases import a_line

RUN = CliRunner()
PERIOD = ["--from", "2025-06-01", "--to", "2025-06-30"]


def a_document(
    number: int, status: str = "PERMITTED", price: str = "300.00", name: str = "Wang"
) -> dict[str, Any]:
    """A declaration as the window shows it."""
    line = a_line(price)
    buyer = {"id_number": "**************0021", "name": name, "telephone": "13800000000"}
    listed = {name: str(getattr(line, name)) for name in line.__slots__ if getattr(line, name) is not None}
    return {
        "declaration_id": f"019732f0-2a80-7000-8000-00000000000{number}",
        "filed_at": f"2025-06-02T04:00:0{number}Z",
        "status": status,
        "code": "",
        "submission": {
            "order": {"buyer": buyer, "seller_code": "SELLER0001", "goods_value": price},
            "list": {"freight": "20.00", "insurance": "0.00", "lines": [listed]},
        },
    }


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Declarations of a window in memory, two a page; a token is good for three calls."""
    documents: dict[str, dict[str, Any]] = {}
    served: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            served.clear()
            return httpx.Response(200, json={"access_token": "t"})
        served.append(request.url.path)
        if len(served) > 3:
            return httpx.Response(401, json={"detail": "the token has expired"})
        if request.url.path != "/v1/declarations":
            return httpx.Response(200, json=documents[request.url.path.rpartition("/")[2]])
        names = sorted(documents)
        start = int(request.url.params.get("cursor") or 0)
        following = str(start + 2) if start + 2 < len(names) else None
        items = [{"declaration_id": name} for name in names[start : start + 2]]
        return httpx.Response(200, json={"items": items, "next_cursor": following})

    answer_instead(monkeypatch, answer)
    return documents


def a_rule_file(tmp_path: Path, before: str, after: str) -> Path:
    """A changed copy of China's rules, alone in its folder."""
    path = tmp_path / "cn-tomorrow.toml"
    text = (BUNDLED / "cn.toml").read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


def test_a_replay_says_who_pays_more_in_a_table_and_a_picture(
    window: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    window |= {str(number): a_document(number) for number in range(1, 6)}
    rules, picture = a_rule_file(tmp_path, 'factor = "0.70"', 'factor = "1"'), tmp_path / "replay.svg"

    made = RUN.invoke(app, ["replay", *PERIOD, "--rules", str(rules), "--plot", str(picture)])

    assert made.exit_code == 0, made.output
    assert "95 toys and games" in made.output
    assert "+62.40" in made.output  # 5 x (41.60 - 29.12)
    drawn = ET.fromstring(picture.read_text(encoding="utf-8"))
    assert any("+62.40" in (text.text or "") for text in drawn.iter("{http://www.w3.org/2000/svg}text"))


def test_a_replay_of_more_than_a_token_lasts_for_goes_on_with_another(
    window: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    window |= {str(number): a_document(number) for number in range(1, 8)}

    made = RUN.invoke(
        app, ["replay", *PERIOD, "--as-of", "2018-04-30", "--plot", str(tmp_path / "p.svg"), "--json"]
    )

    assert json.loads(made.output)["changes"]["more"] == 7


def test_as_json_a_replay_counts_and_sums(window: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    window |= {"1": a_document(1), "2": a_document(2, "CANCELLED"), "3": a_document(3, "REFUSED")}

    made = RUN.invoke(
        app, ["replay", *PERIOD, "--as-of", "2018-04-30", "--plot", str(tmp_path / "p.svg"), "--json"]
    )

    document = json.loads(made.output)
    assert document["changes"]["more"] == 3
    assert document["countries"] == [{"name": "GB", "lines": 3, "before": "87.36", "after": "114.24"}]


def test_two_buyers_whose_numbers_end_alike_have_a_year_each(
    window: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    window |= {str(n): a_document(n, price="4900.00", name="Wang" if n < 5 else "Li") for n in range(1, 9)}

    made = RUN.invoke(
        app, ["replay", *PERIOD, "--as-of", "2025-06-02", "--plot", str(tmp_path / "p.svg"), "--json"]
    )

    assert json.loads(made.output)["changes"]["same"] == 8  # 4 x 4,920 within 26,000 each


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*PERIOD], "nothing to compare with"),
        ([*PERIOD, "--as-of", "2018-04-30"], "no declarations were filed"),
        ([*PERIOD, "--as-of", "2999-01-01"], "may still change"),
    ],
)
def test_a_replay_that_cannot_be_says_why(
    window: dict[str, dict[str, Any]], arguments: list[str], said: str
) -> None:
    made = RUN.invoke(app, ["replay", *arguments])

    assert isinstance(made.exception, Fault)
    assert said in made.exception.message


def test_a_broken_rule_file_is_refused_with_its_line(
    window: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    rules = a_rule_file(tmp_path, 'factor = "0.70"', 'factor = "lots"')

    made = RUN.invoke(app, ["replay", *PERIOD, "--rules", str(rules)])

    assert isinstance(made.exception, Fault)
    assert "cn-tomorrow.toml, line" in made.exception.message


def test_a_table_that_the_rules_name_and_that_is_not_there_is_named(
    window: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    rules = a_rule_file(tmp_path, '"tariff-cn-demo"', '"tariff-cn-lost"')

    made = RUN.invoke(app, ["replay", *PERIOD, "--rules", str(rules)])

    assert isinstance(made.exception, FileNotFoundError)
    assert "tariff-cn-lost.csv" in str(made.exception.filename)


def test_a_picture_is_whole_whatever_it_shows() -> None:
    many = [(f"<goods> & {number}", Decimal(number - 20)) for number in range(40)]

    drawn = ET.fromstring(bars("a & b", [("none", []), ("zero", [("x", Decimal(0))]), ("many", many)]))

    widths = [int(bar.attrib["width"]) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert all(width >= 0 for width in widths)
    assert any("25 others" in (text.text or "") for text in drawn.iter("{http://www.w3.org/2000/svg}text"))
