"""PostgreSQL, embedded: its socket is in its folder, as long as the kernel takes the folder's name."""

from pathlib import Path

import pytest

from deploy.local.paths import Root
from deploy.local.postgres import Postgres


@pytest.mark.parametrize(
    ("folder", "fits"), [("a" * 84, True), ("a" * 85, False), ("窗" * 28, True), ("窗" * 29, False)]
)
def test_a_folder_for_the_socket_is_measured_in_bytes(folder: str, fits: bool) -> None:
    server = Postgres(Root(Path("/", folder)), 5432)

    assert (server._socket_folder is not None) == fits
