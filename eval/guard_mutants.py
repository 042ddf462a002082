"""Mutants of the guards: break each deciding function, one at a time, and see that a test of security notices.

    python eval/guard_mutants.py            # every mutant; ends with 1 when one lives
    python eval/guard_mutants.py --list

A mutant is a copy of the package in which one decision is dropped, turned round, or answers with everything. Each is
run against the tests of security until the first failure. Nothing of the tree itself is changed.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
QUIETLY = ("-p", "no:randomly", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
RULES = ("tests/rules/test_visibility.py",)
WORLDS = ("tests/security/test_two_worlds_http.py",)
MATRIX = ("tests/security/test_access_matrix.py",)
OUTSIDE = ("tests/security/test_who_is_asking.py",)
DOOR = ("tests/doors/test_api.py", "tests/doors/test_api_limits.py", "tests/doors/test_api_administration.py")
GUARDS: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "rules/visibility.py": ({"may_read", "readable", "audience", "_narrow"}, (*RULES, *MATRIX, *WORLDS)),
    "workspace/asking.py": (
        {
            "_held",
            "principal_of_token",
            "open_session",
            "principal_of_session",
            "principal_from_outside",
            "need",
            "need_as_much",
            "_principal_of",
            "make_widget_token",
        },
        (*MATRIX, *OUTSIDE, *DOOR),
    ),
    "workspace/sharing.py": ({"audience_of"}, WORLDS),
    "workspace/answering.py": ({"readable_document", "readable_passage"}, (*MATRIX, *WORLDS)),
    "api/principal.py": (
        {"_bearer_of", "_known_by", "_proxied", "_visitor", "from_our_own_page", "resolve"},
        (*MATRIX, *DOOR, *OUTSIDE),
    ),
    "api/proxies.py": ({"user", "_trusted"}, OUTSIDE),
    "api/oidc.py": ({"named", "_public_keys"}, OUTSIDE),
    "api/guard.py": ({"_answered"}, DOOR),
}
"""The functions that decide who may, by file, and the tests that hold them; the quick ones first."""


NO_GUARDS = ("token.used", "_NOTED", "len(token) > LONGEST")
"""Conditions there that let nobody in: when a token was last used, and how long a text is looked at at all."""


@dataclass(frozen=True)
class Mutant:
    """A file with one decision changed: where, and how."""

    file: str
    line: int
    what: str
    source: str
    tests: tuple[str, ...]


def mutants(file: str, functions: set[str], tests: tuple[str, ...]) -> Iterator[Mutant]:
    """Every decision in these functions, changed one at a time."""
    source = (ROOT / "src" / "sensemake" / file).read_text(encoding="utf-8")
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name in functions:
            for start, end, line, new, what in _changes(function, source):
                if any(word in what for word in NO_GUARDS):
                    continue
                changed = source[:start] + new + source[end:]
                ast.parse(changed)
                yield Mutant(file, line, f"{function.name}: {what}", changed, tests)


def _changes(function: ast.FunctionDef, source: str) -> Iterator[tuple[int, int, int, str, str]]:
    """Where to where, on which line, what instead, and what that is."""

    def at(node: ast.expr, new: str, what: str) -> tuple[int, int, int, str, str]:
        start, end = _span(node, source)
        return start, end, node.lineno, new.format(source[start:end]), what

    for node in ast.walk(function):
        if isinstance(node, ast.If):
            yield at(node.test, "(not ({}))", f"turned round: {ast.unparse(node.test)}")
            yield at(node.test, "(False)", f"dropped: {ast.unparse(node.test)}")
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield at(test, "(True)", f"everything instead of {ast.unparse(test)}")
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                neutral = "(False)" if isinstance(node.op, ast.Or) else "(True)"
                yield at(value, neutral, f"left out: {ast.unparse(value)}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
            yield at(node, _other(node.left), f"the left alone of {ast.unparse(node)}")
            yield at(node, _other(node.right), f"the right alone of {ast.unparse(node)}")


def _other(node: ast.expr) -> str:
    return f"({ast.unparse(node).replace('{', '{{').replace('}', '}}')})"


def _span(node: ast.expr, source: str) -> tuple[int, int]:
    """Where an expression begins and ends, in characters."""
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def survives(mutant: Mutant, place: Path) -> bool:
    """Whether no test notices."""
    target = place / "src" / "sensemake" / mutant.file
    before = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    try:
        return _passed(place, mutant.tests)
    finally:
        target.write_text(before, encoding="utf-8")


def _passed(place: Path, tests: tuple[str, ...]) -> bool:
    """Run the tests in a child that has the heavy libraries already, and this copy of the package."""
    child = os.fork()
    if child == 0:
        _become(place, tests)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in {0, 1, 2}:
        raise SystemExit(f"pytest ended with {code}: " + (place / "said.txt").read_text()[-3_000:])
    return code == 0


def _become(place: Path, tests: tuple[str, ...]) -> NoReturn:
    os.chdir(place)
    os.environ["TWO_WORLD_REQUESTS"] = "300"
    sys.path.insert(0, str(place / "src"))
    with (place / "said.txt").open("wb") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    ended = 3
    try:
        ended = int(pytest.main(["-q", "-x", *QUIETLY, *tests]))
    except BaseException:  # noqa: BLE001 -- whatever it is, it is said, and the parent's things are left alone
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)


def _import_heavy() -> None:
    """What takes long to import and is not ours; the package itself is each child's own."""
    for name in (
        "fastapi.testclient",
        "hypothesis",
        "mcp.server",
        "uvicorn",
        "faiss",
        "tantivy",
        "sqlalchemy",
        "httpx",
    ):
        importlib.import_module(name)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--only", default="", help="only files with this in their name")
    chosen = arguments.parse_args()
    made = [m for file, (names, tests) in GUARDS.items() if chosen.only in file for m in mutants(file, names, tests)]
    if chosen.list:
        for mutant in made:
            print(f"{mutant.file}:{mutant.line} {mutant.what}")
        print(len(made), "mutants")
        return
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        for folder in ("src", "tests"):
            shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / file, place / file)
        _import_heavy()
        if not _passed(place, tuple({test: None for mutant in made for test in mutant.tests})):
            raise SystemExit("the tests fail without a mutant: " + (place / "said.txt").read_text()[-3_000:])
        alive = []
        for mutant in made:
            began = time.monotonic()
            lives = survives(mutant, place)
            alive += [mutant] * lives
            said = "LIVES " if lives else "killed"
            print(f"{said} {mutant.file}:{mutant.line} {mutant.what} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{len(made) - len(alive)} of {len(made)} killed")
    raise SystemExit(1 if alive else 0)


if __name__ == "__main__":
    main()
