"""Returns: planted breaches of what goes back, and of what it gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from audit.returned import deadlines
from audit.rows import Billed, Refunded, Request, Returned, Timer
from shared.contracts.clearance import ReturnAdmitted, ReturnCompleted, ReturnLapsed
from shared.contracts.declaration import ReturnRequested
from shared.contracts.envelope import AnyEvent
from shared.contracts.logistics import GoodsReturned, ReturnOverdue
from shared.contracts.tax import LineTax, TaxRefunded
from shared.kernel.goods import ReturnedLine, ReturnedPart
from tests.support.builders import a_declaration_id
from tests.support.evidence import AGENT, LATER, TAX, VALUE, Evidence, of
from tests.support.planting import Plant, Plants, replace_row
from tests.support.six_ways import ACCOUNT, BILL, BILL_ROW, PERMITTED, a_clean_window

plants = Plants()
SUBJECT = a_declaration_id(PERMITTED)
FIRST, SECOND = a_declaration_id(71), a_declaration_id(72)
PART = ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2))
BACK, QUOTA = Decimal("4.92"), Decimal("54.00")
"""Of 9.83 and 108.00: one of two pieces, half up."""


def asked(e: Evidence, request_id: str, state: str, part: ReturnedPart = PART) -> ReturnAdmitted:
    """A return that is asked for and admitted; its goods are awaited."""
    line = ReturnedLine(line_no=part.line_no, quantity=part.quantity)
    wish = ReturnRequested(
        request_id=request_id, requested_at=e.clock, reason="too small", lines=(line,), **of(PERMITTED)
    )
    e.say(wish)
    told = e.facts("clearance", SUBJECT)[0].told
    assert told is not None
    assert told.issued_at is not None
    admitted = ReturnAdmitted(
        request_id=request_id,
        lines=(part,),
        released_at=told.issued_at,
        back_by=deadlines(told.issued_at)[1],
        **of(PERMITTED),
    )
    e.say(admitted, "declaration", len(e.facts("declaration", SUBJECT)))
    e.add("declaration", "requests", Request(SUBJECT, request_id, "return", state, ()))
    e.add("clearance", "returns", Returned(SUBJECT, request_id, state))
    return admitted


def goods_went_back(e: Evidence) -> None:
    """One of two pieces is back; the other was to come, and did not."""
    asked(e, FIRST, "COMPLETED")
    _come_back(e)
    admitted = asked(e, SECOND, "LAPSED")
    e.say(ReturnOverdue(request_id=SECOND, **of(PERMITTED)), "timer", 0)
    lapsed = ReturnLapsed(request_id=SECOND, back_by=admitted.back_by, **of(PERMITTED))
    e.say(lapsed, "logistics", len(e.facts("logistics", SUBJECT)))
    for request_id, status in ((FIRST, "BACK"), (SECOND, "OVERDUE")):
        e.add("logistics", "awaited_returns", Returned(SUBJECT, request_id, status))
    e.add("tax", "refunds", Refunded(SUBJECT, FIRST, BACK, QUOTA))
    e.change("tax", "assessments", PERMITTED, quota_held=VALUE - QUOTA, refunded=BACK)
    _take_off_the_bill(e)
    used = (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE)
    replace_row(e, "tax", "quotas", used, (*used[:3], VALUE - QUOTA))
    e.settle()


def _take_off_the_bill(e: Evidence) -> None:
    """The bill is not paid: there is less on it, and less is due."""
    zero = Decimal(0)
    e.add("tax", "bill_items", Billed(SUBJECT, 1, "VOID", 5, AGENT, BILL, zero, zero, BACK, is_secured=True))
    e.keep("tax", "entries", (AGENT, "VOID", "levied", "due", BACK, 1, 5))
    due, levied = TAX * 2 - BACK, TAX * 3 - BACK
    replace_row(e, "tax", "accounts", ACCOUNT, (*ACCOUNT[:3], due, *ACCOUNT[4:7], levied, 5))
    replace_row(e, "tax", "bills", BILL_ROW, (*BILL_ROW[:5], levied, due, *BILL_ROW[7:]))


def _come_back(e: Evidence) -> None:
    """The first piece: reported, completed, refunded."""
    who, weight = of(PERMITTED), Decimal(1)
    at = {"request_id": FIRST, "arrived_at": e.clock, "site": "PVG", **who}
    e.say(GoodsReturned(packages=1, gross_weight=weight, **at))
    e.say(ReturnCompleted(lines=(PART,), **at), "logistics", len(e.facts("logistics", SUBJECT)))
    nothing = {"customs_duty": Decimal(0), "consumption_tax": Decimal(0)}
    line = LineTax(line_no=1, dutiable_value=QUOTA, value_added_tax=BACK, **nothing)
    refund = TaxRefunded(request_id=FIRST, tax_total=BACK, quota_returned=QUOTA, lines=(line,), **who)
    e.say(refund, "clearance", len(e.facts("clearance", SUBJECT)))


def said(e: Evidence, service: str, kind: type[AnyEvent], place: int = 0) -> int:
    """The number of a fact of a kind."""
    name = {
        ReturnRequested: "declaration.return-requested.v1",
        ReturnAdmitted: "clearance.return-admitted.v1",
        GoodsReturned: "logistics.goods-returned.v1",
        TaxRefunded: "tax.refunded.v1",
    }[kind]
    return [fact.seq for fact in e.facts(service, SUBJECT) if fact.type == name][place]


def test_goods_that_went_back_add_up(tmp_path: Path) -> None:
    evidence = a_clean_window()
    goods_went_back(evidence)

    assert evidence.found(tmp_path) == []


@plants.break_("returns-are-of-the-released")
def more_than_was_declared(e: Evidence) -> None:
    goods_went_back(e)
    much = ReturnedPart(line_no=1, quantity=Decimal(2), declared=Decimal(2))
    seq = said(e, "clearance", ReturnAdmitted, 1)
    e.retell("clearance", PERMITTED, seq, lambda event: replace(event, lines=(much,)))


@plants.break_("returns-are-of-the-released")
def a_line_that_was_never_declared(e: Evidence) -> None:
    goods_went_back(e)
    other = replace(PART, line_no=7)
    seq = said(e, "clearance", ReturnAdmitted, 1)
    e.retell("clearance", PERMITTED, seq, lambda event: replace(event, lines=(other,)))


@plants.break_("returns-are-of-the-released")
def a_day_too_late(e: Evidence) -> None:
    goods_went_back(e)
    seq = said(e, "declaration", ReturnRequested)
    late = timedelta(days=31)
    e.retell(
        "declaration", PERMITTED, seq, lambda event: replace(event, requested_at=event.requested_at + late)
    )


@plants.break_("returns-are-of-the-released")
def a_deadline_of_another_law(e: Evidence) -> None:
    goods_went_back(e)
    seq, day = said(e, "clearance", ReturnAdmitted), timedelta(days=1)
    e.retell("clearance", PERMITTED, seq, lambda event: replace(event, back_by=event.back_by + day))


@plants.break_("returns-are-of-the-released")
def goods_that_came_too_late(e: Evidence) -> None:
    goods_went_back(e)
    seq, late = said(e, "logistics", GoodsReturned), timedelta(days=46)
    e.retell("logistics", PERMITTED, seq, lambda event: replace(event, arrived_at=event.arrived_at + late))


@plants.break_("refunds-are-exact", "money-is-whole", "released-is-billed", "every-change-has-its-event")
def a_cent_too_much_given_back(e: Evidence) -> None:
    goods_went_back(e)
    cent = Decimal("0.01")
    e.retell(
        "tax",
        PERMITTED,
        said(e, "tax", TaxRefunded),
        lambda event: replace(
            event,
            tax_total=BACK + cent,
            lines=(replace(event.lines[0], value_added_tax=BACK + cent),),
        ),
    )


@plants.break_("refunds-are-exact")
def what_is_given_back_of_another_tax(e: Evidence) -> None:
    goods_went_back(e)
    e.retell(
        "tax",
        PERMITTED,
        said(e, "tax", TaxRefunded),
        lambda event: replace(
            event, lines=(replace(event.lines[0], value_added_tax=Decimal(0), customs_duty=BACK),)
        ),
    )


@plants.break_(
    "refunds-are-exact", "quotas-add-up", "money-is-whole", "released-is-billed", "every-change-has-its-event"
)
def a_return_that_gave_nothing_back(e: Evidence) -> None:
    goods_went_back(e)
    seq = said(e, "tax", TaxRefunded)
    e.rows["tax", "facts"] = [
        row for row in e.rows["tax", "facts"] if (row.subject, row.seq) != (SUBJECT, seq)
    ]
    e.records["tax"] = [
        each for each in e.records["tax"] if dict(each.headers)["ce_id"] != f"{SUBJECT}/{seq}".encode()
    ]
    e.settle()


@plants.break_("every-change-has-its-event")
def a_refund_that_is_not_kept(e: Evidence) -> None:
    goods_went_back(e)
    e.lose("tax", "refunds", PERMITTED)


@plants.break_("every-change-has-its-event")
def a_return_that_clearance_forgot(e: Evidence) -> None:
    goods_went_back(e)
    e.lose("clearance", "returns", PERMITTED)


@plants.break_("every-change-has-its-event")
def a_return_that_logistics_holds_otherwise(e: Evidence) -> None:
    goods_went_back(e)
    e.change("logistics", "awaited_returns", PERMITTED, status="BACK")


@plants.break_("outcomes-are-known")
def an_answer_that_declaration_missed(e: Evidence) -> None:
    goods_went_back(e)
    e.change("declaration", "requests", PERMITTED, state="ADMITTED")


@plants.break_("quotas-add-up")
def a_quota_that_did_not_come_back(e: Evidence) -> None:
    goods_went_back(e)
    used = (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE - QUOTA)
    replace_row(e, "tax", "quotas", used, (*used[:3], VALUE))


@plants.break_("settled-or-waiting")
def goods_that_nobody_looks_for(e: Evidence) -> None:
    asked(e, FIRST, "ADMITTED")
    e.add("logistics", "awaited_returns", Returned(SUBJECT, FIRST, "AWAITED"))
    e.settle()


def test_goods_awaited_with_a_deadline_are_no_breach(tmp_path: Path) -> None:
    evidence = a_clean_window()
    goods_that_nobody_looks_for(evidence)
    evidence.add("logistics", "timers", Timer(SUBJECT, "ReturnsOverdue", 1, LATER + timedelta(days=45)))

    assert evidence.found(tmp_path) == []


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
