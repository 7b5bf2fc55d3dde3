"""Kafka, embedded: its data lie where its settings say, whatever the folder is called."""

from pathlib import Path

import pytest

from deploy.local.brokers import Brokers
from deploy.local.paths import Root


@pytest.mark.parametrize("folder", ["a b", "Übung 单一窗口 🚢", "back\\slash"])
async def test_data_lie_in_the_folder_that_is_named_and_are_found_there_again(
    tmp_path: Path, folder: str
) -> None:
    root = Root(tmp_path / folder)
    root.create()
    brokers = Brokers(root=root, count=1, ports={"kafka": 1, "kafka-controller": 2})

    await brokers.programs(print)
    formatted = (root.path / "kafka" / "meta.properties").stat()
    await brokers.programs(print)

    assert (root.path / "kafka" / "meta.properties").stat() == formatted
