"""The C library: what a child does before its program runs, and Python has no name for."""

import ctypes
from functools import cache


@cache
def libc() -> ctypes.CDLL:
    """Linux's own; a call that fails leaves its errno."""
    return ctypes.CDLL(None, use_errno=True)
