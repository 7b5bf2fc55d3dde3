"""Planted breaches: each is found, by its name, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit.breach import INVARIANTS
from audit.rows import Unsaid, Waiting
from shared.contracts.clearance import ClearanceHeld, DeclarationRefused, HoldLifted, PermitIssued
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.tax import TaxCommitted, TaxSecured
from shared.contracts.topics import PARTITIONS, SOURCES
from tests.support.builders import NOW, a_declaration_id
from tests.support.evidence import AGENT, LATER, TAX, VALUE, Evidence, gate, held, of
from tests.support.six_ways import (
    AMENDED,
    CANCELLED,
    PERMITTED,
    REFUSED,
    WAITS,
    WAIVED,
    a_clean_window,
    a_review,
)

Plant = Callable[[Evidence], None]
PLANTS: list[tuple[Plant, frozenset[str]]] = []
LONG_AGO = LATER - timedelta(minutes=5)


def breaks(*invariants: str) -> Callable[[Plant], Plant]:
    """What is planted, and the invariants that it breaks."""

    def note(plant: Plant) -> Plant:
        PLANTS.append((plant, frozenset(invariants)))
        return plant

    return note


def hear(e: Evidence, reader: str, source: str, number: int, seq: int) -> None:
    """Move a cursor."""
    heads = e.rows[reader, "heads"]
    place = next(i for i, head in enumerate(heads) if head.subject == a_declaration_id(number))
    heard = list(heads[place].heard)
    heard[SOURCES.index(source)] = seq
    heads[place] = heads[place]._replace(heard=heard)


def replace_row(e: Evidence, service: str, table: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    """Another row in the place of one."""
    rows = e.tables[service, table]
    rows[rows.index(old)] = new


def forget(e: Evidence, service: str, number: int, seq: int) -> None:
    """A fact that was never said, and that nobody has heard."""
    e.lose(service, "facts", number)
    name = f"{a_declaration_id(number)}/{seq}".encode()
    e.records[service] = [each for each in e.records[service] if dict(each.headers)["ce_id"] != name]
    e.settle()


def keep_held(e: Evidence, number: int) -> None:
    """Balances in which a committed declaration still holds what it held."""
    old = (AGENT, Decimal(100), TAX, TAX * 2)
    replace_row(e, "tax", "accounts", old, (AGENT, Decimal(100), TAX * 2, TAX))
    quota = (f"buyer-{number}", 2025, Decimal(0), VALUE)
    replace_row(e, "tax", "quotas", quota, (f"buyer-{number}", 2025, VALUE, Decimal(0)))


# --- promises and protocol ---


@breaks("acknowledged-is-stored")
def an_id_that_nobody_stored(e: Evidence) -> None:
    e.acknowledged.append(a_declaration_id(99))


@breaks("facts-are-gap-free")
def a_head_that_counts_too_far(e: Evidence) -> None:
    e.change("tax", "heads", PERMITTED, next_seq=9)


@breaks(
    "facts-are-gap-free",
    "every-event-has-its-fact",
    "nothing-unsaid-is-heard",
    "every-change-has-its-event",
    "what-is-heard-has-its-effect",
)
def a_lost_fact(e: Evidence) -> None:
    e.lose("logistics", "facts", PERMITTED)


@breaks("fact-says-what-its-row-says")
def a_fact_about_another(e: Evidence) -> None:
    e.retell("logistics", PERMITTED, 2, lambda event: replace(event, declaration_id=a_declaration_id(WAITS)))


@breaks("fact-says-what-its-row-says", "one-payload-an-event")
def a_fact_that_cannot_be_read(e: Evidence) -> None:
    e.change("logistics", "facts", REFUSED, body=b"{", told=None)


@breaks("every-effect-has-its-cause")
def an_effect_of_what_was_never_said(e: Evidence) -> None:
    e.change("quarantine", "facts", PERMITTED, cause_seq=9)


@breaks("effects-come-once")
def a_second_triage(e: Evidence) -> None:
    e.say(QuarantineTriaged(gate=gate("quarantine"), **of(WAITS)), "timer")
    e.settle()


@breaks("nothing-unsaid-is-heard")
def a_cursor_ahead_of_its_speaker(e: Evidence) -> None:
    hear(e, "clearance", "tax", WAITS, 2)


@breaks("what-is-said-is-heard")
def a_service_that_has_not_heard(e: Evidence) -> None:
    hear(e, "quarantine", "clearance", PERMITTED, 0)


@breaks("what-is-said-is-heard", "offsets-follow-the-state")
def an_offset_committed_before_the_state(e: Evidence) -> None:
    hear(e, "quarantine", "clearance", PERMITTED, 0)
    e.committed["quarantine"] = {("clearance", number): 1000 for number in range(PARTITIONS)}


@breaks("what-waits-has-a-reason")
def a_parked_event_without_a_cause(e: Evidence) -> None:
    e.add("tax", "waiting", Waiting(a_declaration_id(WAITS), "clearance", 1, "parked", "", "", 1))
    e.change("tax", "heads", WAITS, waiting=1)


@breaks("what-waits-has-a-reason")
def a_head_that_miscounts_what_waits(e: Evidence) -> None:
    e.change("tax", "heads", WAITS, waiting=1)


@breaks("what-waits-has-a-reason")
def something_applied_that_still_waits(e: Evidence) -> None:
    e.add("tax", "waiting", Waiting(a_declaration_id(WAITS), "declaration", 1, "early", "", "", 0))
    e.change("tax", "heads", WAITS, waiting=1)


@breaks("the-outbox-moves")
def a_fact_left_unsaid(e: Evidence) -> None:
    e.add("tax", "outbox", Unsaid(a_declaration_id(WAITS), 1, LONG_AGO))


@breaks("the-outbox-moves")
def an_outbox_row_of_no_fact(e: Evidence) -> None:
    e.add("tax", "outbox", Unsaid(a_declaration_id(WAITS), 7, LATER))


@breaks("deadlines-run")
def a_deadline_that_did_not_run(e: Evidence) -> None:
    e.change("logistics", "timers", WAITS, due_at=LONG_AGO)


# --- topics ---


@breaks("every-fact-is-on-its-topic")
def a_fact_that_is_on_no_topic(e: Evidence) -> None:
    name = f"{a_declaration_id(PERMITTED)}/2".encode()
    e.records["tax"] = [each for each in e.records["tax"] if dict(each.headers)["ce_id"] != name]


@breaks("every-event-has-its-fact")
def an_event_that_nobody_stored(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0]._replace(seq=7))


@breaks("one-payload-an-event")
def an_event_said_twice_with_other_bytes(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0], value=b"{}")


@breaks("one-payload-an-event")
def a_type_that_is_not_that_of_the_fact(e: Evidence) -> None:
    fact = e.facts("quarantine", a_declaration_id(PERMITTED))[0]
    e.records["quarantine"] = [each for each in e.records["quarantine"] if each.value != fact.body]
    e.put("quarantine", fact._replace(type="quarantine.decided.v1"))


@breaks("records-lie-in-their-partition")
def a_record_in_another_partition(e: Evidence) -> None:
    first = e.records["tax"][0]
    e.records["tax"][0] = first._replace(partition=(first.partition + 1) % PARTITIONS)


@breaks("records-lie-in-their-partition")
def a_record_that_is_no_event(e: Evidence) -> None:
    e.put("tax", e.facts("tax", a_declaration_id(PERMITTED))[0], headers=[("ce_id", b"x")])


# --- versions and outcomes ---


@breaks("versions-are-1-to-n")
def a_version_that_nobody_filed(e: Evidence) -> None:
    e.say(QuarantineTriaged(gate=gate("quarantine"), **of(PERMITTED, 2)))
    e.settle()


@breaks("one-permit", "one-outcome")
def a_second_permit(e: Evidence) -> None:
    e.say(_another_permit(e, "SW1b"))
    e.settle()


def _another_permit(e: Evidence, number: str) -> PermitIssued:
    end = LATER + timedelta(days=14)
    return PermitIssued(
        permit_no=number,
        filed_at=NOW,
        issued_at=NOW,
        valid_until=end,
        covers_sha256="",
        key_id="",
        **of(PERMITTED),
    )


@breaks("one-permit", "every-change-has-its-event")
def a_permit_number_that_stands_twice(e: Evidence) -> None:
    e.retell("clearance", PERMITTED, 1, lambda event: replace(event, permit_no=f"SW{WAIVED}"))


@breaks("one-outcome", "refusals-have-their-ground")
def a_refusal_after_the_permit(e: Evidence) -> None:
    e.say(DeclarationRefused(gate=gate("tax", status="REFUSED"), **of(PERMITTED)))
    e.settle()


@breaks("moves-are-legal")
def a_hold_lifted_that_was_none(e: Evidence) -> None:
    e.say(HoldLifted(officer="o", reason="r", **of(WAITS)))
    e.settle()


@breaks("moves-are-legal")
def tax_secured_after_the_permit(e: Evidence) -> None:
    e.say(TaxSecured(gate=gate("tax"), tax_total=TAX, **of(WAIVED)))
    e.settle()


@breaks("effects-come-once", "moves-are-legal")
def tax_committed_twice(e: Evidence) -> None:
    e.say(TaxCommitted(tax_total=TAX, quota_used=VALUE, **of(PERMITTED)))
    e.settle()


@breaks("outcomes-are-known")
def an_outcome_that_declaration_has_lost(e: Evidence) -> None:
    e.lose("declaration", "outcomes", CANCELLED)


@breaks("outcomes-are-known")
def a_request_without_an_answer(e: Evidence) -> None:
    e.change("declaration", "requests", AMENDED, state="PENDING")


@breaks("every-change-has-its-event")
def a_booking_that_is_lost(e: Evidence) -> None:
    e.lose("logistics", "bookings", PERMITTED)


@breaks("every-change-has-its-event")
def a_case_that_says_what_no_event_says(e: Evidence) -> None:
    e.change("clearance", "cases", WAITS, status="REFUSED")


# --- the predicate ---


def _gate_of(number: int, **changes: Any) -> Callable[[Any], Any]:
    return lambda event: replace(event, gate=replace(event.gate, **changes))


@breaks("the-clearance-predicate-holds")
def a_permit_past_a_shut_gate(e: Evidence) -> None:
    e.retell(
        "quarantine",
        PERMITTED,
        1,
        lambda event: replace(event, gate=held("quarantine", "quarantine officer")),
    )


@breaks("the-clearance-predicate-holds")
def a_permit_past_a_refusal(e: Evidence) -> None:
    e.retell("declaration", PERMITTED, 1, _gate_of(PERMITTED, status="REFUSED"))


@breaks("the-clearance-predicate-holds")
def a_permit_that_came_before_the_word(e: Evidence) -> None:
    e.change("quarantine", "facts", PERMITTED, recorded_at=LATER)


@breaks("the-clearance-predicate-holds")
def a_permit_by_the_word_on_another_version(e: Evidence) -> None:
    e.change("clearance", "facts", AMENDED, cause_seq=1)


@breaks("the-clearance-predicate-holds")
def a_permit_of_another_filing(e: Evidence) -> None:
    e.retell("clearance", PERMITTED, 1, lambda event: replace(event, filed_at=LONG_AGO))


@breaks("the-clearance-predicate-holds")
def a_permit_past_clearances_own_hold(e: Evidence) -> None:
    rows = e.rows["clearance", "facts"]
    permit = e.facts("clearance", a_declaration_id(PERMITTED))[0]
    e.say(ClearanceHeld(gate=held("clearance", "clearance officer"), officer="o", **of(PERMITTED)))
    hold = rows.pop()
    rows[rows.index(permit)] = permit._replace(seq=2)
    rows.append(hold._replace(seq=1))
    e.records["clearance"] = []
    for fact in rows:
        e.put("clearance", fact)
    for service, facts in (("tax", "facts"), ("logistics", "facts")):
        e.change(service, facts, PERMITTED, cause_seq=2)
    e.settle()


@breaks("refusals-have-their-ground")
def a_refusal_that_nobody_spoke(e: Evidence) -> None:
    e.retell("clearance", REFUSED, 1, lambda event: replace(event, gate=gate("tax", status="REFUSED")))


@breaks("refusals-have-their-ground")
def a_refusal_of_clearances_own_without_a_hold(e: Evidence) -> None:
    e.retell("clearance", REFUSED, 1, lambda event: replace(event, gate=gate("clearance", status="REFUSED")))


@breaks("what-is-heard-has-its-effect")
def a_permit_that_logistics_ignored(e: Evidence) -> None:
    forget(e, "logistics", PERMITTED, 2)
    e.change("logistics", "bookings", PERMITTED, permit_no="")


@breaks("what-is-heard-has-its-effect", "settled-or-waiting")
def a_submission_that_quarantine_ignored(e: Evidence) -> None:
    forget(e, "quarantine", WAITS, 1)


# --- waiting ---


@breaks("settled-or-waiting")
def a_hold_without_an_owner(e: Evidence) -> None:
    e.retell("logistics", WAITS, 1, _gate_of(WAITS, awaits=""))


@breaks("settled-or-waiting")
def a_hold_that_nobody_looks_at_again(e: Evidence) -> None:
    e.lose("logistics", "timers", WAITS)


@breaks("settled-or-waiting")
def an_officers_hold_that_is_in_no_queue(e: Evidence) -> None:
    e.retell(
        "quarantine", WAITS, 1, lambda event: replace(event, gate=held("quarantine", "quarantine officer"))
    )
    e.keep("clearance", "tallies", ("held.quarantine", 1))


@breaks("settled-or-waiting", "tallies-are-counts")
def open_gates_and_no_permit(e: Evidence) -> None:
    e.retell("logistics", WAITS, 1, lambda event: replace(event, gate=gate("logistics")))


@breaks("reviews-are-of-the-living")
def a_review_of_the_dead(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(CANCELLED))


@breaks("reviews-are-of-the-living")
def a_review_of_a_version_that_is_over(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(AMENDED))


@breaks("reviews-are-of-the-living")
def a_lease_of_a_day(e: Evidence) -> None:
    until = LATER + timedelta(days=1)
    e.add("quarantine", "reviews", a_review(WAITS, lease_no=1, officer="o", lease_until=until))


@breaks("reviews-are-of-the-living")
def a_lease_of_nobody(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(WAITS, lease_no=1, lease_until=LATER))


# --- money ---


@breaks("money-is-whole")
def a_guarantee_that_went_away(e: Evidence) -> None:
    e.change("tax", "assessments", PERMITTED, guarantee_held=Decimal(0))


@breaks("money-is-whole")
def a_cent_more_in_the_books(e: Evidence) -> None:
    e.change("tax", "assessments", WAITS, tax_total=TAX + Decimal("0.01"))


@breaks("money-is-whole")
def lines_that_are_not_the_total(e: Evidence) -> None:
    e.retell(
        "tax", PERMITTED, 1, lambda event: replace(event, lines=(replace(event.lines[0], customs_duty=TAX),))
    )


@breaks("money-is-whole")
def a_commitment_of_another_amount(e: Evidence) -> None:
    e.retell("tax", PERMITTED, 2, lambda event: replace(event, tax_total=TAX + 1))


@breaks("money-is-whole")
def a_version_booked_on_another_guarantor(e: Evidence) -> None:
    e.change("tax", "assessments", PERMITTED, guarantor="SELLER0001")


@breaks("money-is-whole")
def a_permit_that_tax_never_committed(e: Evidence) -> None:
    forget(e, "tax", PERMITTED, 2)
    e.change("tax", "assessments", PERMITTED, status="SECURED")
    keep_held(e, PERMITTED)


@breaks("money-is-whole")
def a_cancellation_that_tax_has_not_given_back(e: Evidence) -> None:
    forget(e, "tax", CANCELLED, 2)
    e.change("tax", "assessments", CANCELLED, status="SECURED", quota_held=VALUE, guarantee_held=TAX)
    old = (AGENT, Decimal(100), TAX, TAX * 2)
    replace_row(e, "tax", "accounts", old, (AGENT, Decimal(100), TAX * 2, TAX * 2))
    e.keep("tax", "quotas", (f"buyer-{CANCELLED}", 2025, VALUE, Decimal(0)))


@breaks("money-is-whole", "every-change-has-its-event")
def an_assessment_that_is_lost(e: Evidence) -> None:
    e.lose("tax", "assessments", PERMITTED)


@breaks("accounts-add-up")
def a_reservation_that_nobody_holds(e: Evidence) -> None:
    replace_row(
        e, "tax", "accounts", (AGENT, Decimal(100), TAX, TAX * 2), (AGENT, Decimal(100), TAX * 2, TAX * 2)
    )


@breaks("accounts-add-up")
def a_balance_that_nobody_paid(e: Evidence) -> None:
    replace_row(e, "tax", "deposits", (AGENT, Decimal(100)), (AGENT, Decimal(99)))


@breaks("quotas-add-up")
def a_quota_used_once_too_often(e: Evidence) -> None:
    old = (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE)
    replace_row(e, "tax", "quotas", old, (f"buyer-{PERMITTED}", 2025, Decimal(0), VALUE * 2))


@breaks("quotas-stay-within-the-limit")
def a_buyer_beyond_the_year(e: Evidence) -> None:
    much = Decimal(26001)
    e.retell("tax", WAITS, 1, lambda event: replace(event, dutiable_value=much))
    e.change("tax", "assessments", WAITS, quota_held=much)
    old = (f"buyer-{WAITS}", 2025, VALUE, Decimal(0))
    replace_row(e, "tax", "quotas", old, (f"buyer-{WAITS}", 2025, much, Decimal(0)))


# --- keys, counts, copies ---


@breaks("keys-belong-to-the-living")
def a_key_in_anothers_hand(e: Evidence) -> None:
    old = (f"order|PLATFORM01|ORDER-{WAITS}", a_declaration_id(WAITS), None)
    replace_row(e, "declaration", "taken_keys", old, (old[0], a_declaration_id(PERMITTED), None))


@breaks("keys-belong-to-the-living")
def a_key_of_the_dead(e: Evidence) -> None:
    row = (f"order|PLATFORM01|ORDER-{CANCELLED}", a_declaration_id(CANCELLED), None)
    e.keep("declaration", "taken_keys", row)


@breaks("keys-belong-to-the-living")
def a_waybill_held_for_the_dead(e: Evidence) -> None:
    e.keep("logistics", "waybills", ("CARRIER001", f"WAYBILL-{REFUSED}", a_declaration_id(REFUSED), NOW))


@breaks("tallies-are-counts")
def a_live_page_that_miscounts(e: Evidence) -> None:
    replace_row(e, "clearance", "tallies", ("permit", 3), ("permit", 4))


@breaks("copies-agree")
def a_copy_of_a_party_that_is_no_more(e: Evidence) -> None:
    old = ("CARRIER001", ["carrier"], True)
    replace_row(e, "declaration", "parties", old, ("CARRIER001", ["carrier"], False))


@breaks("copies-agree")
def a_carrier_that_logistics_lacks(e: Evidence) -> None:
    e.tables["logistics", "carriers"].clear()


@pytest.mark.parametrize(("plant", "broken"), PLANTS, ids=[plant.__name__ for plant, _ in PLANTS])
def test_what_is_planted_is_named_and_nothing_else(
    plant: Plant, broken: frozenset[str], tmp_path: Path
) -> None:
    evidence = a_clean_window()
    plant(evidence)

    found = evidence.found(tmp_path)

    assert {breach.invariant for breach in found} == broken, found
    assert all(breach.ids and breach.sentence for breach in found)


def test_every_invariant_is_broken_by_some_plant() -> None:
    planted = {invariant for _, broken in PLANTS for invariant in broken}

    assert planted == INVARIANTS.keys() - {"it-comes-to-rest"}  # that one needs a system that does not rest
