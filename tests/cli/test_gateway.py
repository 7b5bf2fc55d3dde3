"""Gateway: no proxy stands between a command and a window of this machine."""

import httpx
import pytest

from cli.faults import AWAY, USAGE
from cli.up.link import Link
from sandbox.parties import client_of
from tests.cli.stand_in import nobody_asks_a_proxy
from tests.cli.test_commands import run_main


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_a_window_of_this_machine_is_never_asked_through_a_proxy(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SW_URL", url)

    with nobody_asks_a_proxy(monkeypatch):
        assert run_main(monkeypatch, "token") == AWAY


async def test_neither_does_up_ask_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with nobody_asks_a_proxy(monkeypatch):
        async with Link("http://127.0.0.1:1") as link:
            answer: httpx.Response | None = await link.once(
                client_of("PLATFORM01"), "GET", "/v1/declarations"
            )

    assert answer is None
    assert "attempts failed" in link.trouble


@pytest.mark.parametrize("setting", ["ALL_PROXY=socks5://p:1080", "ALL_PROXY=ftp://p", "SW_URL=http://[::1"])
def test_an_address_or_a_proxy_that_cannot_be_used_is_a_sentence(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv("SW_URL", "http://window.example")
    monkeypatch.setenv(name, value)

    assert run_main(monkeypatch, "token") == USAGE
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "nothing can be asked of" in said
