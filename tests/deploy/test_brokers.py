"""Brokers: how many, of how much memory, and that data of one are not taken for data of three."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import brokers
from deploy.local.brokers import Brokers, BrokersError, count_of, heap_mib, kept
from deploy.local.paths import Root


def data_of(folder: Path, count: int | None) -> Root:
    """A root whose brokers have run."""
    (folder / "kafka").mkdir()
    (folder / "kafka" / "meta.properties").touch()
    if count:
        (folder / "brokers").write_text(str(count))
    return Root(folder)


async def no_jars(_say: Callable[[str], None]) -> str:
    return ""


def cut_short(file: Path, _text: str) -> int:
    """As on a full disk: the file is there, and nothing is in it."""
    file.open("w").close()
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_there_is_one_broker_unless_more_are_wanted(tmp_path: Path) -> None:
    assert count_of(Root(tmp_path), None) == 1
    assert count_of(Root(tmp_path), 3) == 3


def test_the_number_of_last_time_is_kept(tmp_path: Path) -> None:
    assert count_of(data_of(tmp_path, 3), None) == 3


def test_a_number_of_last_time_without_data_binds_nobody(tmp_path: Path) -> None:
    (tmp_path / "brokers").write_text("3")

    assert count_of(Root(tmp_path), None) == 1
    assert count_of(Root(tmp_path), 1) == 1


@pytest.mark.parametrize("torn", ["", "x", None])
def test_a_number_that_was_half_written_is_told_by_the_data(tmp_path: Path, torn: str | None) -> None:
    root = data_of(tmp_path, None)
    if torn is not None:
        (tmp_path / "brokers").write_text(torn)

    of_one = count_of(root, None)
    (tmp_path / "kafka-2").mkdir()
    of_three = count_of(root, None)

    assert (of_one, of_three) == (1, 3)


async def test_a_full_disk_leaves_the_number_of_last_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = data_of(tmp_path, 3)
    monkeypatch.setattr(brokers, "class_path", no_jars)
    monkeypatch.setattr(Path, "write_text", cut_short)

    with pytest.raises(OSError, match="No space"):
        await Brokers(root=root, count=1, ports={}).programs(print)

    assert kept(root) == 3


@pytest.mark.parametrize(("last", "wanted"), [(3, 1), (1, 3), (None, 3)])
def test_data_of_another_number_are_refused_with_a_way_out(
    tmp_path: Path, last: int | None, wanted: int
) -> None:
    root = data_of(tmp_path, last)

    with pytest.raises(BrokersError, match="sw rebuild-topics --brokers"):
        count_of(root, wanted)


@pytest.mark.parametrize("count", [2, 4, -1])
def test_two_brokers_would_stop_at_the_first_death(tmp_path: Path, count: int) -> None:
    with pytest.raises(BrokersError, match="one or three"):
        count_of(Root(tmp_path), count)


def test_three_share_a_tenth_of_the_memory_within_bounds() -> None:
    assert [heap_mib(1, memory) for memory in (2_000, 64_000)] == [512, 512]
    assert [heap_mib(3, memory) for memory in (2_000, 8_000, 64_000)] == [192, 266, 384]


def test_clients_are_sent_where_somebody_wants_to_stand_between(tmp_path: Path) -> None:
    ports = {"kafka": 1, "kafka-2": 2, "kafka-3": 3}

    made = Brokers(root=Root(tmp_path), count=3, ports=ports, advertised={"kafka-2": 9})

    assert made.bootstrap == "127.0.0.1:1,127.0.0.1:9,127.0.0.1:3"
