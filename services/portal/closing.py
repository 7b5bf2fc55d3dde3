"""Closing: streams end when the process is told to.

The server waits for open answers before it tells the application to stop, and a stream is never done by itself.
So the portal hears the signal too, and lets the server's own handler follow.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def close_on_signal(close: Callable[[], None]) -> None:
    """Call `close` in the running loop when the process is told to stop, before whoever else hears of it."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may hear signals; there the server stops streams by its own time-out
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        before = signal.getsignal(number)

        def hear(heard: int, frame: FrameType | None, before: signal._HANDLER = before) -> None:
            loop.call_soon_threadsafe(close)
            if callable(before):
                before(heard, frame)

        signal.signal(number, hear)
