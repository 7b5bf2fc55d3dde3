"""Not being root: whoever we are, a child of ours is a plain user whom the machine's list names."""

import os
import pwd
import subprocess
import sys
from functools import partial

import pytest

from cli import machine
from deploy.local import unprivileged
from deploy.local.unprivileged import StillRootError, plain_user

WHO = "import os, pwd; print(os.geteuid(), pwd.getpwuid(os.geteuid()).pw_name)"
NAMELESS = 54_321
ROOT = pwd.getpwuid(0)


def a_child() -> list[str]:
    """Who a child is, as it says itself."""
    told = subprocess.run(
        [sys.executable, "-c", WHO], preexec_fn=plain_user(), capture_output=True, text=True, check=True
    )
    return told.stdout.split()


def test_a_child_is_never_root_and_has_a_name() -> None:
    uid, name = a_child()

    assert uid != "0"
    assert pwd.getpwnam(name).pw_uid == int(uid)


def test_a_machine_without_a_user_1000_takes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [user for user in pwd.getpwall() if user.pw_uid not in (1, 1000)]
    monkeypatch.setattr(pwd, "getpwall", lambda: others)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(unprivileged, "_refusal", lambda _plain: "")

    mapping = plain_user()

    assert isinstance(mapping, partial)
    assert mapping.args == (next(user.pw_uid for user in others if user.pw_uid != 0),)


def test_a_user_without_a_name_is_mapped_as_root_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NAMELESS)
    monkeypatch.setattr(unprivileged, "_refusal", lambda _plain: "")

    assert plain_user() is not None


def test_a_plain_user_with_a_name_stays_who_he_is(monkeypatch: pytest.MonkeyPatch) -> None:
    named = next(user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0)
    monkeypatch.setattr(os, "geteuid", lambda: named)

    assert plain_user() is None
    assert machine.root().detail == "a plain user with a name"


def test_a_list_that_names_root_alone_is_a_sentence_here_and_from_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", lambda: [ROOT])

    with pytest.raises(StillRootError, match="names nobody but root"):
        plain_user()
    found = machine.root()
    assert found.health == "missing"
    assert "names nobody but root" in found.detail
    assert found.fix.startswith("Any of these mends it: run as a user")


def test_a_machine_that_maps_nobody_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(unprivileged, "_refusal", lambda _plain: "the kernel refused it: EPERM")

    with pytest.raises(StillRootError, match="refused it: EPERM"):
        plain_user()


def test_a_machine_that_refuses_the_map_alone_is_told_so_and_by_which_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NAMELESS)
    monkeypatch.setattr(unprivileged, "libc", LetsUnshare)
    monkeypatch.setattr(unprivileged, "_refusal", unprivileged._refusal.__wrapped__)

    with pytest.raises(StillRootError, match="refused a user namespace or its map: ") as refused:
        plain_user()

    assert "kernel.apparmor_restrict_unprivileged_userns to 0" in str(refused.value)


class LetsUnshare:
    """A kernel that makes a namespace, or seems to: we stay in ours, whose map is written already."""

    def unshare(self, _flags: int) -> int:
        return 0


def unknown(uid: int) -> pwd.struct_passwd:
    """What a machine says of a number that its list does not name."""
    raise KeyError(uid)
