"""Tests run in containers where a container engine answers and has the images, and only there."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from tests.support.backends import containers, engine_answers, wants_containers


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


class AnEngineWithoutImages(BaseHTTPRequestHandler):
    """Knows its version, has no image, reaches no registry."""

    def do_GET(self) -> None:
        is_image = "/images/" in self.path
        self._say(
            404 if is_image else 200, {"message": "no such image"} if is_image else {"ApiVersion": "1.44"}
        )

    def do_POST(self) -> None:
        self._say(500, {"message": "no such host"})

    def _say(self, status: int, answer: dict[str, str]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a socket"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has above
        pass


@pytest.fixture
def without_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine at hand answers, and has no image."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    engine = UnixStreamServer(f"{tmp_path}/engine.sock", AnEngineWithoutImages)
    thread = threading.Thread(target=engine.serve_forever, daemon=True)
    thread.start()
    yield
    engine.shutdown()
    engine.server_close()
    thread.join()


def test_an_engine_without_the_images_is_passed_over_and_the_reason_said(
    without_images: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_BACKENDS", raising=False)
    monkeypatch.setenv("TEST_KAFKA_IMAGE", "not-here:1")
    said: list[str] = []

    assert containers(said.append) is None

    assert said[0] == "fetching the image not-here:1 ..."
    assert "no such host" in said[1]
    assert "TEST_KAFKA_IMAGE" in said[1]


def test_an_engine_without_the_images_ends_a_session_that_asks_for_containers_alone(
    without_images: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_BACKENDS", "containers")

    with pytest.raises(pytest.exit.Exception, match="TEST_BACKENDS=embedded"):
        containers(print)


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
