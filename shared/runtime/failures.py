"""Failures of the store: which of them pass, and the one after which nobody knows whether the work was kept."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_TRANSIENT = ("08", "53", "57", "40001", "40P01", "55P03", "25006")
LINE_WENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What the driver raises where the server has not answered."""


class InDoubt(ConnectionError):
    """The line went while a transaction was being kept: the answer, which may have been yes, was on it."""


class RowTaken(ConnectionError):
    """Another writer made one of these rows meanwhile: the same work succeeds later."""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later: no connection, dead-lock, time-out, disk full, shutdown."""
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
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


def _is_broken(error: DBAPIError) -> bool:
    """The driver's own complaint about a connection, which carries no SQLSTATE."""
    has_state = getattr(error.orig, "sqlstate", None)
    return not has_state and isinstance(error, InterfaceError | OperationalError)
