"""Throttle: who guesses has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.registry.throttle import Throttle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WHO = ("seller0001", "192.0.2.1")


def after_wrong(times: int, size: int = 100) -> Throttle:
    throttle = Throttle(allowed=3, size=size)
    for _ in range(times):
        throttle.note_wrong(WHO, NOW)
    return throttle


def test_a_few_wrong_secrets_are_forgiven() -> None:
    assert after_wrong(2).wait(WHO, NOW) == 0


def test_after_too_many_one_waits_until_the_window_is_over() -> None:
    throttle = after_wrong(3)

    assert throttle.wait(WHO, NOW + timedelta(seconds=20)) == 41
    assert throttle.wait(WHO, NOW + timedelta(seconds=61)) == 0
    assert throttle.wait(WHO, NOW + timedelta(seconds=20)) == 0


def test_nobody_locks_out_the_same_client_at_another_address() -> None:
    assert after_wrong(9).wait(("seller0001", "192.0.2.2"), NOW) == 0


def test_the_right_secret_clears_the_count() -> None:
    throttle = after_wrong(2)

    throttle.note_right(WHO)
    throttle.note_wrong(WHO, NOW)

    assert throttle.wait(WHO, NOW) == 0


def test_memory_is_bounded() -> None:
    throttle = after_wrong(3, size=2)

    for n in range(2):
        throttle.note_wrong((f"guess{n}", "192.0.2.9"), NOW)

    assert throttle.wait(WHO, NOW) == 0
