"""The environment of a service: what a person sets is passed on, or refused, and never passed over."""

from pathlib import Path

import pytest

from deploy.local.environment import Addresses, SettingError, environment_of
from deploy.local.stack import ALL, Stack

HERE = Addresses(
    bootstrap="127.0.0.1:1",
    database_url="postgresql://tax@db/tax",
    owner_url="postgresql://tax_owner@db/tax",
    gateway_url="http://127.0.0.1:2",
    service_urls=dict.fromkeys(ALL, "http://127.0.0.1:3"),
    secrets=Path("secrets"),
)


def test_what_a_person_sets_is_passed_on_but_no_database() -> None:
    outside = {
        "LOG_LEVEL": "debug",
        "GATEWAY_URL": "https://window",
        "DATABASE_URL_CLEARANCE": "postgresql://c",
    }

    made = environment_of(4, HERE, outside)

    assert (made["LOG_LEVEL"], made["GATEWAY_URL"]) == ("debug", "https://window")
    assert "DATABASE_URL_CLEARANCE" not in made
    assert made["DATABASE_URL"] == HERE.database_url


@pytest.mark.parametrize("name", ["SECRETS_DIR", "SERVICE_PORT", "TAX_URL", "PORTAL_URL"])
def test_what_the_stack_sets_itself_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}: set, but here the stack sets it itself"):
        Stack(tmp_path, environment={name: "mine"})


def test_all_that_it_sets_itself_is_refused_or_taken_from_outside(tmp_path: Path) -> None:
    """So that a new address among them is not forgotten."""
    names = (
        "KAFKA_BOOTSTRAP_SERVERS",
        "DATABASE_URL",
        "MIGRATION_DATABASE_URL",
        "GATEWAY_URL",
        "SERVICE_NAME",
    )
    outside = dict.fromkeys(environment_of(4, HERE, {}), "mine")
    taken = {name for name, value in environment_of(4, HERE, outside).items() if value == "mine"}

    for name in outside.keys() - taken - set(names):
        with pytest.raises(SettingError, match=name):
            Stack(tmp_path, environment={name: "mine"})


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("KAFKA_COMPRESSION", "zip"),
        ("SANDBOX", "maybe"),
        ("INTAKE_LIMIT", "many"),
        ("KAFKA_STUCK_AFTER", "x"),
    ],
)
def test_what_no_service_could_read_is_refused_before_any_is_started(
    tmp_path: Path, name: str, word: str
) -> None:
    with pytest.raises(SettingError, match=f"{name} is '{word}': it must be "):
        Stack(tmp_path, environment={name: word})
