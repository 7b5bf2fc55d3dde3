"""What clearance says of what it hears."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearance.handlers import (
    on_gates_spoken,
)
from shared.contracts.clearance import (
    AmendmentAdmitted,
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    RequestRefused,
)
from shared.contracts.envelope import Event
from shared.kernel.gate import SPEAKING
from shared.kernel.ids import EVERY_VERSION
from tests.services.clearance.words import (
    a_cancellation,
    all_pass,
    an_amendment,
    arrived,
    counts,
    customs,
    customs_decided,
    logistics,
    outcomes,
    quarantine,
    quarantine_decided,
    tax,
    tax_secured,
    tell,
)
from tests.support.builders import NOW, PARTIES, a_declaration_id
from tests.support.memory_clearance import MemoryCaseBook


async def test_the_last_gate_brings_the_permit() -> None:
    book = MemoryCaseBook()

    said = await tell(book, all_pass())

    (permit,) = said
    assert isinstance(permit, PermitIssued)
    assert permit.permit_no == "SW20250001000000001"
    assert (permit.filed_at, permit.issued_at, permit.parties) == (NOW, NOW, PARTIES)
    assert counts(await book.tally()) == {"filed": 1, "permit": 1}


async def test_a_held_gate_waits_for_its_officer_and_is_counted() -> None:
    book = MemoryCaseBook()

    said = await tell(book, [customs("HELD"), tax(), quarantine("HELD"), logistics("HELD")])

    assert said == []
    counted = {"filed": 1, "open": 1, "held.customs": 1, "held.quarantine": 1, "held.logistics": 1}
    assert counts(await book.tally()) == counted
    rest = await tell(book, [customs_decided(), quarantine_decided(), arrived()])
    assert outcomes(rest) == ["PermitIssued"]


async def test_each_gate_counts_what_it_let_pass_whatever_became_of_it() -> None:
    book = MemoryCaseBook()

    await tell(book, [customs(), tax(), quarantine("NOT_REQUIRED"), logistics("REFUSED")])
    refused = await book.tally()
    await tell(book, [tax(declaration_id=a_declaration_id(2))])
    unfiled = await book.tally()

    assert [refused.get(f"passed.{agency}", 0) for agency in SPEAKING] == [1, 1, 1, 0]
    assert unfiled == refused


async def test_a_refusal_names_the_gate() -> None:
    book = MemoryCaseBook()

    said = await tell(book, [customs(), quarantine("REFUSED"), tax("REFUSED"), logistics()])

    (refused,) = said
    assert isinstance(refused, DeclarationRefused)
    assert (refused.gate.agency, refused.closes_through) == ("quarantine", 1)
    assert counts(await book.tally()) == {"filed": 1, "refused": 1}


async def test_a_word_repeated_after_the_permit_says_nothing() -> None:
    book = MemoryCaseBook()
    await tell(book, all_pass())
    before = dict(book.cases)

    said = await tell(book, [tax("REFUSED"), quarantine("HELD")])

    assert said == []
    assert book.cases == before


VOICES: dict[str, list[list[Event]]] = {
    "all pass": [[customs()], [tax()], [quarantine()], [logistics()]],
    "held, then all pass": [
        [customs("HELD"), customs_decided()],
        [tax("HELD"), tax_secured()],
        [quarantine("HELD"), quarantine_decided()],
        [logistics("HELD"), arrived()],
    ],
    "an officer refuses": [
        [customs("HELD"), customs_decided("REFUSED")],
        [tax()],
        [quarantine("HELD"), quarantine_decided()],
        [logistics()],
    ],
    "one stays held": [[customs()], [tax("HELD")], [quarantine()], [logistics()]],
}
EXPECTED = {
    "all pass": ["PermitIssued"],
    "held, then all pass": ["PermitIssued"],
    "an officer refuses": ["DeclarationRefused"],
    "one stays held": [],
}


@given(name=st.sampled_from(sorted(VOICES)), draws=st.lists(st.integers(0, 3), min_size=40, max_size=40))
async def test_any_order_between_the_sources_gives_the_same_single_outcome(
    name: str, draws: list[int]
) -> None:
    voices = [list(voice) for voice in VOICES[name]]
    order: list[Event] = [voices[draw].pop(0) for draw in draws if voices[draw]]
    order += [event for voice in voices for event in voice]

    said = await tell(MemoryCaseBook(), order)

    assert outcomes(said) == EXPECTED[name]
    assert len(said) == len(EXPECTED[name])


async def test_an_amendment_of_the_running_version_is_admitted_and_supersedes_it() -> None:
    book = MemoryCaseBook()

    said = await tell(book, [customs(), tax(), an_amendment(), quarantine(), logistics()])

    (admitted,) = said
    assert isinstance(admitted, AmendmentAdmitted)
    assert (admitted.version, admitted.closes_through, admitted.request_id) == (2, 1, "amend-1")
    assert counts(await book.tally()) == {"filed": 1, "open": 1, "superseded": 1}


async def test_the_new_version_needs_words_of_its_own_in_any_order() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs(), tax(), an_amendment()])

    early = await tell(book, [tax(version=2), quarantine(), logistics(), quarantine(version=2)])
    said = await tell(book, [logistics(version=2), customs(version=2)])

    assert early == []
    (permit,) = said
    assert isinstance(permit, PermitIssued)
    assert permit.version == 2


async def test_a_word_of_a_version_not_running_yet_is_kept() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs(), tax(version=2), quarantine(version=2), logistics(version=2)])

    said = await tell(book, [an_amendment(), customs(version=2)])

    assert outcomes(said) == ["PermitIssued"]


@pytest.mark.parametrize("request_of", [an_amendment, a_cancellation])
async def test_a_request_after_the_permit_is_too_late(request_of: Any) -> None:
    book = MemoryCaseBook()
    await tell(book, all_pass())

    said = await tell(book, [request_of()])

    (refused,) = said
    assert isinstance(refused, RequestRefused)
    assert refused.code == "E-STATE"


@pytest.mark.parametrize("request_of", [an_amendment, a_cancellation])
async def test_a_request_based_on_a_superseded_version_is_refused(request_of: Any) -> None:
    book = MemoryCaseBook()
    await tell(book, [customs(), an_amendment("first")])

    said = await tell(book, [request_of("second")])

    (refused,) = said
    assert isinstance(refused, RequestRefused)
    assert (refused.code, refused.request_id) == ("E-SEQ-STALE", "second")


async def test_a_cancellation_ends_every_version() -> None:
    book = MemoryCaseBook()

    said = await tell(book, [customs(), a_cancellation(), tax(), quarantine(), logistics()])

    (cancelled,) = said
    assert isinstance(cancelled, DeclarationCancelled)
    assert cancelled.closes_through == EVERY_VERSION
    assert counts(await book.tally()) == {"cancelled": 1, "filed": 1}


async def test_a_batch_is_decided_as_each_of_it_alone() -> None:
    book = MemoryCaseBook()
    ids = [a_declaration_id(number) for number in range(1, 6)]
    for one in ids:
        await tell(
            book, [customs(declaration_id=one), tax(declaration_id=one), logistics(declaration_id=one)]
        )

    batch = [quarantine("REFUSED" if one == ids[2] else "PASSED", declaration_id=one) for one in ids]
    said = await on_gates_spoken(batch, book, NOW)

    assert outcomes(said) == ["PermitIssued"] * 2 + ["DeclarationRefused"] + ["PermitIssued"] * 2
    numbers = [event.permit_no for event in said if isinstance(event, PermitIssued)]
    assert len(set(numbers)) == 4
