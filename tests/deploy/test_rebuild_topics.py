"""Topics made again: never of a window that cannot be, on as many brokers as were wanted, and owed until then."""

from pathlib import Path

import pytest

from deploy.local import backup
from deploy.local.paths import RootInUseError
from deploy.local.stack import Stack
from tests.deploy.test_backup import IMPOSSIBLE, quiet, with_data


async def no_broker(_stack: Stack) -> None:
    raise RuntimeError("Kafka did not answer")


async def test_topics_of_a_running_stack_are_not_thrown_away(tmp_path: Path) -> None:
    root = with_data(tmp_path / "run")

    with root.lock(), pytest.raises(RootInUseError):
        await backup.rebuild_topics(root, {}, count=1, say=quiet)

    assert (root.path / "kafka").exists()


@pytest.mark.parametrize(("outside", "count", "why"), IMPOSSIBLE)
async def test_topics_are_not_thrown_away_for_a_stack_that_cannot_be(
    tmp_path: Path, outside: dict[str, str], count: int, why: type[Exception]
) -> None:
    root = with_data(tmp_path / "run")

    with pytest.raises(why):
        await backup.rebuild_topics(root, outside, count=count, say=quiet)

    assert (root.path / "kafka").exists()
    assert not root.owed


async def test_topics_that_are_gone_and_not_made_again_are_owed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stack, "start_infrastructure", no_broker)
    root = with_data(tmp_path / "run")

    with pytest.raises(RuntimeError, match="did not answer"):
        await backup.rebuild_topics(root, {}, count=3, say=quiet)

    assert not (root.path / "kafka").exists()
    assert root.owed == "./sw rebuild-topics"


@pytest.mark.parametrize(("count", "environment"), [(3, {}), (0, {"SW_BROKERS": "3"})])
async def test_who_finishes_it_takes_as_many_brokers_as_were_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, environment: dict[str, str]
) -> None:
    monkeypatch.setattr(Stack, "start_infrastructure", no_broker)
    root = with_data(tmp_path / "run")
    for wanted, outside in ((count, environment), (0, {})):
        with pytest.raises(RuntimeError, match="did not answer"):
            await backup.rebuild_topics(root, outside, count=wanted, say=quiet)

    assert "kafka-3" in root.ports.read_text()


@pytest.mark.parametrize(("environment", "brokers"), [({}, 3), ({"SW_BROKERS": "1"}, 1)])
async def test_topics_are_made_again_on_as_many_brokers_as_there_were_unless_others_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], brokers: int
) -> None:
    monkeypatch.setattr(Stack, "start_infrastructure", no_broker)
    root = with_data(tmp_path / "run")
    (root.path / "brokers").write_text("3")

    with pytest.raises(RuntimeError, match="did not answer"):
        await backup.rebuild_topics(root, environment, count=0, say=quiet)

    assert ("kafka-3" in root.ports.read_text()) == (brokers == 3)
    assert root.rebuilding.read_text() == str(brokers)
