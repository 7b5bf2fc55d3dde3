"""The pages say what the code says: codes, settings, rules, dependencies, links.

What a page may not leave out is read from the source, so that a new code or variable fails here by its name.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.clearance import returns as clearance_returns
from services.declaration import matching, risk, rules, standing
from services.logistics import booking
from services.logistics import returns as logistics_returns
from services.logistics import rules as logistics_rules
from services.quarantine.rulebook import bundled_rules
from services.registry import domain as registry
from services.tax import rules as tax_rules
from services.tax.law.force import law
from services.tax.quotes import admission as quote_rules
from shared.kernel import returning

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
HOUSE = ("services", "shared", "audit", "deploy", "cli", "sandbox", "tests")
NOT_OURS = {".venv", ".local", "build", ".git"}
CODE = re.compile(r"E-[A-Z0-9-]*[A-Z0-9]")
GATE_CODE = re.compile(r"[A-Z][A-Z_]+")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
PATH = re.compile(rf"`((?:{'|'.join((*HOUSE, 'docs'))})/[\w./-]+\.\w+)(?:::(\w+))?`")


def pages() -> list[Path]:
    return [page for page in ROOT.rglob("*.md") if not NOT_OURS.intersection(page.relative_to(ROOT).parts)]


def trees(*folders: str) -> Iterator[ast.AST]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text())


def texts(node: ast.AST | None) -> Iterator[str]:
    """Every text below a node."""
    for each in ast.walk(node) if node else ():
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def problem_codes() -> set[str]:
    """E-... anywhere in the product, and the codes of the gateway's own problems."""
    found = {text for tree in trees("services", "shared") for text in texts(tree) if CODE.fullmatch(text)}
    problems = (ROOT / "deploy" / "gateway" / "problems").glob("*.json")
    return found | {json.loads(problem.read_text())["code"] for problem in problems}


def token_errors() -> set[str]:
    """What the token door answers in OAuth's own words."""
    return {
        text
        for tree in trees("services/registry")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal" and node.args
        for text in texts(node.args[0])
        if text.islower()
    } | {"invalid_request"}


def gate_codes() -> set[str]:
    """Reason codes of gates: `code=`, the first word of held(...) and its like, and what is called ...CODE."""
    found: set[str] = set()
    for tree in trees("services"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= {text for key in node.keywords if key.arg == "code" for text in texts(key.value)}
                if getattr(node.func, "id", "") in ("held", "passed", "refused") and node.args:
                    found |= set(texts(node.args[0]))
            if isinstance(node, ast.Assign) and "CODE" in getattr(node.targets[0], "id", ""):
                found |= set(texts(node.value))
    return {text for text in found if GATE_CODE.fullmatch(text)} - {"CODE"}


def variables() -> set[str]:
    """Environment variables: read by `get`, `knob`, named in a table of settings.py or a compose file."""
    found = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy" / "compose.yml").read_text()))
    for tree in trees("services", "shared", "audit", "deploy", "cli", "tests/support", "tests/load"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                found |= _asked(node)
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_KAFKA":
                found |= {text for text in texts(node.value) if text.isupper()}
    return found


def _asked(call: ast.Call) -> set[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name not in ("get", "knob"):
        return set()
    first = call.args[0]
    wanted = texts(first) if isinstance(first, ast.Constant | ast.JoinedStr) else iter(())
    prefix = "BENCH_" if name == "knob" else ""
    return {prefix + text for text in wanted if VARIABLE.fullmatch(text.strip("_"))}


def test_every_problem_code_has_a_cause_and_a_cure() -> None:
    page = (DOCS / "errors.md").read_text()

    missing = {code for code in problem_codes() | token_errors() | gate_codes() if f"`{code}`" not in page}

    assert missing == set(), "describe them in docs/errors.md"


def test_no_code_is_described_that_is_gone() -> None:
    described = set(re.findall(r"^\| `([A-Za-z_-]+)` \|", (DOCS / "errors.md").read_text(), re.MULTILINE))

    assert described - problem_codes() - token_errors() - gate_codes() == set()


def test_every_environment_variable_is_in_the_table() -> None:
    page = (DOCS / "settings.md").read_text()

    missing = {name for name in variables() if name not in page}

    assert missing == set(), "add them to docs/settings.md"


def test_every_rule_is_written_down() -> None:
    page = (DOCS / "rules.md").read_text()
    functions = (
        *quote_rules.RULES,
        *(*standing.RULES, *rules.RULES, *matching.RULES, *risk.RULES, *tax_rules.RULES),
        *(*logistics_rules.REFUSALS, *logistics_rules.DOUBTS, *booking.HOLDS, *registry.RULES),
        *(*clearance_returns.RULES, *logistics_returns.RULES, *returning.RULES),
    )
    names = {rule.__name__ for rule in functions}
    names |= {rule.name for rule in bundled_rules().rules} | {rules.name for rules in law().rule_sets}

    assert {name for name in names if f"`{name}`" not in page} == set(), "write them into docs/rules.md"


def test_every_quarantine_rule_is_written_down_as_it_is() -> None:
    page = (DOCS / "rules.md").read_text()

    rows = {rule.name: f"| {rule.source} | {rule.confidence} |" for rule in bundled_rules().rules}

    assert {name for name, row in rows.items() if row not in page} == set()


def test_every_rule_set_is_written_down_as_it_is() -> None:
    page = (DOCS / "rules.md").read_text()
    letters = {"high": "H", "medium": "M", "low": "L", "demo": "D"}

    rows = {
        rules.name: f"| `{rules.name}` | {rules.channel} | {rules.valid_from} to {rules.valid_to or 'open'} | "
        for rules in law().rule_sets
    }
    ends = {rules.name: f"| {rules.source} | {letters[rules.confidence]} |" for rules in law().rule_sets}

    lines = page.splitlines()
    missing = {
        name
        for name, row in rows.items()
        if not any(line.startswith(row) and line.endswith(ends[name]) for line in lines)
    }
    assert missing == set(), "write them into docs/rules.md, section 8"


def test_every_dependency_says_what_it_is_for() -> None:
    page = next(page for page in DECISIONS if "dependencies" in page.name).read_text()
    listed = [
        re.split(r"[\s~><=!\[]", line)[0]
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text().splitlines()
        if line and line[0] not in "#-"
    ]

    assert [name for name in listed if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem[:4])
def test_a_decision_has_its_parts_and_a_line_to_quote(page: Path) -> None:
    text = page.read_text()

    parts = [line for line in text.splitlines() if line.startswith("## ")]

    assert parts == ["## Context", "## Decision", "## Consequences", "## Alternatives", "## Check"]
    assert "\n> **" in text.partition("## Decision")[2].partition("## ")[0]
    assert len(text.splitlines()) <= 80


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = [one or other for one, other in LINK.findall(page.read_text())]

    local = [link.partition("#")[0] for link in links if "://" not in link and not link.startswith("#")]

    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_tests_that_a_page_names_exist(page: Path) -> None:
    named = PATH.findall(page.read_text())

    lost = [file for file, _ in named if not (ROOT / file).exists()]
    unknown = [
        f"{file}::{test}"
        for file, test in named
        if test and file not in lost and f"def {test}(" not in (ROOT / file).read_text()
    ]

    assert lost + unknown == []
