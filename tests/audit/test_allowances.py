"""What the auditor allows for: none of it is a breach."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from audit.rows import Request, Unsaid, Waiting
from shared.contracts.topics import PARTITIONS
from tests.audit.test_protocol import a_cursor_ahead_of_its_speaker
from tests.audit.test_topics import a_fact_that_is_on_no_topic, an_event_that_nobody_stored
from tests.support.builders import NOW, a_declaration_id
from tests.support.evidence import LATER, Evidence
from tests.support.planting import hear, replace_row
from tests.support.six_ways import PERMITTED, WAITS, a_clean_window


def names(evidence: Evidence, folder: Path) -> set[str]:
    return {breach.invariant for breach in evidence.found(folder)}


def test_words_put_on_a_topic_by_a_test_are_nobodys_fault(tmp_path: Path) -> None:
    evidence = a_clean_window()
    an_event_that_nobody_stored(evidence)
    a_cursor_ahead_of_its_speaker(evidence)

    evidence.forged = {a_declaration_id(PERMITTED), a_declaration_id(WAITS)}

    assert names(evidence, tmp_path) == set()


def test_a_fact_that_the_relay_is_to_say_is_not_missing_on_its_topic(tmp_path: Path) -> None:
    evidence = a_clean_window()
    a_fact_that_is_on_no_topic(evidence)

    evidence.add("tax", "outbox", Unsaid(a_declaration_id(PERMITTED), 2, LATER))

    assert names(evidence, tmp_path) == set()


def test_facts_older_than_their_topic_are_not_looked_for(tmp_path: Path) -> None:
    evidence = a_clean_window()
    a_fact_that_is_on_no_topic(evidence)

    evidence.begins = {("tax", number): NOW for number in range(PARTITIONS)}

    assert names(evidence, tmp_path) == set()


def test_a_fact_after_the_beginning_of_its_topic_is_looked_for(tmp_path: Path) -> None:
    evidence = a_clean_window()
    a_fact_that_is_on_no_topic(evidence)

    evidence.begins = {("tax", number): NOW - timedelta(hours=2) for number in range(PARTITIONS)}

    assert names(evidence, tmp_path) == {"every-fact-is-on-its-topic"}


def test_a_parked_event_says_why_what_follows_is_not_heard(tmp_path: Path) -> None:
    evidence = a_clean_window()
    hear(evidence, "quarantine", "clearance", PERMITTED, 0)

    row = Waiting(a_declaration_id(PERMITTED), "clearance", 1, "parked", "KeyError", "a fault", 1)
    evidence.add("quarantine", "waiting", row)
    evidence.change("quarantine", "heads", PERMITTED, waiting=1)

    assert names(evidence, tmp_path) == set()


def test_the_same_event_said_again_with_the_same_bytes_is_a_repeat(tmp_path: Path) -> None:
    evidence = a_clean_window()

    for fact in evidence.facts("tax", a_declaration_id(PERMITTED)):
        evidence.put("tax", fact)

    assert names(evidence, tmp_path) == set()


def test_a_pending_amendment_has_keys_of_its_own(tmp_path: Path) -> None:
    evidence = a_clean_window()
    subject, key = a_declaration_id(WAITS), "order|PLATFORM01|ANOTHER"

    evidence.keep("declaration", "taken_keys", (key, subject, None))
    evidence.add("declaration", "requests", Request(subject, "request", "amendment", "PENDING", [key]))

    assert "keys-belong-to-the-living" not in names(evidence, tmp_path)


def test_after_six_months_a_waybill_number_may_be_anothers(tmp_path: Path) -> None:
    evidence = a_clean_window()
    old = next(row for row in evidence.tables["declaration", "taken_keys"] if row[0].startswith("waybill|"))

    replace_row(evidence, "declaration", "taken_keys", old, (old[0], old[1], LATER))
    found = names(evidence, tmp_path)
    evidence.look_at = NOW + timedelta(days=184)

    assert found == {"keys-belong-to-the-living"}  # it has lapsed too early
    assert "keys-belong-to-the-living" not in names(evidence, tmp_path / "later")
