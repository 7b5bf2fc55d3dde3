"""Reading: from a line of the list and its gates to a standing."""

from typing import Any

from cli.up.reading import standing_of


def a_row(status: str = "SUBMITTED", **more: str) -> dict[str, str]:
    return {
        "platform": "PLATFORM01",
        "order_no": "536365",
        "declaration_id": "id",
        "status": status,
        "filed_at": "2026-11-22T06:00:00Z",
        **more,
    }


def a_gate(agency: str, status: str = "PASSED", **more: str) -> dict[str, Any]:
    return {"agency": agency, "status": status, "since": "2026-11-22T06:00:01.500000Z", "code": "", **more}


def test_a_permit_took_until_the_last_gate_was_heard() -> None:
    late = a_gate("tax", since="2026-11-22T06:00:02.250000Z")

    standing = standing_of(a_row("PERMITTED", permit_no="SW1"), [a_gate("customs"), late])

    assert (standing.kind, standing.permit_no, standing.seconds) == ("permit", "SW1", 2.25)


def test_a_refusal_names_its_agency_and_code() -> None:
    gates = [a_gate("customs"), a_gate("tax", "REFUSED", code="E-LIMIT-ORDER")]

    standing = standing_of(a_row("REFUSED", code="E-LIMIT-ORDER"), gates)

    assert (standing.kind, standing.agency, standing.codes) == ("refused", "tax", ("E-LIMIT-ORDER",))
    assert standing.seconds is None


def test_a_hold_names_who_must_act_why_and_until_when() -> None:
    held = a_gate(
        "logistics",
        "HELD",
        code="AWAITING_ARRIVAL",
        reason="not on site",
        awaits="carrier",
        due_at="2026-12-07T06:00:00Z",
    )

    standing = standing_of(a_row(), [a_gate("customs"), held])

    assert standing.kind == "held"
    assert standing.holds[0].is_owned
    assert standing.holds[0].awaits == "carrier"


def test_while_an_agency_is_silent_it_is_open() -> None:
    silent = a_gate("tax", "HELD", code="NOT_HEARD", reason="tax has not spoken", awaits="tax")
    held = a_gate("logistics", "HELD", code="AWAITING_ARRIVAL", reason="r", awaits="carrier", due_at="t")

    assert standing_of(a_row(), [silent, held]).kind == "open"


def test_with_every_gate_open_the_permit_is_on_its_way() -> None:
    assert standing_of(a_row(), [a_gate("customs"), a_gate("tax")]).kind == "open"
    assert standing_of(a_row(), []).kind == "open"


def test_a_revoked_permit_was_a_permit() -> None:
    assert standing_of(a_row("REVOKED"), [a_gate("customs")]).kind == "permit"
