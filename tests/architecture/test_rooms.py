"""Every room has the same furniture, and no file or function outgrows the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.settings import SERVICES

ROOT = Path(__file__).parents[2]
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_MAIN = 250, 40, 40
HOUSE = ("services", "shared", "audit", "deploy", "cli", "sandbox", "tests")


def sources() -> Iterator[Path]:
    for folder in HOUSE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("service", SERVICES)
def test_every_room_has_a_caption_a_factory_and_migrations(service: str) -> None:
    room = ROOT / "services" / service
    main = (room / "main.py").read_text()

    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert "def build() -> FastAPI" in main
    assert len(main.splitlines()) <= LONGEST_MAIN
    assert list((room / "migrations").glob("0001_*.py"))


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "portal"])
def test_every_room_says_at_its_foot_what_it_hears(service: str) -> None:
    lines = (ROOT / "services" / service / "handlers.py").read_text().splitlines()

    foot = lines[-40:]

    assert any(line.startswith("SUBSCRIPTIONS") for line in foot)


def test_every_file_opens_with_a_caption() -> None:
    bare = [str(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))]

    assert bare == []


def test_no_file_is_longer_than_the_house_likes() -> None:
    long = {str(path): n for path in sources() if (n := len(path.read_text().splitlines())) > LONGEST_FILE}

    assert long == {}


def test_no_function_is_longer_than_the_house_likes() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": length
        for path in sources()
        for node in functions(ast.parse(path.read_text()))
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert {name: n for name, n in long.items() if not _only_holds_routes(name)} == {}


def _only_holds_routes(name: str) -> bool:
    """A factory of routes is as long as its routes; each of those is measured by itself."""
    return name.rsplit(maxsplit=1)[-1] in ("desk", "health", "operations", "_mending")


def test_no_handler_commits_publishes_retries_or_logs() -> None:
    for service in SERVICES:
        path = ROOT / "services" / service / "handlers.py"
        if not path.exists():
            continue
        tree = ast.parse(path.read_text())

        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]

        assert not called & {"commit", "rollback", "send", "publish", "info", "warning", "exception"}, service
        assert tries == [], service


def test_every_refusal_says_what_to_do() -> None:
    """Those of the token door speak OAuth's own language, which has no place for it."""
    speechless = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in [*(ROOT / "services").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Refusal"
        if str(getattr(call.args[0], "value", "E-")).startswith("E-")
        if "fix" not in {keyword.arg for keyword in call.keywords}
    ]
    assert speechless == []
