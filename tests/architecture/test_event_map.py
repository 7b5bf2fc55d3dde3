"""The event map is what the code says."""

from tests.architecture.event_map import TARGET, event_map


def test_the_event_map_is_not_stale() -> None:
    assert TARGET.read_text() == event_map(), "run `make events`"
