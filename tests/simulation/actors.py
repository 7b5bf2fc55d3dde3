"""Actors: who is there in one schedule."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation.officers import Officer, Supervisor
from tests.simulation.returners import Returner
from tests.simulation.traders import Bank, Carrier, Seller

if TYPE_CHECKING:
    from tests.simulation.world import World


def actors_of(world: World, random: Random) -> list[Any]:
    """Who is there in one schedule."""
    found: list[Any] = [Seller(world, number) for number in range(1, world.count + 1)]
    found += [Officer(world, service) for service in world.databases if random.random() < 0.8]
    found += [Officer(world, service) for service in world.databases if random.random() < 0.2]
    found.append(Carrier(world))
    found.append(Bank(world, [random.choice(("8", "15", "40")) for _ in range(random.randrange(4))]))
    if random.random() < 0.6:
        found.append(Supervisor(world))
    if random.random() < 0.5:
        found.append(Returner(world))
    return found
