"""Mutants of the guards: break each deciding function, one at a time, and see that a test of security notices.

    python eval/guard_mutants.py                              # every mutant; 1 when one lives that is not EQUIVALENT
    python eval/guard_mutants.py --list
    python eval/guard_mutants.py --slice 2/8 --results FILE     # the second eighth; FILE gets a line for each
    python eval/guard_mutants.py --continue --results FILE --minutes 8      # those that FILE does not have yet

A mutant is a function in which one decision is dropped, turned round, or answers with everything. The tests run once
as they are, and which of them come to which line is noted. Then for each mutant a child is forked, which has all that
is imported already, is given the mutant's code in the place of the function's, and runs the tests that come to the
line, the quick ones first, until one fails. Nothing of the tree is changed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sensemake"
QUIETLY = ("-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
TESTS = (
    "tests/rules/test_visibility.py",
    "tests/doors/test_api.py",
    "tests/doors/test_api_limits.py",
    "tests/doors/test_api_administration.py",
    "tests/doors/test_periodic.py",
    "tests/security/test_access_matrix.py",
    "tests/security/test_signing_in.py",
    "tests/security/test_who_is_asking.py",
    "tests/security/test_tokens_and_sessions.py",
    "tests/security/test_two_worlds_http.py",
)
GUARDS: dict[str, set[str]] = {
    "rules/visibility.py": {"may_read", "readable", "audience", "_narrow"},
    "workspace/asking.py": {
        "_held",
        "principal_of_token",
        "open_session",
        "principal_of_session",
        "principal_from_outside",
        "need",
        "need_all",
        "need_silo",
        "within",
        "need_as_much",
        "_principal_of",
        "make_widget_token",
    },
    "workspace/sharing.py": {"audience_of"},
    "workspace/answering.py": {"readable_document", "readable_passage"},
    "workspace/working.py": {"_theirs", "_own", "begin_retry", "begin_sync"},
    "workspace/verbs/admission.py": {"_below", "tokens", "revoke_token"},
    "workspace/verbs/intake.py": {"_chosen"},
    "api/principal.py": {"_bearer_of", "_known_by", "_proxied", "_visitor", "from_our_own_page", "admitted"},
    "api/proxies.py": {"user", "_trusted"},
    "api/oidc.py": {"named", "_public_keys"},
    "api/guard.py": {"_answered"},
}
"""The functions that decide who may, by file."""

NO_GUARDS = ("token.used", "_NOTED", "len(token) > LONGEST")
"""Conditions there that let nobody in: when a token was last used, and how long a text is looked at at all."""

UNSHRUNK = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
ANY_HEALTH = list(hypothesis.HealthCheck)
"""That a property fails is enough to know: the smallest example of it takes minutes to find."""

EQUIVALENT: dict[str, str] = {
    "workspace/asking.py _held: left out: not token.once": "the last use of a token that ends with this very use",
    "api/proxies.py user: left out: not self.user_header": "no header can come without a name",
    "workspace/working.py _theirs: left out: job.user == by.user": "only the owner may begin or see jobs",
}
"""Mutants that answer as the original does whatever is asked, and why."""


@dataclass(frozen=True)
class Mutant:
    """A file with one decision changed: where, in which function, and how."""

    file: str
    function: str
    first: int
    last: int
    line: int
    what: str
    source: str
    again: int
    """Which of those that read the same, in one function."""

    def __str__(self) -> str:
        return f"{self.file} {self.function}: {self.what}" + (f" ({self.again + 1})" if self.again else "")


def mutants(file: str, functions: set[str]) -> Iterator[Mutant]:
    """Every decision in these functions, changed one at a time."""
    source = (SOURCE / file).read_text(encoding="utf-8")
    said: Counter[str] = Counter()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name in functions:
            for start, end, line, new, what in _changes(function, source):
                if any(word in what for word in NO_GUARDS):
                    continue
                changed = source[:start] + new + source[end:]
                ast.parse(changed)
                again = said[f"{function.name} {what}"]
                said[f"{function.name} {what}"] += 1
                first, last = function.lineno, function.end_lineno or function.lineno
                yield Mutant(file, function.name, first, last, line, what, changed, again)


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


class Tests:
    """Which tests come to which lines, and how long each takes: from one run of all of them as they are."""

    def __init__(self, place: Path) -> None:
        self._kept = place
        known = json.loads(place.read_text()) if place.exists() else {}
        if known.get("of") != _state():
            known = self._run()
        self._lines: dict[str, dict[str, list[str]]] = known["lines"]
        self._seconds: dict[str, float] = known["seconds"]

    def of(self, mutant: Mutant) -> list[str]:
        """Those that come to the line of a mutant (of its function, when none is noted there), the quick ones first."""
        lines = self._lines.get(mutant.file, {})
        found = set(lines.get(str(mutant.line), ()))
        if not found:
            found = {t for line in range(mutant.first + 1, mutant.last + 1) for t in lines.get(str(line), ())}
        own = f"test_{Path(mutant.file).stem}.py"
        order = {
            test: (own not in test, self._cost(test), test.partition("::")[0], self._seconds[test]) for test in found
        }
        return sorted(found, key=order.__getitem__)

    def _cost(self, test: str) -> float:
        """The tests of a file stay together, for they share a world; what that costs is in the slowest of them."""
        file = test.partition("::")[0]
        return max(seconds for name, seconds in self._seconds.items() if name.partition("::")[0] == file)

    def _run(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as temporary:
            told = Path(temporary) / "told.json"
            code, said = in_child(lambda: _noted(told))
            if code:
                raise SystemExit(f"the tests fail without a mutant: {said[-3_000:]}")
            self._kept.write_text(told.read_text())
        known: dict[str, Any] = json.loads(self._kept.read_text())
        return known


class Noting:
    """A plug-in for pytest: each test is a context of its own to `coverage`, with the seconds it took."""

    def __init__(self, coverage: Any) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        done = yield
        self.seconds[item.nodeid] = time.monotonic() - began
        return done


def _noted(told: Path) -> int:
    """In a child: run all tests, and write down who came where."""
    import coverage

    measured = coverage.Coverage(data_file=None, include=[str(SOURCE / file) for file in GUARDS], config_file=False)
    measured.start()
    noting = Noting(measured)
    ended = int(pytest.main([*QUIETLY, *TESTS], plugins=[noting]))
    measured.stop()
    data = measured.get_data()
    lines = {
        file: {
            str(line): sorted({test for test in tests if test})
            for line, tests in data.contexts_by_lineno(str(SOURCE / file)).items()
        }
        for file in GUARDS
    }
    told.write_text(json.dumps({"of": _state(), "lines": lines, "seconds": noting.seconds}))
    return ended


def _state() -> str:
    """What the tests and the guards say, in short."""
    texts = [(ROOT / test).read_bytes() for test in TESTS] + [(SOURCE / file).read_bytes() for file in GUARDS]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def survives(mutant: Mutant, tests: list[str]) -> bool:
    """Whether no test notices."""

    def broken() -> int:
        put(mutant)
        hypothesis.settings.register_profile("mutant", deadline=None, phases=UNSHRUNK, suppress_health_check=ANY_HEALTH)
        return int(pytest.main([*QUIETLY, "--hypothesis-profile", "mutant", *tests]))

    code, said = in_child(broken)
    if code not in {0, 1, 2}:
        raise SystemExit(f"{mutant}: pytest ended with {code}: {said[-3_000:]}")
    return code == 0


def put(mutant: Mutant) -> None:
    """Give the functions of this name the mutant's code, wherever they were imported to."""
    module = importlib.import_module("sensemake." + mutant.file.removesuffix(".py").replace("/", "."))
    path = str(SOURCE / mutant.file)
    codes = {code.co_qualname: code for code in _codes(compile(mutant.source, path, "exec", dont_inherit=True))}
    holders = [module, *(each for each in vars(module).values() if isinstance(each, type))]
    found = [vars(holder)[mutant.function] for holder in holders if mutant.function in vars(holder)]
    changed = 0
    for function in map(_plain, found):  # a field of an imported class may have that name too
        if (
            isinstance(function, FunctionType)
            and function.__code__.co_filename == path
            and function.__code__ != codes[function.__qualname__]
        ):
            function.__code__ = codes[function.__qualname__]
            changed += 1
    assert changed, f"{mutant}: no function was changed"


def _plain(found: Any) -> Any:
    """The function under `property`, `staticmethod` and decorators."""
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def in_child(act: Any) -> tuple[int, str]:
    """How a forked child ended, and what it said; it has whatever is imported already."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            _become(act, said.fileno())
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode(errors="replace")


def _become(act: Any, said: int) -> NoReturn:
    os.dup2(said, 1)
    os.dup2(said, 2)
    ended = 3
    try:
        ended = act()
    except BaseException:  # noqa: BLE001 -- whatever it is, it is said, and the parent's things are left alone
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)


def _import_all() -> None:
    """What takes long to import; a child has it by the fork."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    names = ("fastapi.testclient", "hypothesis", "mcp.server", "uvicorn", "faiss", "tantivy", "sqlalchemy", "httpx")
    guards = ["sensemake." + file.removesuffix(".py").replace("/", ".") for file in GUARDS]
    for name in (*names, "sensemake.api.server", "sensemake.mcp.doors", *guards):
        importlib.import_module(name)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--only", default="", help="only mutants with this in their name")
    arguments.add_argument("--slice", default="1/1", metavar="K/N", help="only this part")
    arguments.add_argument("--results", type=Path, help="a file that gets a line of JSON for each")
    arguments.add_argument("--minutes", type=float, default=1e9, help="begin no other after so many")
    arguments.add_argument("--continue", dest="goes_on", action="store_true", help="leave out what the file has")
    chosen = arguments.parse_args()
    part, parts = map(int, chosen.slice.split("/"))
    made = [m for file, names in GUARDS.items() for m in mutants(file, names) if chosen.only in str(m)]
    made = made[part - 1 :: parts]
    if chosen.list:
        for mutant in made:
            print(f"{mutant}" + (f"   EQUIVALENT: {EQUIVALENT[str(mutant)]}" if str(mutant) in EQUIVALENT else ""))
        print(len(made), "mutants")
        return
    os.chdir(ROOT)
    os.environ["TWO_WORLD_REQUESTS"] = "300"
    with tempfile.TemporaryDirectory() as temporary:
        results = chosen.results or Path(temporary) / "results.jsonl"
        raise SystemExit(_run(made, results, time.monotonic() + 60 * chosen.minutes, goes_on=chosen.goes_on))


def _run(made: list[Mutant], results: Path, ends: float, *, goes_on: bool) -> int:
    """Each mutant, its outcome written down at once; 1 when one lives that need not, 3 when not all were tried."""
    known = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() and goes_on else []
    state = _state()  # what was tried on other guards or with other tests counts for nothing
    lived = {each["mutant"]: each["lives"] for each in known if each["of"] == state}
    _import_all()
    tests = Tests(results.with_suffix(".tests.json"))
    with results.open("a" if goes_on else "w", encoding="utf-8") as kept:
        for mutant in made:
            name = str(mutant)
            if name in EQUIVALENT or name in lived:
                continue
            if time.monotonic() > ends:
                print(f"{len(lived)} tried so far; the rest with --continue")
                return 3
            began = time.monotonic()
            tried = tests.of(mutant)
            lived[name] = not tried or survives(mutant, tried)
            seconds = round(time.monotonic() - began, 1)
            print("LIVES " if lived[name] else "killed", f"{name} ({seconds} s, {len(tried)} tests)", flush=True)
            said = {"mutant": name, "lives": lived[name], "tests": len(tried), "seconds": seconds, "of": state}
            print(json.dumps(said), file=kept, flush=True)
    names = [str(mutant) for mutant in made]
    same = sum(name in EQUIVALENT for name in names)
    alive = [name for name in names if lived.get(name)]
    print(
        f"{len(names) - same - len(alive)} of {len(names) - same} killed; {same} more are equivalent", *alive, sep="\n"
    )
    return int(bool(alive))


if __name__ == "__main__":
    main()
