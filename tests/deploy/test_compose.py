"""The containers: compose names what the gateway's file asks for, and nobody can be taken for another."""

import re

from deploy.local.gateway import TEMPLATE
from deploy.local.paths import CHECKOUT
from deploy.local.stack import ALL
from deploy.local.template import WORD

COMPOSE = (CHECKOUT / "deploy" / "compose.yml").read_text()


def test_every_word_of_the_gateways_file_is_filled_in() -> None:
    words = set(WORD.findall(TEMPLATE.read_text()))

    assert {word for word in words if f"\n      {word}: " not in COMPOSE} == set()


def test_no_two_services_listen_on_the_same_number() -> None:
    """Containers that come back may swap addresses; the number then says that this is another service."""
    listens = dict(re.findall(r"SERVICE: (\w+)\n +SERVICE_PORT: (\d+)", COMPOSE))

    assert listens.keys() == set(ALL)
    assert len(set(listens.values())) == len(ALL)


def test_everybody_looks_for_a_service_where_it_listens() -> None:
    for name, port in re.findall(r"SERVICE: (\w+)\n +SERVICE_PORT: (\d+)", COMPOSE):
        assert f"  {name.upper()}_URL: http://{name}:{port}\n" in COMPOSE
        assert f"      {name.upper()}_UPSTREAM: {name}:{port} resolve\n" in COMPOSE


def test_a_key_is_in_the_volume_of_its_service_alone() -> None:
    volumes = re.findall(r'"([\w-]+):/secrets"', COMPOSE)

    assert sorted(volumes) == ["clearance-secrets", "declaration-secrets", "registry-secrets", "tax-secrets"]
