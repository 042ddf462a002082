"""Brings a search index up to the catalog: the one way in which anything gets into an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence

from sensemake.model import Change, Entry, PassageId, SiloName
from sensemake.protocols import Access, Corpus, SearchIndex
from sensemake.rules import visibility

BATCH = 2_000
"""Changes read at a time."""
COMMIT_EVERY = 20_000
"""Changes held in memory at most before they are made durable."""

Held = MutableMapping[SiloName, tuple[str, int, int]]
"""What an index object knows of each silo without having made it durable: partition, change number, and the one to
which the files had come."""


def catch_up(
    *,
    access: Access,
    corpus: Corpus,
    index: SearchIndex,
    model_id: str,
    held: Held,
    durable: bool,
    erases: bool = False,
    indexed: Callable[[int], None] = lambda _: None,
) -> int:
    """Put into `index` what the catalog's log holds above its generation; how many changes that were.

    With `durable` false nothing is written: this index object alone knows it (a search that finds the index behind
    reads the rest from the catalog, exactly), and `held` remembers how far it went. A silo of which the index holds
    nothing is read from the start: a lost or damaged index, or a silo with new readers, is rebuilt by the same lines.
    With `erases` no file of the index holds anything afterwards of what the catalog has no more.
    """
    marks = corpus.marks()
    total = pending = 0
    for silo in access.silos():
        partition = visibility.partition(silo.readers)
        start = _start(index, silo.name, partition, corpus, held)
        files = held[silo.name][2] if silo.name in held else start
        if start == 0 and marks.get(silo.name, 0) > 0:
            index.drop(silo.name)
        for changes in _changes(corpus, silo.name, start, marks.get(silo.name, 0)):
            _apply(silo.name, partition, [c.passage for c in changes], corpus, index, model_id)
            held[silo.name] = (partition, changes[-1].number, files)
            total, pending = total + len(changes), pending + len(changes)
            indexed(len(changes))
            if durable and pending >= COMMIT_EVERY:
                _commit(index, held)
                pending = 0
    if durable and (held or erases):
        _commit(index, held, erases=erases)
    return total


def _start(index: SearchIndex, silo: SiloName, partition: str, corpus: Corpus, held: Held) -> int:
    """How far the index is. What it holds in memory only gives way to files that somebody else wrote meanwhile: all of
    it, or what is no later than they are."""
    number = index.generation(silo, partition)
    known, reached, files = held.get(silo, ("", 0, 0))
    if known != partition:
        return number
    if number >= reached:
        index.discard(silo)
        del held[silo]
        return number
    if number > files and len(later := corpus.changes(silo, number, BATCH)) < BATCH:
        index.discard(silo, but=frozenset(change.passage for change in later))
        held[silo] = (partition, reached, number)
    return reached


def _changes(corpus: Corpus, silo: SiloName, after: int, target: int) -> Iterator[Sequence[Change]]:
    while after < target and (changes := corpus.changes(silo, after, BATCH)):
        yield changes
        after = changes[-1].number


def _apply(
    silo: SiloName,
    partition: str,
    changed: Sequence[PassageId],
    corpus: Corpus,
    index: SearchIndex,
    model_id: str,
) -> None:
    """A passage that still is there is put, any other is deleted, whatever the log said of it."""
    passages = {pid: passage for pid, passage in corpus.passages(changed).items() if passage.silo == silo}
    vectors = corpus.vectors(model_id, {passage.key for passage in passages.values()})
    index.put([Entry(p, vectors[p.key], partition) for p in passages.values() if p.key in vectors])
    index.delete([pid for pid in changed if pid not in passages])


def _commit(index: SearchIndex, held: Held, *, erases: bool = False) -> None:
    index.commit({silo: (partition, number) for silo, (partition, number, _) in held.items()}, erases=erases)
    held.clear()
