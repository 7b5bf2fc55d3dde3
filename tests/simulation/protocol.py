"""Protocol checks: nothing lost, nothing twice, nothing left behind, whatever befell the schedule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.contracts import codec
from shared.contracts.envelope import Fact
from shared.contracts.topics import NAMES, topic_of
from shared.runtime.bus import Place, Record
from tests.simulation.rooms import ROOMS

if TYPE_CHECKING:
    from tests.simulation.world import World

FIRST_WORDS = (
    "declaration.submitted.v1",
    "tax.assessed.v1",
    "tax.voided.v1",
    "tax.committed.v1",
    "quarantine.triaged.v1",
    "logistics.booked.v1",
    "logistics.gated-out.v1",
)


def facts_of(world: World, service: str) -> dict[str, list[Fact]]:
    """What a service has said, by subject, in order."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for (subject, _), fact in sorted(world.databases[service].tables["facts"].items()):
        found[subject].append(fact)
    return found


def it_is_at_rest(world: World) -> Iterator[str]:
    """Everything is read, said, applied, and nothing is due."""
    if lag := world.broker.lag():
        yield f"{lag} records are not read"
    for service, database in world.databases.items():
        left = [(table, key) for table in ("outbox", "waiting") for key in database.tables[table]]
        late = [key for key, (due_at, _) in database.tables["timers"].items() if due_at <= database.clock()]
        for table, key in [*left, *(("timers", key) for key in late)]:
            yield f"{service} leaves {key} in its {table}"


def facts_are_one_to_n(world: World) -> Iterator[str]:
    """Without a gap; and the head counts on from there."""
    for service, database in world.databases.items():
        facts = facts_of(world, service)
        for subject, head in database.tables["heads"].items():
            seqs = [fact.seq for fact in facts.pop(subject, [])]
            if seqs != list(range(1, head.next_seq)):
                yield f"{service} has facts {seqs} of {subject}, next is {head.next_seq}"
            if head.waiting:
                yield f"{service} counts {head.waiting} that wait of {subject}"
        for subject in facts:
            yield f"{service} has facts of {subject} and no head"


def what_is_said_is_heard(world: World) -> Iterator[str]:
    """Every cursor stands where its source's facts end."""
    for service, group in world.broker.groups.items():
        for source in world.databases:
            if topic_of(source) not in group.topics:
                continue
            for subject, facts in facts_of(world, source).items():
                head = world.databases[service].tables["heads"].get(subject)
                heard = head.heard[source] if head else 0
                if heard != len(facts):
                    yield f"{service} has heard {heard} of {len(facts)} from {source} of {subject}"


def facts_and_records_agree(world: World) -> Iterator[str]:
    """Each fact is on its topic; each record is its fact, to the byte."""
    for source, database in world.databases.items():
        facts: dict[tuple[str, int], Fact] = database.tables["facts"]
        said = set()
        for (subject, seq), body in _records(world, topic_of(source)):
            said.add((subject, seq))
            fact = facts.get((subject, seq))
            if fact is None:
                yield f"{source} has said {subject}/{seq}, which it has not saved"
            elif fact.body != body:
                yield f"{source} has said {subject}/{seq} otherwise than it has saved it"
        for subject, seq in sorted(facts.keys() - said):
            yield f"{source} has never said {subject}/{seq} {facts[subject, seq].type}"


def _records(world: World, topic: str) -> Iterator[tuple[tuple[str, int], bytes | None]]:
    """The records of a topic that nobody has garbled on the way: whose they are, and what they say."""
    for place, log in world.broker.logs.items():
        for record in log if place[0] == topic else ():
            if (*place, record.offset) not in world.garbled:
                yield _event(record), record.value


def _event(record: Record) -> tuple[str, int]:
    subject, _, seq = dict(record.headers)["ce_id"].decode().rpartition("/")
    return subject, int(seq)


def first_words_come_once(world: World) -> Iterator[str]:
    """A version is submitted, assessed, triaged, booked, committed once; an input causes a type once."""
    for service in world.databases:
        for subject, facts in facts_of(world, service).items():
            words = Counter((fact.type, fact.version) for fact in facts if fact.type in FIRST_WORDS)
            causes = Counter((fact.cause, fact.type) for fact in facts if fact.cause.seq)
            for what, times in (*words.items(), *causes.items()):
                if times > 1:
                    yield f"{service} has said {what} of {subject} {times} times"


def what_is_heard_is_handled(world: World) -> Iterator[str]:
    """Whatever a service has heard has met its handler, once; but for work on a version that is over."""
    for service, database in world.databases.items():
        heard = [(fact, as_read(service, fact)) for fact in _heard(world, service)]
        times = Counter(body for _, body in heard)
        for fact, body in heard:
            handled = world.hazards.handled[service, body]
            closed = database.tables["heads"][fact.subject].closed_through
            is_over = fact.version <= closed and getattr(codec.decode(fact.type, fact.body), "opens", False)
            if handled != times[body] and not (is_over and not handled):
                yield f"{service} has handled {fact.type} {fact.seq} of {fact.subject} {handled} times"


def as_read(service: str, fact: Fact) -> bytes:
    """What a service reads of a fact."""
    return codec.encode(codec.decode(fact.type, fact.body, ROOMS[service].reads))


def _heard(world: World, service: str) -> Iterator[Fact]:
    """What a service has heard of the kinds that it handles."""
    room, heads = ROOMS[service], world.databases[service].tables["heads"]
    kinds = {NAMES[kind] for kind in room.subscriptions}
    for source in room.sources:
        for subject, facts in facts_of(world, source).items():
            heard = heads[subject].heard[source] if subject in heads else 0
            yield from (fact for fact in facts if fact.seq <= heard and fact.type in kinds)


def what_is_let_go_is_said(world: World) -> Iterator[str]:
    """No offset has ever passed an input whose effects were neither said nor noted for the relay."""
    yield from world.let_go_unsaid


def let_go_unsaid(world: World, service: str, place: Place, first: int) -> Iterator[str]:
    """What would be lost if a service's replicas died now, of the records that it has let go of since an offset."""
    log, until = world.broker.logs[place], world.broker.groups[service].committed[place]
    inputs = {_event(record) for record in log[first:until]} - {_event(record) for record in log[until:]}
    tables = world.databases[service].tables
    caused = {
        key
        for key, fact in tables["facts"].items()
        if (fact.subject, fact.cause.seq) in inputs and topic_of(fact.cause.source) == place[0]
    }
    if caused:
        said = {event for event, _ in _records(world, topic_of(service))}
        for subject, seq in sorted(caused - said - tables["outbox"].keys()):
            yield f"{service} has let go of the cause of {subject}/{seq}, which it has not said"


def only_poison_is_parked(world: World) -> Iterator[str]:
    """Nobody is asked to mend what is not broken."""
    for what in world.hazards.parked_without_cause:
        yield f"parked without cause: {what}"


CHECKS = (
    only_poison_is_parked,
    it_is_at_rest,
    facts_are_one_to_n,
    what_is_said_is_heard,
    facts_and_records_agree,
    first_words_come_once,
    what_is_heard_is_handled,
    what_is_let_go_is_said,
)
