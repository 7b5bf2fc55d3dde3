"""Report: a run as a page, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from hdrh.histogram import HdrHistogram
from rich.markup import escape as escape_markup

from cli import show
from cli.load.ledger import percentile
from cli.load.plots import Line, Plot
from cli.load.run import Outcome
from cli.load.series import Point

PARTS = (50.0, 90.0, 99.0, 99.9, 99.99)
STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;color:#222}td,th{padding:.15em .9em .15em 0;\
text-align:left}.ok{color:#2f8a57}.no{color:#a3304f}svg{display:block;margin:1em 0;max-width:100%}"
)


def as_document(outcome: Outcome, asked: str) -> dict[str, Any]:
    """The run for programs."""
    account, totals = outcome.account, outcome.ledger.totals
    return {
        "ok": account.is_ok,
        "line": account.line,
        "faults": account.faults,
        "run": outcome.name,
        "asked": asked,
        "began_at": outcome.began_at.isoformat(),
        "account": asdict(account),
        "totals": asdict(totals),
        "door_codes": dict(outcome.ledger.codes),
        "unsent": outcome.unsent,
        "filing_s": outcome.filing_s,
        "settled_s": outcome.settled_s,
        "permitted_s": outcome.permitted_s,
        "permits_per_s": permits_per_s(outcome),
        "ack_ms": latencies(outcome.ledger.acknowledged),
        "permit_ms": latencies(outcome.ledger.permitted),
        "cpu_us": cpu_us(outcome),
        "points": msgspec.to_builtins(outcome.points),
    }


def permits_per_s(outcome: Outcome) -> float | None:
    """Permits over the time to the last of them, where the tally shows when that was."""
    return outcome.account.permits / outcome.permitted_s if outcome.permitted_s else None


def cpu_us(outcome: Outcome) -> dict[str, float]:
    """CPU microseconds a filing, by process."""
    count = max(1, outcome.account.filed)
    return {name: seconds / count * 1e6 for name, seconds in outcome.cpu.items()}


def latencies(of: HdrHistogram) -> dict[str, float]:
    """Milliseconds by percentile."""
    if not of.get_total_count():
        return {}
    named = {f"p{part:g}": percentile(of, part) or 0.0 for part in PARTS}
    return {"count": of.get_total_count(), **named, "max": of.get_max_value() / 1000}


def write(outcome: Outcome, asked: str, folder: Path) -> Path:
    """The page and, beside it, the JSON; where the page is."""
    folder.mkdir(parents=True, exist_ok=True)
    document = as_document(outcome, asked)
    (folder / f"load-{outcome.name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(document)))
    page = folder / f"load-{outcome.name}.html"
    page.write_text(page_of(outcome, document))
    return page


def page_of(outcome: Outcome, document: dict[str, Any]) -> str:
    """The page: the line that must add up, the figures, the plots."""
    mark = "ok" if outcome.account.is_ok else "no"
    faults = "".join(f"<p class=no>{escape(fault)}</p>" for fault in outcome.account.faults)
    plots = "".join(plot.svg() for plot in plots_of(outcome))
    figures = _table("", (("", ""), *_figures(outcome)))
    shown = [_table("Latency, ms", _latency_rows(document)), _table("CPU, us a filing", _cpu_rows(document))]
    shown.append(_table("Refused at the door", sorted(document["door_codes"].items())))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Load {outcome.name}</title>'
        f"<style>{STYLE}</style><h1>Load {outcome.name}</h1><p>{escape(document['asked'])}<br>"
        f"{outcome.began_at:%Y-%m-%d %H:%M:%S} UTC</p><p class={mark}><b>{escape(outcome.account.line)}</b></p>"
        f"{faults}{figures}{plots}{''.join(shown)}</html>\n"
    )


def plots_of(outcome: Outcome) -> list[Plot]:
    """Throughput, latency over time and by percentile, lag, CPU."""
    points = outcome.points
    throughput = {
        name: _over(points, name) for name in ("offered", "sent", "acknowledged", "permits", "busy")
    }
    latency = {name: _over(points, f"{name}_ms") for name in ("p50", "p99")}
    lag = {service: _of(points, "lag", service) for service in _names(points, "lag")}
    cpu = {process: _of(points, "cpu", process) for process in _names(points, "cpu")}
    whole = {
        "acknowledged": _distribution(outcome.ledger.acknowledged),
        "permit": _distribution(outcome.ledger.permitted),
    }
    nines = {float(nine): f"{100 - 100 / 10**nine:g} %" for nine in range(5)}
    seconds = "seconds"
    return [
        Plot(title="Throughput", across=seconds, up="a second", lines=_some(throughput)),
        Plot(title="Acknowledgement, by second", across=seconds, up="ms", lines=_some(latency)),
        Plot(title="Latency by percentile", across="", up="ms", lines=_some(whole), ticks=nines),
        Plot(title="Lag: records not yet handled", across=seconds, up="records", lines=_some(lag)),
        Plot(title="CPU", across=seconds, up="cores", lines=_some(cpu)),
    ]


def _distribution(of: HdrHistogram) -> Line:
    """Latency against nines: 0 is none, 1 is 90 %, 2 is 99 %."""
    if not of.get_total_count():
        return ()
    steps = [step / 10 for step in range(41)]
    return [(step, percentile(of, 100 - 100 / 10**step) or 0.0) for step in steps]


def _over(points: Sequence[Point], name: str) -> Line:
    return [(point.second, getattr(point, name)) for point in points if getattr(point, name) is not None]


def _of(points: Sequence[Point], table: str, name: str) -> Line:
    return [(point.second, getattr(point, table).get(name, 0.0)) for point in points]


def _names(points: Sequence[Point], table: str) -> list[str]:
    return sorted({name for point in points for name in getattr(point, table)})


def _some(lines: dict[str, Line]) -> dict[str, Line]:
    """Those lines that are not zero throughout."""
    return {name: line for name, line in lines.items() if any(value for _, value in line)}


def _figures(outcome: Outcome) -> list[tuple[str, object]]:
    totals, rate = outcome.ledger.totals, permits_per_s(outcome)
    return [
        ("sent", totals.sent),
        ("acknowledged a second", f"{totals.accepted / outcome.filing_s:.0f}"),
        ("permits a second", "-" if rate is None else f"{rate:.0f}"),
        ("repeats (the same content again)", totals.repeats),
        ("answered 429", totals.busy),
        ("without an answer, or 5xx", totals.failed),
        ("not filed in the end", outcome.account.turned_away),
        ("due, and never sent", outcome.unsent),
        ("amendments taken in, not taken in", f"{totals.amendments}, {totals.amendments_failed}"),
    ]


def _latency_rows(document: dict[str, Any]) -> list[tuple[str, object]]:
    told = {"acknowledged": document["ack_ms"], "permit readable (samples)": document["permit_ms"]}
    return [
        (name, ", ".join(f"{key} {value:.1f}" for key, value in latency.items()) or "-")
        for name, latency in told.items()
    ]


def _cpu_rows(document: dict[str, Any]) -> list[tuple[str, object]]:
    used = sorted(document["cpu_us"].items(), key=lambda item: -item[1])
    return [(name, f"{value:.0f}") for name, value in (*used, ("all", sum(document["cpu_us"].values())))]


def _table(title: str, rows: Iterable[tuple[object, object]]) -> str:
    lines = "".join(f"<tr><td>{escape(str(a))}</td><td>{escape(str(b))}</td></tr>" for a, b in rows if a)
    return f"<h2>{title}</h2><table>{lines}</table>" if lines else ""


def say(outcome: Outcome) -> None:
    """The figures, the latencies, and the line that must add up, on standard output."""
    document = as_document(outcome, "")
    rows = [*_figures(outcome), *_latency_rows(document)]
    rows.append(("CPU us a filing", ", ".join(f"{name} {used}" for name, used in _cpu_rows(document))))
    show.out.print(
        show.table("", ("", ""), ((escape_markup(str(a)), escape_markup(str(b))) for a, b in rows))
    )
    for fault in outcome.account.faults:
        show.out.print(f"[red]{escape_markup(fault)}[/]")
    show.out.print(f"[{'green' if outcome.account.is_ok else 'red'}]{escape_markup(outcome.account.line)}[/]")
