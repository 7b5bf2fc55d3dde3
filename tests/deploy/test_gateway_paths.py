"""The gateway's folders: a checkout may lie wherever people keep theirs."""

from pathlib import Path

import pytest

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.stack import ALL


@pytest.mark.parametrize("folder", ["a b", "a{b}", "a;b", "Übung 单一窗口"])
async def test_nginx_takes_a_checkout_whatever_its_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    root = Root(tmp_path / folder)
    root.create()
    monkeypatch.setattr(gateway, "FOLDER", root.path)

    configuration = gateway.render(root, 1, dict.fromkeys(ALL, "127.0.0.1:1"))

    await gateway.check(root, configuration)
    assert (root.gateway / "body").is_dir()
