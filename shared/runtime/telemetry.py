"""Telemetry: logs as JSON, counters for Prometheus, the trace of a request.

Every log line about a declaration carries `declaration_id` and `trace_id`. The trace is W3C Trace Context: taken
from the request or made at the door, stored with each fact, passed on in the record's header.
"""

from __future__ import annotations

import collections
import logging
import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

from shared.contracts.clearance import PermitIssued
from shared.contracts.envelope import AnyEvent, Fact
from shared.contracts.topics import NAMES
from shared.runtime.bus import Message

MINUTE = 60.0
KINDS = 1000
"""Kinds of lines that are counted at once."""
_TRACE: ContextVar[str] = ContextVar("traceparent", default="")
_CHANCE = random.Random()  # noqa: S311 - no secret
"""Of its own: whoever seeds everybody's would make the same traces twice, or find it drawn from under his hands."""
_is_traceparent = re.compile(
    "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
).fullmatch
"""As W3C Trace Context has it: no version ff, no id of noughts."""

EVENTS_HANDLED = Counter("events_handled_total", "Events applied", ["service", "type"])
FACTS_MADE = Counter("facts_made_total", "Facts stored", ["service", "type"])
EVENTS_PARKED = Counter("events_parked_total", "Events held for an operator", ["service", "class"])
BATCH_SIZE = Histogram(
    "batch_size", "Messages in a wave", ["service"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
CONSUMER_LAG = Gauge("consumer_lag", "Records not yet handled", ["service", "topic"])
WAITING = Gauge("waiting_events", "Events that wait: early or parked", ["service", "state"])
OUTBOX = Gauge("outbox_facts", "Facts not yet said by the relay", ["service"])
FILED_TO_PERMIT = Histogram(
    "filed_to_permit_seconds",
    "From filing to permit",
    buckets=(0.02, 0.05, 0.08, 0.12, 0.18, 0.25, 0.4, 0.7, 1, 2, 5, 10, 30, 60, 300, 3600, 86400),
)
REFUSED_BUSY = Counter("intake_refused_total", "Filings answered 429", ["service"])


def start_logs(service: str, level: str) -> None:
    """One JSON object a line on standard output, for this service's logs and the libraries' warnings."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(Calm())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for library in ("aiokafka", "alembic", "fontTools", "fpdf"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
    )
    structlog.contextvars.bind_contextvars(service=service)


class Calm(logging.Filter):
    """Lets a library say a line of a kind ten times a minute, then every hundredth: an outage is not a flood.

    A kind is a logger and how its line begins; while a broker is away its client says four of them in turn, fifty
    lines a second. Our own loops pause by themselves. What the broker's client calls an error is a warning here: it
    comes again by itself, and readiness says so.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}
        """When the first of this minute came, and how many have."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is said."""
        if record.levelno == logging.ERROR and record.name.startswith("aiokafka"):
            record.levelno, record.levelname = logging.WARNING, "WARNING"  # a broker away is waited for
        if isinstance(record.msg, dict):
            return True  # ours
        kind = record.name, str(record.msg)[:30]
        since, count = self._kinds.get(kind, (record.created, 0))
        if record.created - since > MINUTE:
            since, count = record.created, 0
        if len(self._kinds) > KINDS:
            self._kinds.clear()
        self._kinds[kind] = since, count + 1
        return count < 10 or count % 100 == 0


def log(name: str) -> Any:
    """A logger; loggers are made when needed, never at import."""
    return structlog.get_logger(name)


def traceparent() -> str:
    """The trace of what runs now, for the facts it makes."""
    return _TRACE.get()


def follow_trace(given: str | None) -> str:
    """Take up the caller's trace, or begin one; returns the traceparent."""
    trace = given if given and _is_traceparent(given) else new_traceparent()
    _TRACE.set(trace)
    return trace


def new_traceparent() -> str:
    """A fresh W3C traceparent, sampled."""
    return f"00-{_CHANCE.getrandbits(128):032x}-{_CHANCE.getrandbits(64):016x}-01"


def trace_id(parent: str) -> str:
    """The trace id within a traceparent."""
    return parent[3:35]


def handled(service: str, kinds: Sequence[str]) -> None:
    """Count events applied, by type; "closed" stands for work on a version that is over."""
    BATCH_SIZE.labels(service).observe(len(kinds))
    passed(service, collections.Counter(kinds))


def passed(service: str, counts: Mapping[str, int]) -> None:
    """Count events heard, by type."""
    for kind, count in counts.items():
        EVENTS_HANDLED.labels(service, kind).inc(count)


def made(service: str, events: Sequence[AnyEvent]) -> None:
    """Count facts stored; a permit tells how long it took."""
    for kind, count in collections.Counter(NAMES[type(event)] for event in events).items():
        FACTS_MADE.labels(service, kind).inc(count)
    for event in events:
        if isinstance(event, PermitIssued):
            FILED_TO_PERMIT.observe((event.issued_at - event.filed_at).total_seconds())


def kept(facts: Iterable[Fact]) -> None:
    """At level debug, a line for each fact: the whole story of a declaration by its id alone."""
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        for fact in facts:
            log("facts").debug(
                fact.type,
                declaration_id=fact.subject,
                trace_id=trace_id(fact.traceparent),
                seq=fact.seq,
                version=fact.version,
                cause=f"{fact.cause.source}/{fact.cause.seq}",
            )


def parked(service: str, message: Message, error: BaseException) -> None:
    """Count and log what was put aside: nothing is dropped without a word."""
    EVENTS_PARKED.labels(service, type(error).__name__).inc()
    log("parking").error(
        "event parked",
        declaration_id=message.subject,
        trace_id=trace_id(message.traceparent),
        source=message.source,
        seq=message.seq,
        type=message.type,
        place=message.place,
        error=f"{type(error).__name__}: {error}",
        fix=f"sw parked show {service} {message.subject} {message.source} {message.seq}",
    )
