"""Pages in a real browser: what only scripts, styles and keys can show."""

from __future__ import annotations

import pytest

from tests.browser.stage import SECRET, Stage
from tests.support.browser import Browser
from tests.support.told import DECLARATION

OFFERS = 'document.querySelectorAll(".bar").length > 3'
WHOLE = 'document.readyState === "complete"'
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS = "document.activeElement.name || document.activeElement.id || document.activeElement.className"
PATHS = ["/", "/quote", "/docs", "/sign-in", f"/declarations/{DECLARATION}"]


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


@pytest.mark.parametrize("path", PATHS)
def test_pages_fit_a_narrow_screen_and_one_of_twice_the_size(
    browser: Browser, stage: Stage, path: str
) -> None:
    for width in (320, 640):  # a telephone's; 1280 at 200 %
        browser.look_through(width=width)
        browser.open(f"{stage.address}{path}")
        assert browser.see(OVERFLOW) <= 0, width


def test_pages_are_light_by_day_and_dark_by_night(browser: Browser, stage: Stage) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(f"{stage.address}/quote")

    day = browser.see(ground)
    browser.look_through(dark=True)

    assert (day, browser.see(ground)) == ("rgb(245, 244, 239)", "rgb(16, 21, 27)")
