"""Commands: help, faults and exit codes, without a window."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app as commands
from cli.app import app
from cli.credentials import credentials
from cli.faults import AWAY, FORBIDDEN, NO, USAGE, Fault
from cli.gateway import address
from cli.parked import as_moment
from cli.permits import must_say_what_is_signed
from cli.submissions import an_example, split
from services.clearance.verification import NotGenuine, Verified
from services.declaration.submission import Submission
from tests.cli.test_audit import NOBODY
from tests.support.builders import NOW

runner = CliRunner()
WORDS = (
    ["up"],
    ["submit"],
    ["example"],
    ["watch"],
    ["return"],
    ["permit", "fetch"],
    ["permit", "verify"],
    ["reviews", "list"],
    ["reviews", "claim"],
    ["reviews", "decide"],
    ["account"],
    ["bills", "list"],
    ["bills", "show"],
    ["bills", "pay"],
    ["bills", "receipt"],
    ["parked", "list"],
    ["parked", "show"],
    ["parked", "release"],
    ["parked", "drop"],
    ["resay"],
    ["token"],
    ["load"],
    ["doctor"],
    ["audit"],
)


@pytest.fixture
def nobody_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("SW_CLIENT_ID", raising=False)
    monkeypatch.delenv("SW_CLIENT_SECRET", raising=False)


def run_main(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["sw", *words])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_command_explains_itself_and_speaks_json(words: list[str]) -> None:
    result = runner.invoke(app, [*words, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})

    assert result.exit_code == 0
    assert "--json" in result.output
    assert len(result.output.splitlines()[2]) > 10


def test_the_list_of_commands_breaks_off_no_sentence() -> None:
    result = runner.invoke(app, ["--help"], env={"COLUMNS": "80", "NO_COLOR": "1"})

    assert "doctor" in result.output
    assert "..." not in result.output.partition("Commands:")[2]


@pytest.mark.usefixtures("nobody_home")
def test_a_window_that_is_away_is_one_sentence_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_main(monkeypatch, "token")

    said = capsys.readouterr().err
    assert code == AWAY
    assert "does not answer" in said
    assert "./sw up" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("nobody_home")
def test_an_unknown_client_is_told_whom_to_choose_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_main(monkeypatch, "token", "--client", "stranger")

    said = capsys.readouterr().err
    assert code == FORBIDDEN
    assert "platform01" in said


@pytest.mark.usefixtures("nobody_home")
def test_a_file_that_is_not_there_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_main(monkeypatch, "submit", "/no/such/file") == USAGE


@pytest.mark.usefixtures("nobody_home")
@pytest.mark.parametrize(
    "words",
    [
        ("load", "--seconds", "nan"),
        ("load", "--deposit", "x"),
        ("quote", "/no/such/file"),
        ("quote", "ids"),
        ("replay",),
        ("replay", "--as-of", "2999-01-01"),
        ("replay", "--as-of", "2018-04-30", "--law", "/no/such/folder"),
        ("replay", "--rules", "/no/such/file"),
        ("law", "check", "/no/such/folder"),
        ("law", "tariff", "/no/such/file", "--name", "x", "--into", "."),
        ("load", "--deposit", "1e9"),
        ("audit", "--acknowledged", "ids"),
        ("resay", "portal", "--from", "2026-01-31", "--to", "2026-02-01"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "ids").write_bytes(b"\xff\xfe")
    monkeypatch.chdir(tmp_path)
    for name, value in {**NOBODY, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)

    assert run_main(monkeypatch, *words) == USAGE
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("nobody_home")
@pytest.mark.parametrize("setting", ["GATEWAY_PORT=abc", "GATEWAY_PORT=99999", "SW_BROKERS=x"])
def test_a_setting_that_is_no_number_is_a_sentence(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(name, value)

    assert run_main(monkeypatch, "up", "--demo") == NO
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert name in said


@pytest.mark.usefixtures("nobody_home")
def test_a_parked_event_of_nobody_is_told_who_says_events(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_main(monkeypatch, "parked", "show", "tax", "01a20263", "bogus", "1")

    said = " ".join(capsys.readouterr().err.split())
    assert code == USAGE
    assert "'bogus' is not one of" in said
    assert "quarantine" in said


def test_the_environment_names_another_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_CLIENT_ID", "mine")
    monkeypatch.setenv("SW_CLIENT_SECRET", "secret")

    assert credentials("", "platform01").client_id == "mine"
    assert credentials("operator", "platform01").secret == "sandbox-operator"


def test_the_address_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://10.0.0.1:9/")

    assert address() == "http://10.0.0.1:9"


def test_an_example_is_valid_and_fresh() -> None:
    result = runner.invoke(app, ["example"])
    other = runner.invoke(app, ["example"])

    document = json.loads(result.output)
    assert document["order"]["order_no"] != json.loads(other.output)["order"]["order_no"]
    assert document["arrival"] == "pre_arrival"
    assert set(document) == {"mode", "arrival", "order", "payment", "waybill", "list"}


def test_the_same_mark_makes_the_same_example() -> None:
    one, two = an_example(NOW, "aa"), an_example(NOW, "aa")

    assert isinstance(one.submission, Submission)
    assert one.body == two.body


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b'{"a": 1}', 1),
        (b'{\n "a": 1\n}\n', 1),
        (b'{"a": 1}\n{"b": 2}\n\n', 2),
        (b'{"a": 1}\n{"b": broken}', 2),
        (b'{\n "a": broken', 1),
    ],
)
def test_an_input_is_one_document_or_many_lines(raw: bytes, count: int) -> None:
    assert len(split(raw)) == count


def test_an_empty_input_is_wrong_usage() -> None:
    with pytest.raises(Fault, match="nothing"):
        split(b" \n")


def test_a_moment_without_offset_is_utc() -> None:
    assert as_moment("2026-01-31T08:00") == "2026-01-31T08:00:00+00:00"
    with pytest.raises(Fault, match="no moment"):
        as_moment("yesterday")


def test_a_permit_that_is_no_permit_is_not_genuine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "permit.json").write_text('{"jws": "a.b.c"}')
    (tmp_path / "keys.json").write_text('{"keys": []}')

    code = run_main(
        monkeypatch, "permit", "verify", str(tmp_path / "permit.json"), "--keys", str(tmp_path / "keys.json")
    )

    assert code == 1
    assert "not genuine" in capsys.readouterr().err


def test_a_permit_whose_readable_text_differs_from_what_is_signed_is_not_genuine() -> None:
    permit = {"permit_no": "SW1", "tax_total": "9.65", "valid_until": "2026-01-31T08:00:00Z"}
    content = {"permit": permit, "declared": {}}
    verified = Verified(permit_no="SW1", key_id="k", content=content, covers_sha256="0" * 64)
    whole = permit | {"valid_until": "2026-01-31T08:00:00.000+00:00", "covers": content, "jws": "a.b.c"}
    changes = {"tax_total": "0.00", "valid_until": "2099-01-31T08:00:00Z", "key_id": "another"}

    must_say_what_is_signed(json.dumps(whole).encode(), verified)
    for name, value in changes.items():
        with pytest.raises(NotGenuine, match=name):
            must_say_what_is_signed(json.dumps(whole | {name: value}).encode(), verified)
