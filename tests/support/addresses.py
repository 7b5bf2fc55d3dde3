"""Addresses: another database of the same server."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def database_of(admin_url: str, service: str) -> str:
    """A service's database, as the server's superuser."""
    at = urlsplit(admin_url)
    return urlunsplit((at.scheme, at.netloc, f"/{service}", at.query, ""))
