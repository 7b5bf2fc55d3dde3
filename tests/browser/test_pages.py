"""Pages in a real browser: what only scripts, styles and keys can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.stage import SECRET, Stage
from tests.support.browser import Browser
from tests.support.told import AT, DECLARATION, SHOWN, cleared, gate, told

OFFERS = 'document.querySelectorAll(".bar").length > 3'
WHOLE = 'document.readyState === "complete"'
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPILLING = """[...document.querySelectorAll("table")].filter((node) => !node.closest(".scroll") &&
  node.getBoundingClientRect().right > node.parentElement.getBoundingClientRect().right + 1).length"""
FOCUS = "document.activeElement.name || document.activeElement.id || document.activeElement.className"
FOUND = "/declarations?sought=536365"
PATHS = ["/", "/quote", "/docs", "/sign-in", f"/declarations/{DECLARATION}", FOUND]
LONG = {
    "order_no": "ORDER" * 12,
    "seller": "SELLER" * 3,
    "waybill_no": "W" * 40,
    "reason": "fresh_produce_needs_paper" * 2,
}
FILL = 'for (const node of document.querySelectorAll("[data-value]")) node.textContent = "1,234,567"'
FONTS = """for (const name of ["--sans", "--serif"]) document.documentElement.style.setProperty(name, "%s")"""
CLASHES = """(() => {
  const told = [];
  for (const card of document.querySelectorAll(".pipeline .card")) {
    const span = ({x, y, width, height}) => [x, x + width, y, y + height], ends = (node) => span(node.getBBox());
    const [west, east] = ends(card.querySelector("rect"));
    const texts = [...card.querySelectorAll("text")].map((node) => [node.textContent, ...ends(node)]);
    for (const [at, [text, left, right, top, bottom]] of texts.entries()) {
      if (east && (left < west + 4 || right > east - 4)) told.push(`${text} leaves its card`);
      for (const [other, from, to, over, under] of texts.slice(at + 1))
        if (left < to && from < right && Math.min(bottom, under) - Math.max(top, over) > 4)
          told.push(`${text} runs into ${other}`);
    }
  }
  return told;
})()"""
"""What overlaps in the picture, in its own units; lines below each other may, by what is empty in them."""
FACTS = 'document.querySelectorAll(".story > li").length'
RAW = 'document.querySelector("#raw-declaration-1 pre")'
FETCHED = 'performance.getEntriesByType("resource").filter((it) => it.initiatorType === "fetch").length'
LEAVING = """[...document.querySelectorAll(".figure dd > span:first-child")].filter((node) =>
  node.getBoundingClientRect().right > node.closest(".figure").getBoundingClientRect().right - 4).length"""


def sign_in(browser: Browser, secret: str = SECRET) -> None:
    """As a tax officer."""
    browser.write("[name=client_id]", "officer-tax")
    browser.write("[name=client_secret]", secret)
    browser.press("Enter")


def test_a_quote_is_asked_corrected_and_read_with_the_keyboard_alone(browser: Browser, stage: Stage) -> None:
    browser.open(f"{stage.address}/quote")
    assert browser.see(OFFERS)

    browser.write("[name=price]", "-3")
    browser.write("[name=freight]", "much")
    browser.press("Enter")
    browser.until(f'({FOCUS}) === "answer"')

    assert browser.text(".faults h2") == "2 things to correct"
    assert "Must be an amount" in browser.text("#lines-0-price-wrong")
    browser.press("Tab")
    browser.press("Enter")
    browser.until('document.activeElement.name === "freight"')

    browser.write("[name=freight]", "4")
    browser.write("[name=price]", "42")
    browser.press("Enter")
    browser.until(f'document.querySelector(".faults") === null && {OFFERS} && {WHOLE}')

    assert "cheapest" in browser.text(".bars")
    assert browser.see('document.querySelector(".bar rect").getBoundingClientRect().width > 50')
    assert browser.see('location.search.includes("freight=4")')


def test_a_code_that_does_not_exist_is_told_the_nearest(browser: Browser, stage: Stage) -> None:
    browser.open(f"{stage.address}/quote")

    browser.write("[name=goods_code]", "8517120000")
    browser.press("Enter")
    browser.until('document.querySelector("#lines-0-goods_code-wrong") !== null')

    assert "the nearest subheadings are" in browser.text("#lines-0-goods_code-wrong").lower()


@pytest.mark.parametrize("scripts", [True, False])
def test_goods_come_and_go_with_and_without_scripts(browser: Browser, stage: Stage, scripts: bool) -> None:
    browser.look_through(scripts=scripts)
    browser.open(f"{stage.address}/quote")

    browser.click("[name=add]")
    browser.until('document.querySelectorAll("[data-line]").length === 3')
    numbers = browser.see('[...document.querySelectorAll("[data-number]")].map((node) => node.textContent)')
    browser.click("[data-line] .drop")
    browser.until('document.querySelectorAll("[data-line]").length === 2')

    assert numbers == ["1", "2", "3"]
    assert browser.see('document.querySelector("[name=goods_code]").value') == "6911101900"
    assert browser.see('location.search === ""') is scripts


def test_an_account_is_seen_after_a_sign_in_and_not_after_a_sign_out(browser: Browser, stage: Stage) -> None:
    browser.open(f"{stage.address}/accounts/AGENT00001")
    sign_in(browser, "wrong")
    browser.until(f'document.querySelector("#fault") !== null && ({FOCUS}) === "client_secret"')

    sign_in(browser)
    browser.arrive("/accounts/AGENT00001")
    assert browser.text("h1") == "Account of AGENT00001"
    assert "31.85" in browser.text("section[aria-labelledby=holds]")
    assert browser.see("document.cookie") == ""

    browser.click(".reader button")
    browser.arrive("/")
    browser.open(f"{stage.address}/accounts/AGENT00001")
    browser.arrive("/sign-in")


def test_the_live_page_follows_without_being_loaded_again(browser: Browser, stage: Stage) -> None:
    browser.open(f"{stage.address}/")

    tally = stage.neighbours.documents["clearance", "/internal/tally"]
    stage.neighbours.documents["clearance", "/internal/tally"] = tally | {"filed": 23456}

    browser.until('document.querySelector("[data-value=\'counts.filed\']").textContent === "23,456"')


@pytest.fixture
def under_way(stage: Stage) -> Iterator[dict[tuple[str, str], Any]]:
    """What the neighbours tell: a declaration that is not settled, whose one fact is wider than a screen."""
    documents = stage.neighbours.documents
    before = dict(documents)
    submitted = told("declaration", 1, "submitted", event={"note": "wide " * 200})
    documents["declaration", f"{AT}/timeline"] = {"facts": [submitted], "away": []}
    yield documents
    documents.clear()
    documents.update(before)


def test_a_page_that_settles_while_text_is_selected_is_shown_when_it_no_longer_is(
    browser: Browser, stage: Stage, under_way: dict[tuple[str, str], Any]
) -> None:
    browser.open(f"{stage.address}/declarations/{DECLARATION}")
    browser.see('getSelection().selectAllChildren(document.querySelector("h1"))')

    under_way["declaration", f"{AT}/timeline"] = {"facts": cleared(), "away": []}
    asked = browser.see(FETCHED)
    browser.until(f"{FETCHED} > {asked} + 2")
    while_selected = browser.see(FACTS)
    browser.see("getSelection().removeAllRanges()")

    browser.until(f"{FACTS} === {len(cleared())}")
    assert while_selected == 1


def test_who_reads_a_page_that_is_kept_fresh_keeps_the_focus_and_the_place(
    browser: Browser, stage: Stage, under_way: dict[tuple[str, str], Any]
) -> None:
    browser.open(f"{stage.address}/declarations/{DECLARATION}")
    browser.see(f"{RAW}.parentElement.open = true; {RAW}.scrollLeft = 90; {RAW}.focus()")

    facts = under_way["declaration", f"{AT}/timeline"]["facts"]
    earlier = told("clearance", 1, "held", -5)
    under_way["declaration", f"{AT}/timeline"] = {"facts": [*facts, earlier], "away": []}
    browser.until(f"{FACTS} === 2")

    assert browser.see(f"document.activeElement === {RAW}")
    assert browser.see(f"{RAW}.scrollLeft") == 90


@pytest.fixture
def long_words(stage: Stage) -> Iterator[None]:
    """Declarations whose numbers and reasons are as long as they may be, in every status."""
    documents = stage.neighbours.documents
    before = dict(documents)
    statuses = ("SUBMITTED", "PERMITTED", "REFUSED", "CANCELLED", "REVOKED")
    rows = [SHOWN | {"status": status, "order_no": "DEMO-20261126-1"} for status in statuses]
    held = told("quarantine", 2, "triaged", event={"gate": gate("HELD")["gate"] | {"reason": LONG["reason"]}})
    documents["declaration", "/v1/declarations"] = {"items": [*rows, SHOWN | LONG], "next_cursor": None}
    documents["declaration", AT] = SHOWN | LONG
    documents["declaration", f"{AT}/timeline"] = {"facts": [held], "away": []}
    yield
    documents.clear()
    documents.update(before)


@pytest.mark.usefixtures("long_words")
@pytest.mark.parametrize("path", PATHS)
def test_pages_fit_narrow_and_wide_screens(browser: Browser, stage: Stage, path: str) -> None:
    for width in (320, 390, 640, 1280):  # telephones'; 1280 at 200 %; a desk's
        browser.look_through(width=width)
        browser.open(f"{stage.address}{path}")
        assert browser.see(OVERFLOW) <= 0, width
        assert browser.see(SPILLING) == 0, width


@pytest.mark.parametrize("font", ["", "DejaVu Sans", "Liberation Sans", "Verdana", "monospace"])
@pytest.mark.parametrize("width", [1280, 640, 390, 320])
def test_counts_of_seven_digits_run_into_nothing(
    browser: Browser, stage: Stage, font: str, width: int
) -> None:
    browser.look_through(width=width, scripts=False)  # a picture that follows would bring its own counts back
    browser.open(f"{stage.address}/")

    browser.see(f"{FONTS % font}; {FILL}" if font else FILL)

    assert browser.see(CLASHES) == []
    assert browser.see(LEAVING) == 0
    assert browser.see(OVERFLOW) <= 0


def test_pages_are_light_by_day_and_dark_by_night(browser: Browser, stage: Stage) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(f"{stage.address}/quote")

    day = browser.see(ground)
    browser.look_through(dark=True)

    assert (day, browser.see(ground)) == ("rgb(245, 244, 239)", "rgb(16, 21, 27)")
