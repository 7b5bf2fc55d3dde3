"""Tests run in containers where a container engine answers, and only there."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.support.backends import engine_answers, wants_containers


def an_engine(path: Path) -> None:
    """Something that answers one ping as an engine does."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(1)

    def answer() -> None:
        caller, _ = listening.accept()
        with listening, caller:
            caller.recv(100)
            caller.sendall(b"HTTP/1.0 200 OK\r\n\r\nOK")

    threading.Thread(target=answer, daemon=True).start()


def test_an_engine_that_answers_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    an_engine(tmp_path / "engine.sock")

    assert engine_answers()


def test_without_an_engine_the_embedded_servers_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.delenv("TEST_BACKENDS", raising=False)

    assert not wants_containers()


def test_the_choice_by_hand_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_BACKENDS", "containers")

    assert wants_containers()
