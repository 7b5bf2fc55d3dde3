"""Where: the addresses of a running system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.contracts.topics import SOURCES

SERVICES = (*SOURCES, "portal")
"""All that have a database of their own."""

_SECURITY = {
    "KAFKA_SECURITY_PROTOCOL": "security_protocol",
    "KAFKA_SASL_MECHANISM": "sasl_mechanism",
    "KAFKA_SASL_USERNAME": "sasl_plain_username",
    "KAFKA_SASL_PASSWORD": "sasl_plain_password",
    "KAFKA_SSL_CAFILE": "ssl_cafile",
}


class CouldNotLook(RuntimeError):
    """A database or the broker did not answer: nothing is said of what is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Databases by service, and the broker."""

    databases: Mapping[str, str]
    """`postgresql://` addresses; the roles need no more than SELECT."""
    bootstrap: str
    topic_prefix: str = ""
    security: Mapping[str, str] = field(default_factory=dict)
    """security_protocol, sasl_mechanism, sasl_plain_username, sasl_plain_password, ssl_cafile."""


def where_from(
    environment: Mapping[str, str], databases: Mapping[str, str] | None = None, bootstrap: str = ""
) -> Where:
    """What the environment names; what it does not name, as given."""
    get = environment.get
    known = dict(databases or {})
    for service in SERVICES:
        if given := get(f"DATABASE_URL_{service.upper()}"):
            known[service] = given
    missing = [service for service in SERVICES if service not in known]
    if missing:
        names = ", ".join(f"DATABASE_URL_{service.upper()}" for service in missing)
        raise CouldNotLook(f"no address of {', '.join(missing)}: start the window here, or set {names}")
    return Where(
        databases=known,
        bootstrap=get("KAFKA_BOOTSTRAP_SERVERS") or bootstrap or "127.0.0.1:9092",
        topic_prefix=get("KAFKA_TOPIC_PREFIX", ""),
        security={name: environment[key] for key, name in _SECURITY.items() if get(key)},
    )
