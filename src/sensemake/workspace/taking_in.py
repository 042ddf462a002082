"""Ingest, assembled: which indexer, which source, which silo, and what happens around the job."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sensemake import reading, registry
from sensemake.errors import MissingPath, ReadersConflict, UsageError
from sensemake.jobs import embedding
from sensemake.jobs.embedding import Cache
from sensemake.jobs.ingest import ingest
from sensemake.model import (
    NOTHING,
    Coverage,
    Document,
    IngestReport,
    Passage,
    Scope,
    Silo,
    SiloName,
    Source,
)
from sensemake.protocols import Indexer, Piece
from sensemake.reading import Item
from sensemake.rules import directory, redaction
from sensemake.stores import Catalog
from sensemake.workspace import asking
from sensemake.workspace.engine import Engine, erasing

Progress = Callable[[str, int, int | None], None]
"""Told (stage, done, total or None) as work goes on; stages are `reading`, `embedding`, `indexing`."""


def silent(stage: str, done: int, total: int | None) -> None:
    """The progress of nobody who looks."""


DIRECTORY = "people.csv"
REDACT = "redact"
"""The option of a source whose texts are masked. It stays with the source until it is taken back."""
NOTHING_TAKEN = IngestReport(0, 0, 0, 0, 0, (), 0.0)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked to be taken in."""

    paths: tuple[Path, ...]
    silo: SiloName
    readers: frozenset[str] | None = None
    indexer: str | None = None
    include_private: bool = False
    allow_removals: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    redact: bool | None = None


def take_in(
    request: Request,
    *,
    catalog: Catalog,
    engine: Engine,
    cache: Cache,
    progress: Progress,
    limits: reading.Limits = reading.DEFAULT,
) -> IngestReport:
    """Ingest every path, one source at a time, and bring the index up to the catalog."""
    for path in request.paths:
        if not path.exists():
            raise MissingPath(f"there is no {path}: check the path")
    paths = [path.resolve() for path in request.paths]
    chosen = [(path, registry.choose_indexer(path, request.indexer)) for path in paths]
    _open_silo(request, catalog)
    began = time.monotonic()
    total = NOTHING_TAKEN
    with Taking(catalog, engine, cache, progress, limits) as taking:
        for path, indexer in chosen:
            source = source_of(path, indexer, request, catalog)
            total = _sum(total, taking.source(source, indexer, allow_removals=request.allow_removals))
    engine.catch_up(catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
    return replace(total, seconds=round(time.monotonic() - began, 3))


class Taking:
    """Reads sources into the catalog, one after the other; the index is brought up to it by the caller.

    One child reads them all, a worker for each (`with` ends it).
    """

    def __init__(
        self, catalog: Catalog, engine: Engine, cache: Cache, progress: Progress, limits: reading.Limits
    ) -> None:
        self._catalog, self._progress, self._reader = catalog, progress, reading.Reader(limits)
        self._embedding = _Embedding(catalog, engine, cache, progress)

    @property
    def home(self) -> Path:
        return self._catalog.home

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    def source(
        self,
        source: Source,
        indexer: Indexer,
        *,
        allow_removals: bool,
        wanted: Callable[[Piece], bool] = lambda _: True,
        only: Callable[[Iterator[Item]], Iterator[Item]] = lambda items: items,
    ) -> IngestReport:
        """Read one source, or what is `wanted` of it and `only` that; Locked when somebody else is at it."""
        catalog, path = self._catalog, Path(source.path)
        with catalog.locks.hold(f"ingest:{source.id}"):
            people = _import_directory(path, catalog)
            masked: Counter[str] = Counter()
            items = only(self._reader.read(indexer, path, source, wanted))
            report = ingest(
                _masking(items, masked) if source.options.get(REDACT) == "yes" else items,
                source,
                corpus=catalog.corpus,
                sources=catalog.sources,
                access=catalog.access,
                embed=self._embedding,
                at=asking.utc_now(),
                allow_removals=allow_removals,
                read=lambda n: self._progress("reading", n, None),
                expect=self._embedding.expect,
                version=registry.version("indexers", indexer.name),
            )
        return replace(report, warnings=_warnings(path, report, people), masked=dict(sorted(masked.items())))


def keep(document: Document, *, catalog: Catalog, engine: Engine, cache: Cache, at: datetime) -> None:
    """Take in one document that somebody wrote here; it waits for nobody's ingest."""
    ingest(
        [document],
        document.source,
        corpus=catalog.corpus,
        sources=catalog.sources,
        access=catalog.access,
        embed=_Embedding(catalog, engine, cache, lambda *_: None),
        at=at,
    )
    engine.follow(catalog)


def take_in_documents(
    documents: Iterable[Document],
    source: Source,
    *,
    catalog: Catalog,
    engine: Engine,
    cache: Cache,
    progress: Progress,
) -> IngestReport:
    """Take in documents that were read already, into their silo (made when there is none)."""
    if source.silo not in {silo.name for silo in catalog.access.silos()}:
        catalog.access.add_silo(Silo(source.silo, frozenset()))
    began = time.monotonic()
    report = ingest(
        documents,
        source,
        corpus=catalog.corpus,
        sources=catalog.sources,
        access=catalog.access,
        embed=_Embedding(catalog, engine, cache, progress),
        at=asking.utc_now(),
        read=lambda n: progress("reading", n, None),
    )
    engine.catch_up(catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
    return replace(report, seconds=round(time.monotonic() - began, 3))


def replace_all(
    documents: Iterable[Document], source: Source, *, catalog: Catalog, engine: Engine, cache: Cache
) -> IngestReport:
    """Make these all that there is of a source that was written here; what it held besides is gone."""
    report = ingest(
        [*documents, Coverage((Scope(""),))],
        source,
        corpus=catalog.corpus,
        sources=catalog.sources,
        access=catalog.access,
        embed=_Embedding(catalog, engine, cache, lambda *_: None),
        at=asking.utc_now(),
        allow_removals=True,
    )
    if report.removed:
        erasing(catalog)
    engine.catch_up(catalog, durable=True)
    return report


def source_of(path: Path, indexer: Indexer, request: Request, catalog: Catalog) -> Source:
    """The source that `path` is, or a new one: the same folder read again, or the next export of one place."""
    where = str(path.resolve())
    options = {**request.options, **({"include_private": "yes"} if request.include_private else {})}
    redacts = {REDACT: "yes"} if request.redact else {}
    ours = [s for s in catalog.sources.all() if s.silo == request.silo]
    for source in ours:
        if source.indexer == indexer.name and (indexer.continues or source.path == where):
            if request.redact is None and REDACT in source.options:
                redacts = {REDACT: source.options[REDACT]}
            return replace(source, path=where, options=options | redacts)
    wanted = indexer.name if indexer.continues else path.resolve().name or "root"
    taken = {source.name for source in ours}
    name = next(n for n in _numbered(wanted) if n not in taken)
    return Source(request.silo, name, indexer.name, where, options | redacts)


def _masking(items: Iterator[Item], masked: Counter[str]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Document):
            clean, found = redaction.document(item)
            masked.update(found)
            yield clean
        else:
            yield item


class _Embedding:
    """Embeds what is new, and tells how many of the passages that are expected so far it has gone through."""

    def __init__(self, catalog: Catalog, engine: Engine, cache: Cache, progress: Progress) -> None:
        self._catalog, self._engine, self._cache, self._progress = catalog, engine, cache, progress
        self._expected = self._through = 0

    def expect(self, passages: int) -> None:
        self._expected += passages

    def __call__(self, passages: Sequence[Passage]) -> int:
        before = self._through
        new = embedding.ensure_vectors(
            passages,
            corpus=self._catalog.corpus,
            embedder=self._engine.embedder,
            cache=self._cache,
            embedded=self._tell,
        )
        self._through = before
        self._tell(len(passages))
        return new

    def _tell(self, count: int) -> None:
        self._through += count
        self._progress("embedding", self._through, max(self._expected, self._through))


def _open_silo(request: Request, catalog: Catalog) -> None:
    have = {silo.name: silo for silo in catalog.access.silos()}.get(request.silo)
    if have is None:
        catalog.access.add_silo(Silo(request.silo, request.readers or frozenset()))
    elif request.readers is not None and request.readers != have.readers:
        shown = ", ".join(sorted(have.readers)) or "its owner only"
        raise ReadersConflict(
            f"the silo {request.silo} is read by {shown}, not by {', '.join(sorted(request.readers))}; nothing was "
            f"ingested. To change who reads it: sensemake silo grant {request.silo} GROUP"
        )


def _import_directory(path: Path, catalog: Catalog) -> int:
    """Take `people.csv` at the root as the directory; how many persons it names."""
    file = path / DIRECTORY if path.is_dir() else path
    if file.name != DIRECTORY or not file.is_file():
        return 0
    try:
        persons = directory.parse(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, OSError) as e:
        raise UsageError(f"{file} cannot be read as UTF-8 text: {type(e).__name__}") from e
    catalog.people.import_directory(persons)
    return len(persons)


def _warnings(path: Path, report: IngestReport, people: int) -> tuple[str, ...]:
    if report.documents or report.failures or people:
        return ()
    return (f"{path} holds nothing to read",)


def _sum(total: IngestReport, report: IngestReport) -> IngestReport:
    return IngestReport(
        documents=total.documents + report.documents,
        passages=total.passages + report.passages,
        embedded=total.embedded + report.embedded,
        unchanged=total.unchanged + report.unchanged,
        removed=total.removed + report.removed,
        failures=total.failures + report.failures,
        seconds=total.seconds,
        warnings=total.warnings + report.warnings,
        masked=dict(sorted((Counter(total.masked) + Counter(report.masked)).items())),
    )


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
