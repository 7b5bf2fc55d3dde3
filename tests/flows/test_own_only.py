"""Own only: a seller sees what names it, and nothing else exists."""

from __future__ import annotations

import httpx
import pytest

from tests.flows.parcels import a_parcel, plain
from tests.flows.test_green_lane import green
from tests.flows.window import Window
from tests.support.tokens import a_token

STRANGER = "seller0004"
PATHS = (
    "",
    "/timeline",
    "/permit",
    "/permit.pdf",
    "/events",
    "/returns",
    "/requests/019732f0-2a80-7000-8000-000000000001",
)


def is_absent(answer: httpx.Response) -> bool:
    """404 as problem+json, as if it did not exist."""
    return (
        answer.status_code == 404
        and answer.json()["code"] == "E-NOT-FOUND"
        and answer.headers["content-type"] == "application/problem+json"
    )


async def test_anothers_declaration_does_not_exist_on_any_path(window: Window) -> None:
    declaration_id = await green(window)
    await window.outcome(declaration_id)
    at = f"/v1/declarations/{declaration_id}"

    answers = [await window.get(at + path, STRANGER) for path in PATHS]
    answers += [
        await window.get(f"/v1/{of}/{declaration_id}", STRANGER) for of in ("clearance", "assessments")
    ]
    wish = {"based_on_version": 1, "reason": "not mine"}
    answers.append(await window.post(f"{at}/cancellation", STRANGER, json=wish))

    assert [answer.status_code for answer in answers if not is_absent(answer)] == []
    listed = await window.read("/v1/declarations?limit=100", STRANGER)
    assert declaration_id not in {item["declaration_id"] for item in listed["items"]}


async def test_an_amendment_of_anothers_declaration_tells_nothing_of_it(window: Window) -> None:
    """The stranger sends its own, faultless submission: so only the address can be wrong."""
    declaration_id = await green(window)
    wish = {"based_on_version": 1, "submission": plain(a_parcel(order__seller_code="SELLER0004"))}

    answer = await window.post(f"/v1/declarations/{declaration_id}/amendments", STRANGER, json=wish)

    assert is_absent(answer)


async def test_an_id_that_nobody_has_answers_the_same(window: Window) -> None:
    nobodys = "/v1/declarations/019732f0-2a80-7000-8000-000000000001"

    answers = [await window.get(nobodys + path) for path in PATHS]
    answers += [await window.get(f"/v1/declarations/{odd}") for odd in ("0", "x" * 200, "%7e", "a%2fb")]

    assert [answer.status_code for answer in answers if not is_absent(answer)] == []


@pytest.mark.parametrize(
    ("method", "path", "who", "needed"),
    [
        ("POST", "/v1/declarations", "payment001", "declarations:write"),
        ("POST", "/v1/declarations/batch", "carrier001", "declarations:write"),
        ("GET", "/v1/reviews/tax", "agent00001", "reviews:tax"),
        ("POST", "/v1/consignments/arrivals", "agent00001", "arrivals:write"),
        ("POST", "/v1/consignments/returns", "agent00001", "arrivals:write"),
        (
            "POST",
            "/v1/declarations/019732f0-2a80-7000-8000-000000000001/returns",
            "payment001",
            "declarations:write",
        ),
        ("POST", "/v1/accounts/AGENT00001/deposits", "agent00001", "accounts:write"),
        ("GET", "/v1/bills", "carrier001", "accounts:read"),
        ("POST", "/v1/bills/B202511-AGENT00001-AGENT00001-1/issue", "agent00001", "reviews:tax"),
        ("POST", "/v1/bills/B202511-AGENT00001-AGENT00001-1/payments", "agent00001", "accounts:write"),
        ("GET", "/v1/operations/tax/parked", "officer-tax", "operations"),
    ],
)
async def test_without_the_scope_it_is_403(
    window: Window, method: str, path: str, who: str, needed: str
) -> None:
    answer = await window.client.request(method, path, headers=window.bearer(who))

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-SCOPE")
    assert answer.json()["scope_needed"] == needed


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Basic YWJjOmRlZg==",
        "Bearer x",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        f"Bearer {a_token()}",
        "Bearer " + "a" * 6000,
        "Bearer " + "." * 200,
    ],
)
async def test_without_a_good_token_it_is_401(window: Window, header: str) -> None:
    headers = {"Authorization": header} if header else {}

    for path in ("/v1/declarations", "/v1/reviews/tax", "/v1/assessments/0", "/v1/clearance"):
        answer = await window.client.get(path, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (401, "E-SEC-TOKEN")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_nobody_files_for_others(window: Window) -> None:
    answer = await window.send(a_parcel(), STRANGER)

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-PARTY")
