"""Looks a home over: what is well, what is not, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sensemake import registry
from sensemake.errors import SensemakeError
from sensemake.rules import visibility
from sensemake.stores import Catalog, integrity_problems, sqlite_version
from sensemake.workspace.engine import Engine

SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `level` is `ok`, `warning` or `error`; `do` is empty when there is nothing to do."""

    level: str
    what: str
    found: str
    do: str = ""


def examine(catalog: Catalog, engine: Engine, *, repair: bool) -> tuple[Finding, ...]:
    """Every finding; with `repair` what is derived (the index) is rebuilt where it is behind or damaged."""
    return (
        _sqlite(),
        _catalog(catalog),
        _audit(catalog),
        _model(engine),
        _index(catalog, engine, repair=repair),
        *_indexers(),
    )


def _sqlite() -> Finding:
    version = sqlite_version()
    shown = ".".join(map(str, version))
    if version >= SAFE_SQLITE:
        return Finding("ok", "SQLite", shown)
    return Finding(
        "warning",
        "SQLite",
        f"{shown} (versions before 3.51.3 can damage a database when two processes checkpoint at once; "
        "Sensemake checkpoints under a lock, so it is not exposed)",
        "use a newer Python or SQLite when you can",
    )


def _catalog(catalog: Catalog) -> Finding:
    problems = integrity_problems(catalog)
    if not problems:
        return Finding("ok", "catalog", "whole")
    return Finding("error", "catalog", "; ".join(problems[:3]), "restore a backup: sensemake restore FILE --force")


def _audit(catalog: Catalog) -> Finding:
    line = catalog.audit.verify()
    if line is None:
        return Finding("ok", "audit log", "the chain is whole")
    return Finding("error", "audit log", f"line {line} was changed after it was written", "compare with a backup")


def _model(engine: Engine) -> Finding:
    try:
        engine.embedder.query("is the model there?")
    except SensemakeError as e:
        return Finding("error", "embedding model", str(e), "see the README on models")
    return Finding("ok", "embedding model", engine.embedder.model_id)


def _index(catalog: Catalog, engine: Engine, *, repair: bool) -> Finding:
    behind = _behind(catalog, engine)
    if behind and repair:
        engine.catch_up(catalog, durable=True)
    if not behind:
        return Finding("ok", "search index", "up to the catalog")
    if repair:
        return Finding("ok", "search index", f"brought up to the catalog: {', '.join(behind)}")
    return Finding("warning", "search index", f"behind the catalog: {', '.join(behind)}", "sensemake doctor --repair")


def _behind(catalog: Catalog, engine: Engine) -> list[str]:
    """The silos of which the files on disk hold less than the catalog."""
    marks = catalog.corpus.marks()
    return [
        silo.name
        for silo in catalog.access.silos()
        if engine.index.generation(silo.name, visibility.partition(silo.readers)) < marks.get(silo.name, 0)
    ]


def _indexers() -> tuple[Finding, ...]:
    return tuple(_indexer(name) for name in registry.names("indexers"))


def _indexer(name: str) -> Finding:
    """Whether it can be loaded and has what it needs: one that needs a program says so by `missing`."""
    try:
        indexer = registry.indexer(name)
    except SensemakeError as e:
        return Finding("warning", f"indexer {name}", str(e), "reinstall or remove that package")
    missing: str = getattr(indexer, "missing", str)()
    if missing:
        return Finding("warning", f"indexer {name}", missing, "install it, or let the files indexer read the folder")
    return Finding("ok", f"indexer {name}", "ready")
