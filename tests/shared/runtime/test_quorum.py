"""What several sources first say of a subject comes together, in order, and no offset passes what rests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.bus import Message, Written
from shared.runtime.quorum import MOST_BYTES, PATIENCE, RECORD_BYTES, Came, Quorum
from tests.support.builders import a_declaration_id

SOURCES = ("declaration", "tax", "quarantine", "logistics")
FIRST = {
    "declaration": "declaration.submitted.v1",
    "tax": "tax.assessed.v1",
    "quarantine": "quarantine.triaged.v1",
    "logistics": "logistics.booked.v1",
}
LATER = "tax.secured.v1"
UNWANTED = "tax.committed.v1"
HEARD = {*FIRST.values(), LATER}


class Topics:
    """Makes records, each at the next offset of its partition."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, int], int] = defaultdict(int)

    def says(self, source: str, number: int = 1, seq: int = 1, kind: str = "", body: bytes = b"{}") -> Came:
        """The seq-th word of a source on declaration `number`; its first by default."""
        topic, partition = f"{source}.events", number % 2
        offset = self._ends[topic, partition]
        self._ends[topic, partition] += 1
        record = Written(topic, partition, offset, None, body, ())
        return record, Message(a_declaration_id(number), source, seq, kind or FIRST[source], body)


def sources_of(messages: Sequence[Message]) -> list[str]:
    return [message.source for message in messages]


def test_without_a_quorum_everything_passes_at_once() -> None:
    topics = Topics()
    came = [topics.says("tax"), topics.says("tax", seq=2, kind=UNWANTED), topics.says("logistics", 2)]

    messages, ends = Quorum().take(came, 0.0)

    assert messages == [message for _, message in came]
    assert ends == {("tax.events", 1): 2, ("logistics.events", 0): 1}


def test_first_words_rest_until_the_last_has_spoken_and_then_come_together() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()

    early = [quorum.take([topics.says(source)], 0.0).messages for source in SOURCES[:3]]
    last, ends = quorum.take([topics.says("logistics")], 0.1)

    assert early == [[], [], []]
    assert sources_of(last) == list(SOURCES)
    assert ends == {(f"{source}.events", 1): 1 for source in SOURCES}


def test_no_offset_passes_what_rests() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()
    quorum.take([topics.says("declaration", 1)], 0.0)
    whole = [topics.says(source, 3) for source in SOURCES]

    messages, ends = quorum.take(whole, 0.1)

    assert sources_of(messages) == list(SOURCES)
    assert ends["declaration.events", 1] == 0, "the word on declaration 1 lies before that on 3, and rests"
    assert ends["tax.events", 1] == 1


def test_once_what_rested_is_handled_the_offset_is_where_the_reading_is() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()
    quorum.take([topics.says("declaration", 1)], 0.0)
    quorum.take([topics.says(source, 3) for source in SOURCES], 0.1)

    _, ends = quorum.take([topics.says(source, 1) for source in SOURCES[1:]], 0.2)

    assert ends == {(f"{source}.events", 1): 2 for source in SOURCES}


def test_a_later_word_waits_for_nobody_and_brings_what_rests_along() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()
    quorum.take([topics.says("tax")], 0.0)

    messages, _ = quorum.take([topics.says("tax", seq=2, kind=LATER)], 0.1)

    assert [message.seq for message in messages] == [1, 2]


def test_what_no_handler_wants_rests_until_something_else_is_said() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()

    alone, _ = quorum.take([topics.says("tax", seq=2, kind=UNWANTED)], 0.0)
    both, _ = quorum.take([topics.says("tax", seq=3, kind=LATER)], 0.1)

    assert alone == []
    assert [message.seq for message in both] == [2, 3]


def test_what_nobody_knows_passes_at_once_so_that_it_is_parked() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()

    messages, _ = quorum.take([topics.says("tax", kind="tax.dreamt.v1"), topics.says("tax", 2, 0, "?")], 0.0)

    assert [message.type for message in messages] == ["tax.dreamt.v1", "?"]


def test_who_is_late_is_not_waited_for_and_need_not_wait() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()
    quorum.take([topics.says(source) for source in SOURCES[:3]], 0.0)

    before, _ = quorum.take([], PATIENCE - 0.1)
    without, ends = quorum.take([], PATIENCE)
    last, _ = quorum.take([topics.says("logistics")], 60.0)

    assert before == []
    assert sources_of(without) == list(SOURCES[:3])
    assert ends == {(f"{source}.events", 1): 1 for source in SOURCES[:3]}
    assert sources_of(last) == ["logistics"]


def test_a_copy_of_a_word_stands_for_nobody_else() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()

    messages, _ = quorum.take([topics.says("tax") for _ in SOURCES], 0.0)

    assert messages == []


def test_memory_is_bounded_and_the_eldest_leave_first() -> None:
    quorum, topics = Quorum(set(SOURCES), HEARD), Topics()
    body = bytes(MOST_BYTES // 4)

    came = [topics.says("tax", number, body=body) for number in range(1, 6)]
    messages, _ = quorum.take(came, 0.0)

    assert len(body) + RECORD_BYTES > MOST_BYTES // 4
    assert [message.subject for message in messages] == [a_declaration_id(number) for number in (1, 2)]


WORDS = st.tuples(st.sampled_from(SOURCES), st.integers(1, 5), st.integers(1, 3), st.booleans())
POLLS = st.lists(st.tuples(st.lists(WORDS, max_size=6), st.floats(0, 0.6)), max_size=12)


@given(POLLS)
def test_nothing_is_lost_or_told_twice_and_what_is_let_go_was_handled(
    polls: list[tuple[list[tuple[str, int, int, bool]], float]],
) -> None:
    quorum, topics, now = Quorum(set(SOURCES), HEARD), Topics(), 0.0
    came: list[Came] = []
    handled: list[Message] = []
    for words, pause in [*polls, ([], 2 * PATIENCE)]:
        now += pause
        fresh = [topics.says(source, number, seq, UNWANTED if unwanted else LATER if seq > 1 else "")
                 for source, number, seq, unwanted in words]  # fmt: skip
        came += fresh
        passed = quorum.take(fresh, now)
        handled += passed.messages
        for record, message in came:
            if record.offset < passed.ends.get((record.topic, record.partition), 0):
                assert any(message is each for each in handled)

    assert sorted(map(id, handled)) == sorted(id(message) for _, message in came)
    for number in range(1, 6):
        of_one = [message for message in handled if message.subject == a_declaration_id(number)]
        assert of_one == [message for _, message in came if message.subject == a_declaration_id(number)]
