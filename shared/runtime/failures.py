"""Failures of the store: which pass by themselves, and after which the work may have been kept all the same."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_TRANSIENT = ("08", "53", "57", "40001", "40P01", "55P03", "25006")
_LINE = "08"
"""Class of SQLSTATE: the connection went."""


class HeadTaken(ConnectionError):
    """Another writer made one of these heads meanwhile: the same work succeeds later."""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later: no connection, dead-lock, time-out, disk full, shutdown."""
    cause = _cause_of(error)
    if isinstance(cause, asyncpg.InvalidCachedStatementError | asyncpg.OutdatedSchemaCacheError):
        return True  # a migration has run meanwhile; the driver has forgotten what it knew of the tables
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return error.connection_invalidated or state.startswith(_TRANSIENT) or _is_broken(error)
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(_TRANSIENT)
    if type(error) is asyncpg.InternalClientError:  # the server has said its last word and not yet hung up
        return True
    return isinstance(error, OSError | TimeoutError | PoolTimeout | ConnectionError | asyncpg.InterfaceError)


def may_be_kept(error: BaseException) -> bool:
    """Whether a transaction that ended so may have been kept: what the server refuses is undone, but when the line
    goes the answer to the commit may have been on it."""
    cause = _cause_of(error)
    if isinstance(cause, asyncpg.PostgresError):
        return str(cause.sqlstate or "").startswith(_LINE)
    return not isinstance(cause, HeadTaken | PoolTimeout)


def _cause_of(error: BaseException) -> BaseException | None:
    """The driver's own error."""
    return error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error


def _is_broken(error: DBAPIError) -> bool:
    """The driver's own complaint about a connection, which carries no SQLSTATE."""
    has_state = getattr(error.orig, "sqlstate", None)
    return not has_state and isinstance(error, InterfaceError | OperationalError)
