"""Takes in what an indexer reads: new and changed documents go into the catalog, what is gone goes out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from typing import TypeGuard

from sensemake.errors import TooManyRemovals
from sensemake.model import (
    Coverage,
    Document,
    DocumentId,
    IngestReport,
    Kind,
    Passage,
    ReadFailure,
    Reason,
    Room,
    Silo,
    SiloName,
    Source,
    stable_id,
)
from sensemake.protocols import Access, Corpus, Known, Sources, Stored
from sensemake.rules import chunking, threads

AHEAD = 20_000
"""Passages read ahead of embedding, so that there is something to say about the time left; they lie in memory."""
BATCH = 1_024
"""Passages embedded (sorted by length) and then stored in one transaction."""
REMOVABLE_SHARE = 0.2
"""The share of a source that may disappear without being asked for."""
CHUNKING = "4"
"""Part of every digest: another way of cutting, another text to embed, another language makes every document new."""

Embed = Callable[[Sequence[Passage]], int]
"""Sees to it that these passages have vectors; how many texts that cost (`jobs.embedding`)."""


@dataclass(slots=True)
class _Tally:
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    unchanged: int = 0
    removed: int = 0
    seen: set[DocumentId] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    failures: list[ReadFailure] = field(default_factory=list)
    coverage: Coverage | None = None


def ingest(
    items: Iterable[Document | ReadFailure | Coverage],
    source: Source,
    *,
    corpus: Corpus,
    sources: Sources,
    access: Access,
    embed: Embed,
    at: datetime,
    allow_removals: bool = False,
    read: Callable[[int], None] = lambda _: None,
    expect: Callable[[int], None] = lambda _: None,
    version: str = "",
) -> IngestReport:
    """Store what `items` (an indexer's reading of `source`) brings; every step may be repeated after a kill.

    `read` is told how many documents were read so far, `expect` of every lot of passages that is about to be embedded.
    `version` is the reader's, for quarantine.
    Raises TooManyRemovals, after all that was read has been stored, when more than a fifth of the source would go.
    """
    sources.register(source)
    known = corpus.known(source.id)
    tally = _Tally()
    for lot in _lots(_threads(map(_Rooms(sources, access).apart, items), corpus), known, tally, read):
        expect(sum(len(stored.passages) for stored in lot))
        for batch in _batches(lot):
            _store(batch, tally, corpus, access, embed)
    gone = _gone(known, tally)
    failed = [failure if failure.parser else replace(failure, parser=source.indexer) for failure in tally.failures]
    sources.finished(source.id, at, failed, version=version, read=None if tally.coverage else tally.read)
    if len(gone) > REMOVABLE_SHARE * len(known) and not allow_removals:
        raise TooManyRemovals(
            f"{len(gone)} of the {len(known)} documents of {source.id} are no longer there; nothing was removed. "
            "If that is meant, run the same again with --allow-removals"
        )
    corpus.remove(gone)
    tally.removed = len(gone)
    return IngestReport(
        documents=tally.documents,
        passages=tally.passages,
        embedded=tally.embedded,
        unchanged=tally.unchanged,
        removed=tally.removed,
        failures=tuple(tally.failures),
        seconds=0.0,
    )


def _lots(
    items: Iterable[Document | ReadFailure | Coverage],
    known: Mapping[DocumentId, Known],
    tally: _Tally,
    read: Callable[[int], None],
) -> Iterator[list[Stored]]:
    """The new and changed documents, cut into passages, some AHEAD passages at a time; the rest is tallied."""
    lot: list[Stored] = []
    waiting = 0
    for item in items:
        match item:
            case Document():
                tally.documents += 1
                read(tally.documents)
                if (stored := _changed(item, known, tally)) is not None:
                    lot.append(stored)
                    waiting += len(stored.passages)
            case ReadFailure():
                tally.failures.append(item)
            case Coverage():
                tally.coverage = item
        if waiting >= AHEAD:
            yield lot
            lot, waiting = [], 0
    yield lot


def _changed(document: Document, known: Mapping[DocumentId, Known], tally: _Tally) -> Stored | None:
    """The document on its way into the catalog; None when the catalog holds just this."""
    tally.seen.add(document.id)
    tally.read.add(document.uri)
    digest = _digest(document)
    if document.id in known and known[document.id].digest == digest:
        tally.unchanged += 1
        return None
    return Stored(document, digest, chunking.split(document))


def _batches(lot: Iterable[Stored]) -> Iterator[list[Stored]]:
    """Whole documents, some BATCH passages at a time."""
    batch: list[Stored] = []
    for stored in lot:
        batch.append(stored)
        if sum(len(s.passages) for s in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(batch: list[Stored], tally: _Tally, corpus: Corpus, access: Access, embed: Embed) -> None:
    _open_rooms([stored.document for stored in batch], access)
    passages = [passage for stored in batch for passage in stored.passages]
    tally.embedded += embed(passages)
    corpus.store(batch)
    tally.passages += len(passages)


def _threads(
    items: Iterable[Document | ReadFailure | Coverage], corpus: Corpus
) -> Iterator[Document | ReadFailure | Coverage]:
    """The same items, each thread of mail, and the rest of a chat's thread, joined with what earlier readings
    told of it (`rules.threads`).

    A month's archive may hold one late answer to a thread of which the rest lies in another. Where a reading lacks
    mails that the catalog has, its coverage says whether they are gone, so these threads come last.
    """
    waiting: list[tuple[Document, Document]] = []
    coverage: Coverage | None = None
    for item in items:
        if isinstance(item, Coverage):
            coverage = item
            continue
        stored = corpus.documents([item.id]).get(item.id) if _is_thread(item) else None
        if isinstance(item, Document) and stored is not None and threads.lacking(item, stored):
            waiting.append((item, stored))
        else:
            yield item
    for new, stored in waiting:
        more = threads.kept(threads.lacking(new, stored), new, stored, coverage)
        yield threads.joined(new, stored, more) if more else new
    if coverage is not None:
        yield coverage


def _is_thread(item: Document | ReadFailure) -> TypeGuard[Document]:
    return isinstance(item, Document) and (item.kind is Kind.MAIL or threads.CONTINUES in item.facets)


class _Rooms:
    """Gives each private room the silo that is its own.

    A room keeps the name it first came with as long as nobody else had it. A room of another key that comes with the
    same name, as when a channel was renamed and a new one took its name, is `NAME~<hash of its key>`: it never gets
    the documents of the other, nor the other its readers. Who has which name is kept before anything is stored.
    """

    def __init__(self, sources: Sources, access: Access) -> None:
        self._sources = sources
        self._found = frozenset(silo.name for silo in access.silos())
        self._names: dict[tuple[SiloName, Room], str] = {}

    def apart(self, item: Document | ReadFailure | Coverage) -> Document | ReadFailure | Coverage:
        if not isinstance(item, Document) or item.room is None:
            return item
        known = item.source.silo, item.room
        if known not in self._names:
            self._names[known] = next((name for name in _room_names(item.room) if self._is_its(name, *known)), "")
        if not self._names[known]:
            detail = "a private room was left out: rooms of other keys have all of the names it could have"
            return ReadFailure(item.source.name, Reason.HOSTILE, detail, uri=item.uri)
        return replace(item, room=replace(item.room, name=self._names[known]))

    def _is_its(self, name: str, silo: SiloName, room: Room) -> bool:
        """Whether the name is this room's, or nobody's: then it is this room's from now on."""
        setting = f"room {silo}/{name}"
        kept = self._sources.setting(setting)
        if kept is not None or not room.key:
            return kept in {None, room.key}
        if f"{silo}/{name}" in self._found:
            return False  # nobody knows whose room that silo is, so it is not this one's
        self._sources.set_setting(setting, room.key)
        return True


def _room_names(room: Room) -> tuple[str, ...]:
    digest = stable_id("room", room.key)
    return room.name, f"{room.name}~{digest[:8]}", f"{room.name}~{digest}"


def _open_rooms(documents: Iterable[Document], access: Access) -> None:
    """A private room is a silo of its own, read by its members; membership follows the latest export."""
    silos = {silo.name: silo for silo in access.silos()}
    for document in documents:
        if document.room is None:
            continue
        have = silos.get(document.silo)
        if have is None:
            silos[document.silo] = Silo(document.silo, document.room.readers)
            access.add_silo(silos[document.silo])
        elif have.readers != document.room.readers:
            silos[document.silo] = Silo(document.silo, document.room.readers)
            access.set_readers(document.silo, document.room.readers)


def _gone(known: Mapping[DocumentId, Known], tally: _Tally) -> list[DocumentId]:
    """What a complete read did not find any more. What failed to be read is not gone."""
    if tally.coverage is None:
        return []
    scopes = tally.coverage.scopes
    failed = tuple(failure.uri for failure in tally.failures if failure.uri)
    return [
        entry.id
        for entry in known.values()
        if entry.id not in tally.seen
        and any(scope.holds(entry.uri, entry.time) for scope in scopes)
        and not any(entry.uri == uri or entry.uri.startswith(uri.rstrip("/") + "/") for uri in failed)
    ]


def _digest(document: Document) -> str:
    """Follows from all that is stored of a document; the path it was read from does not count."""
    content = [
        CHUNKING,
        document.source.id,
        *(document.uri, document.kind, document.title, document.url, document.language, document.time),
        *(document.parts, document.contributions, document.profiles, dict(document.facets), document.room),
    ]
    return stable_id(json.dumps(content, sort_keys=True, default=_plain))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)
