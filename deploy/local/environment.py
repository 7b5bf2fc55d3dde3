"""The environment of a service: every address it needs, and nothing it must look for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.settings import SERVICES, read_settings

# What a person sets for all is passed on; what concerns one service is set here and wins.
ONLY_OURS = ("DATABASE_URL", "MIGRATION_DATABASE_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything is, as one service sees it."""

    bootstrap: str
    database_url: str
    owner_url: str
    gateway_url: str
    service_urls: Mapping[str, str]
    secrets: Path


def environment_of(port: int, addresses: Addresses, outside: Mapping[str, str]) -> dict[str, str]:
    passed_on = {
        name: value
        for name, value in outside.items()
        if not name.startswith(ONLY_OURS)  # nobody gets another's password
    }
    return {
        "PATH": os.defpath,
        "REPLICA_ID": "0",
        "LOG_LEVEL": "info",
        **passed_on,
        "SERVICE_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": addresses.bootstrap,
        "DATABASE_URL": addresses.database_url,
        "MIGRATION_DATABASE_URL": addresses.owner_url,
        "GATEWAY_URL": outside.get("GATEWAY_URL") or addresses.gateway_url,
        "SECRETS_DIR": str(addresses.secrets),
        **{f"{name.upper()}_URL": url for name, url in addresses.service_urls.items()},
    }


class SettingError(RuntimeError):
    """A setting is not written as it must be, or is none here."""


def refuse_ours(outside: Mapping[str, str], services: Sequence[str]) -> None:
    """What is set here for each service would win over what a person set, who would not know."""
    ours = ("SECRETS_DIR", "SERVICE_PORT", *(f"{service.upper()}_URL" for service in services))
    given = [name for name in ours if outside.get(name)]
    if given:
        raise SettingError(
            f"{', '.join(given)}: set, but here the stack sets it itself for each service. Unset it, "
            "or run each service as a process of its own (docs/running.md)"
        )


def refuse_unread(outside: Mapping[str, str]) -> None:
    """What one service cannot read none can: all would be started again and again."""
    try:
        read_settings(SERVICES[0], outside)
    except ValueError as error:
        raise SettingError(str(error)) from None


def whole(outside: Mapping[str, str], name: str, most: int) -> int | None:
    """A setting that is a number from 1 to `most`; None where it is not set, or 0."""
    given = outside.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and int(given) <= most) and given:
        raise SettingError(f"{name}={given} is no whole number up to {most}")
    return int(given or 0) or None
