"""Settings: a switch is on or off, and never guessed."""

import pytest

from shared.runtime.settings import CODECS, read_settings


@pytest.mark.parametrize("word", ["0", "false", "no", "off", "False", "FALSE", "No", "OFF", " 0", "0\n"])
def test_a_sandbox_that_is_put_off_is_closed_however_it_is_written(word: str) -> None:
    assert not read_settings("registry", {"SANDBOX": word}).sandbox


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", "True", "", " "])
def test_a_sandbox_that_is_put_on_is_open(word: str) -> None:
    assert read_settings("registry", {"SANDBOX": word}).sandbox
    assert read_settings("registry", {}).sandbox


@pytest.mark.parametrize("word", ["n", "2", "none", "disabled", "flase"])
def test_a_word_that_is_neither_stops_the_start_with_a_sentence(word: str) -> None:
    with pytest.raises(
        ValueError, match=f"SANDBOX is '{word}': it must be one of 0, false, no, off or 1, true"
    ):
        read_settings("registry", {"SANDBOX": word})


@pytest.mark.parametrize("codec", CODECS)
def test_a_codec_is_taken_however_it_is_written(codec: str) -> None:
    assert read_settings("tax", {"KAFKA_COMPRESSION": f" {codec.upper()}\n"}).compression == codec


def test_without_a_codec_nothing_is_packed_and_an_unknown_one_stops_the_start_with_a_sentence() -> None:
    assert read_settings("tax", {}).compression == read_settings("tax", {"KAFKA_COMPRESSION": ""}).compression
    assert read_settings("tax", {}).compression == "none"
    with pytest.raises(ValueError, match="KAFKA_COMPRESSION is 'zip': it must be one of none, gzip, lz4"):
        read_settings("tax", {"KAFKA_COMPRESSION": "zip"})
