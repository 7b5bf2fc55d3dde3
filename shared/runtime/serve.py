"""Serve: one service, until it is asked to end.

`SERVICE_PORT=8000 python -m shared.runtime.serve tax`. Asked to end (SIGTERM), a service finishes what it has begun,
and then ends with 0. The HTTP server alone would end by the signal, as if it had died.
"""

from __future__ import annotations

import os
import signal
import sys

import uvicorn

from shared.runtime.http import ProblemProtocol

GRACE = 10
"""Seconds that open answers are waited for."""


def serve(service: str) -> None:
    """Serve a room at SERVICE_HOST and SERVICE_PORT."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # the server puts its own before it, and this one back
    uvicorn.run(
        f"services.{service}.main:build",
        factory=True,
        host=os.environ.get("SERVICE_HOST", "127.0.0.1"),
        port=int(os.environ.get("SERVICE_PORT", "8000")),
        loop="uvloop",
        http=ProblemProtocol,
        proxy_headers=False,  # who goes by a caller's address (the token door) reads the header itself
        access_log=False,
        log_config=None,  # its lines are told as the service tells its own: one JSON object each
        timeout_graceful_shutdown=GRACE,
    )


if __name__ == "__main__":
    serve(sys.argv[1])
