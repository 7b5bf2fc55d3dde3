"""Secret: the key of buyers' tokens, in a file.

Made once, 0600; it appears whole or not at all, also when two replicas start at once. It must outlive the
database: with another key the same buyer would be somebody else, with a quota of their own. So it is made only where
nothing was filed yet.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from services.declaration.filing import Secret


def open_secret(path: Path, *, is_first: bool) -> Secret:
    """The key in a file; made there if there is none, and nothing was filed under another."""
    if not path.exists():
        if not is_first:
            raise FileNotFoundError(f"{path.name} is missing beside what was filed with it: put it back")
        _make(path)
    key = bytes.fromhex(path.read_text("ascii").strip())
    if len(key) < 32:
        raise ValueError(f"{path.name} holds fewer than 32 bytes")
    return Secret(key=key)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
