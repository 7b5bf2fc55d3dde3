"""Bench: filed and permitted per second in bulk, and what a declaration costs each process.

`make bench` starts the whole platform in a folder of its own, files for 30 s through the gateway (NDJSON batches,
several sellers with tokens), waits until every accepted filing is settled, and says rates and CPU. Everything runs on
this machine, the generator included. Settings: BENCH_SECONDS, BENCH_BATCH, BENCH_STREAMS, BENCH_SEED.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local.paths import CHECKOUT
from deploy.local.stack import Stack
from cli.load.usage import cpu_seconds
from tests.load.filings import filings

CLIENTS = ("agent00001", "seller0001", "platform01")
SETTLED = ("permit", "refused", "cancelled")
QUIET = 5.0
"""Seconds without a settled case after which the run is over."""


@dataclass(slots=True)
class Result:
    """One run's figures."""

    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    filing_s: float = 0.0
    settled_s: float = 0.0
    permits: int = 0
    cpu_us: dict[str, float] = field(default_factory=dict)
    """CPU microseconds a declaration, by process."""
    calibration_ms: float = 0.0
    """A fixed loop before and after: how fast the machine was."""

    @property
    def permits_per_s(self) -> float:
        """Permits over the time from the first filing to the last permit."""
        return self.permits / self.settled_s if self.settled_s else 0.0


def knob(name: str, default: int) -> int:
    """A setting from the environment."""
    return int(os.environ.get(f"BENCH_{name}", default))


def calibrate() -> float:
    """Milliseconds of a fixed amount of interpreter work."""
    start = time.perf_counter()
    sum(number * number % 7 for number in range(2_000_000))
    return (time.perf_counter() - start) * 1000


async def token(client: httpx.AsyncClient, name: str) -> dict[str, str]:
    """The Authorization header of a sandbox client."""
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": f"sandbox-{name}"}
    answer = await client.post("/oauth/token", data=form)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def tally(client: httpx.AsyncClient, stack: Stack) -> dict[str, int]:
    """Clearance's own count of cases by status."""
    answer = await client.get(f"{stack.service_url('clearance')}/internal/tally")
    return {name: count for name, count in answer.json().items() if isinstance(count, int)}


async def file_stream(
    client: httpx.AsyncClient, headers: dict[str, str], lines: Iterator[bytes], until: float, result: Result
) -> None:
    """One seller: batch after batch until the time is over; a busy answer is obeyed."""
    size = knob("BATCH", 200)
    while time.perf_counter() < until:
        body = b"\n".join(next(lines) for _ in range(size))
        answer = await client.post("/v1/declarations/batch", content=body, headers=headers)
        while answer.status_code == 429:
            result.refused["429"] = result.refused.get("429", 0) + 1
            await asyncio.sleep(0.2)
            answer = await client.post("/v1/declarations/batch", content=body, headers=headers)
        count(answer, result)


def count(answer: httpx.Response, result: Result) -> None:
    """Count the outcomes of a batch by line."""
    if answer.status_code != 200:
        result.refused[str(answer.status_code)] = result.refused.get(str(answer.status_code), 0) + 1
        return
    accepted = answer.content.count(b'"status":202')
    result.accepted += accepted
    others = answer.content.count(b"\n") + (not answer.content.endswith(b"\n")) - accepted
    if others:
        result.refused["lines"] = result.refused.get("lines", 0) + others


async def measure(stack: Stack, seconds: int, seed: int) -> Result:
    """File for some seconds, wait until all is settled, and account for the CPU."""
    result = Result(calibration_ms=calibrate())
    limits = httpx.Limits(max_connections=32)
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=60, limits=limits) as client:
        tokens = [await token(client, name) for name in CLIENTS]
        await deposit(client)
        before, counted = spent(stack), await tally(client, stack)
        start = time.perf_counter()
        streams = [
            file_stream(
                client,
                tokens[place % len(tokens)],
                filings(seed + place, datetime.now(UTC), f"{seed}{place:02}"),
                start + seconds,
                result,
            )
            for place in range(knob("STREAMS", 8))
        ]
        await asyncio.gather(*streams)
        result.filing_s = time.perf_counter() - start
        result.permits, moved_at = await settle(client, stack, counted, result.accepted)
        result.settled_s = moved_at - start
    used = {name: now - before.get(name, 0.0) for name, now in spent(stack).items()}
    result.cpu_us = {name: seconds / max(result.accepted, 1) * 1e6 for name, seconds in used.items()}
    return result


async def deposit(client: httpx.AsyncClient) -> None:
    """Guarantee enough for every filing of the run."""
    headers = await token(client, "officer-tax")
    body = {"amount": "9000000000.00", "reference": "bench"}
    answer = await client.post("/v1/accounts/AGENT00001/deposits", json=body, headers=headers)
    answer.raise_for_status()


async def settle(
    client: httpx.AsyncClient, stack: Stack, before: dict[str, int], accepted: int
) -> tuple[int, float]:
    """Wait until every accepted case is settled, or nothing has moved for a while: permits, and when it last moved.

    The lane by chance holds half a percent of all filings for an officer: those never settle here.
    """
    settled, moved_at = -1, time.perf_counter()
    while settled < accepted and time.perf_counter() - moved_at < QUIET:
        now = await tally(client, stack)
        gained = {name: now.get(name, 0) - before.get(name, 0) for name in SETTLED}
        if sum(gained.values()) > settled:
            settled, moved_at = sum(gained.values()), time.perf_counter()
        await asyncio.sleep(0.1)
    return gained["permit"], moved_at


def spent(stack: Stack) -> dict[str, float]:
    """CPU seconds of every process of the platform, and of this one, the generator."""
    return {**cpu_seconds(stack.pids()), "generator": time.process_time()}


def report(result: Result) -> str:
    """The table for people."""
    whole = sum(result.cpu_us.values())
    filed_per_s = result.accepted / result.filing_s
    rows = [
        f"| {name} | {used:.0f} |" for name, used in sorted(result.cpu_us.items(), key=lambda item: -item[1])
    ]
    return "\n".join(
        [
            f"accepted {result.accepted} in {result.filing_s:.1f} s ({filed_per_s:.0f} a second)",
            f"permits  {result.permits} in {result.settled_s:.1f} s ({result.permits_per_s:.0f} a second)",
            f"not accepted: {result.refused or 'none'}; calibration loop {result.calibration_ms:.0f} ms",
            "",
            "| process | CPU us a declaration |",
            "|---|---|",
            *rows,
            f"| all | {whole:.0f} |",
        ]
    )


async def main() -> None:
    """Start, warm up, measure, write build/bench.json."""
    root = CHECKOUT / ".local" / f"bench-{os.getpid()}"
    try:
        async with Stack(root, gateway_port=None) as stack:
            await stack.start()
            await measure(stack, 5, seed=knob("SEED", 1) + 7000)
            result = await measure(stack, knob("SECONDS", 30), seed=knob("SEED", 1))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(report(result))  # noqa: T201
    target = CHECKOUT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    figures = {**asdict(result), "bulk_permits_per_s": result.permits_per_s, "machine": machine()}
    target.write_text(json.dumps(figures, indent=1))


def machine() -> dict[str, object]:
    """What it ran on, and how durable it was."""
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "durability": "acks=all, synchronous_commit=on, fsync=on",
        "at": datetime.now(UTC).isoformat(),
        "root": Path(".local").name,
    }


if __name__ == "__main__":
    asyncio.run(main())
