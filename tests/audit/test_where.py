"""Where: addresses from the environment, or from what runs here."""

from __future__ import annotations

import pytest

from audit.where import SERVICES, CouldNotLook, where_from

ALL = {f"DATABASE_URL_{service.upper()}": f"postgresql://db/{service}" for service in SERVICES}


def test_the_environment_names_databases_broker_prefix_and_security() -> None:
    where = where_from(
        ALL
        | {
            "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
            "KAFKA_TOPIC_PREFIX": "t.",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        }
    )

    assert where.databases["tax"] == "postgresql://db/tax"
    assert (where.bootstrap, where.topic_prefix) == ("kafka:9092", "t.")
    assert where.security == {"sasl_mechanism": "SCRAM-SHA-512"}


def test_what_the_environment_does_not_name_is_what_runs_here() -> None:
    here = dict.fromkeys(SERVICES, "postgresql://here")

    where = where_from({"DATABASE_URL_TAX": "postgresql://there"}, here, "127.0.0.1:1234")

    assert (where.databases["tax"], where.databases["logistics"]) == (
        "postgresql://there",
        "postgresql://here",
    )
    assert where.bootstrap == "127.0.0.1:1234"


def test_a_missing_address_is_named() -> None:
    with pytest.raises(CouldNotLook, match="DATABASE_URL_PORTAL"):
        where_from({name: url for name, url in ALL.items() if name != "DATABASE_URL_PORTAL"})
