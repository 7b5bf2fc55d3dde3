"""What a service reads of a larger event is the contract's, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from services.clearance.handlers import READS as CLEARANCE
from services.logistics.handlers import READS as LOGISTICS
from services.quarantine.handlers import READS as QUARANTINE
from shared.contracts import codec
from shared.contracts.topics import NAMES
from shared.kernel.goods import GoodsLine
from tests.support.six_ways import a_clean_window

ALL = [
    pytest.param(whole, read, id=f"{service}-{read.__name__}")
    for service, reads in (("clearance", CLEARANCE), ("logistics", LOGISTICS), ("quarantine", QUARANTINE))
    for whole, read in reads.items()
]


def differences(whole: type[Any], read: type[Any]) -> Iterator[str]:
    """Fields that the contract does not have, or has in another type."""
    there, here = get_type_hints(whole), get_type_hints(read)
    for name, kind in here.items():
        if name == "lines":
            yield from differences(GoodsLine, get_args(kind)[0])
        elif there.get(name) != kind:
            yield f"{read.__name__}.{name} is {kind}, and {there.get(name)} in {whole.__name__}"


@pytest.mark.parametrize(("whole", "read"), ALL)
def test_what_is_read_is_as_the_contract_has_it(whole: type[Any], read: type[Any]) -> None:
    assert list(differences(whole, read)) == []


@pytest.mark.parametrize(("whole", "read"), ALL)
def test_what_is_read_opens_and_closes_versions_as_the_contract_does(
    whole: type[Any], read: type[Any]
) -> None:
    kind, rows = NAMES[whole], a_clean_window().rows
    facts = [fact for fact in rows[kind.partition(".")[0], "facts"] if fact.type == kind]
    assert facts

    for fact in facts:
        told, heard = codec.decode(fact.type, fact.body), codec.decode(fact.type, fact.body, {whole: read})

        assert type(heard) is read
        assert (heard.subject, heard.version) == (told.subject, told.version)
        assert heard.closes_through == told.closes_through
        assert getattr(heard, "opens", None) == getattr(told, "opens", None)
