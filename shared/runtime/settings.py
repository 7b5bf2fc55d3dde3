"""Settings: one frozen class, read once, at the edge.

Every knob is an environment variable; docs/settings.md is the table for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

CODECS = ("none", "gzip", "lz4", "snappy", "zstd")
N = TypeVar("N", int, float)
SERVICES = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one process of one service runs. Times in seconds unless the name says otherwise."""

    service: str
    database_url: str = ""
    migration_database_url: str = ""
    """Owner role; when empty the schema is expected to be at head."""
    bootstrap_servers: str = "127.0.0.1:9092"
    kafka_security: Mapping[str, str] = field(default_factory=dict)
    """security_protocol, sasl_mechanism, sasl_plain_username, sasl_plain_password, ssl_cafile."""
    compression: str = "none"
    """How what is said is packed for Kafka, one of `CODECS`; what is heard may be packed in any of them."""
    topic_replication: int = 1
    topic_prefix: str = ""
    """Put before every topic and group, so that several installations share a broker."""
    replica_id: str = "0"
    gateway_url: str = "http://127.0.0.1:8080"
    urls: Mapping[str, str] = field(default_factory=dict)
    """Addresses of the other services, for reads that compose."""
    secrets_dir: Path = Path("secrets")
    log_level: str = "info"
    sandbox: bool = True
    pool_size: int = 8
    max_records: int = 3000
    """Records a fetch may bring."""
    gather_ms: int = 25
    """How long a consumer waits for its batch to grow while records keep coming."""
    stuck_after: float = 45.0
    """How long lag may stand, or a broker that listens be silent, before a Kafka client is given up as stuck."""
    intake_limit: int = 4000
    """Filings that may wait to be stored before 429."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The rest, for a room's own knobs (e.g. PORTAL_CLIENT_ID)."""


_KAFKA = {
    "KAFKA_SECURITY_PROTOCOL": "security_protocol",
    "KAFKA_SASL_MECHANISM": "sasl_mechanism",
    "KAFKA_SASL_USERNAME": "sasl_plain_username",
    "KAFKA_SASL_PASSWORD": "sasl_plain_password",
    "KAFKA_SSL_CAFILE": "ssl_cafile",
}
_ON, _OFF = ("", "1", "true", "yes", "on"), ("0", "false", "no", "off")


def read_settings(service: str, environment: Mapping[str, str]) -> Settings:
    """The settings of a service from its environment; unknown variables are ignored.

    Raises a ValueError that names the variable and what it may be.
    """
    get = environment.get

    def number(kind: Callable[[str], N], name: str, usual: str) -> N:
        try:
            return kind(get(name, usual))
        except ValueError:
            raise ValueError(f"{name} is {get(name)!r}: it must be a number") from None

    return Settings(
        service=service,
        database_url=get("DATABASE_URL", ""),
        migration_database_url=get("MIGRATION_DATABASE_URL", ""),
        bootstrap_servers=get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
        kafka_security={name: environment[key] for key, name in _KAFKA.items() if get(key)},
        compression=_one_of(CODECS, "KAFKA_COMPRESSION", get("KAFKA_COMPRESSION", "")),
        topic_replication=number(int, "KAFKA_TOPIC_REPLICATION", "1"),
        topic_prefix=get("KAFKA_TOPIC_PREFIX", ""),
        replica_id=get("REPLICA_ID", "0"),
        gateway_url=get("GATEWAY_URL", "http://127.0.0.1:8080").rstrip("/"),
        urls={name: get(f"{name.upper()}_URL", "").rstrip("/") for name in SERVICES},
        secrets_dir=Path(get("SECRETS_DIR", "secrets")),
        log_level=get("LOG_LEVEL", "info").lower(),
        sandbox=_is_on("SANDBOX", get("SANDBOX", "")),
        pool_size=number(int, "DATABASE_POOL_SIZE", "8"),
        max_records=number(int, "CONSUMER_MAX_RECORDS", "3000"),
        gather_ms=number(int, "CONSUMER_GATHER_MS", "25"),
        stuck_after=number(float, "KAFKA_STUCK_AFTER", "45"),
        intake_limit=number(int, "INTAKE_LIMIT", "4000"),
        environment=dict(environment),
    )


def _one_of(words: Sequence[str], name: str, value: str) -> str:
    """One of some words, in any case; the first where nothing is said."""
    word = value.strip().lower() or words[0]
    if word not in words:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(words)}")
    return word


def _is_on(name: str, value: str) -> bool:
    """A switch that is on unless it is put off. What can be read either way stops the start: it may open a door."""
    word = value.strip().lower()
    if word not in _ON + _OFF:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(_OFF)} or {', '.join(_ON[1:])}")
    return word in _ON
