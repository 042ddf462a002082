"""A catalog beside the plain dict that it should equal, and an index that follows its log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sensemake.model import (
    DocumentId,
    Passage,
    PassageId,
    SiloName,
    Where,
)
from sensemake.protocols import (
    Stored,
)
from sensemake.testing.catalog import nouns
from sensemake.testing.catalog.base import CatalogLike
from sensemake.testing.catalog.nouns import HANDBOOK, HANDLES, stored


class Followed:
    """A catalog, the plain dict that it should equal, and an index that follows its log."""

    def __init__(self, open_catalog: Callable[[Path], CatalogLike], home: Path) -> None:
        self._open = partial(open_catalog, home)
        self._catalog = self._open()
        self._documents: dict[DocumentId, Stored] = {}
        self._index: dict[PassageId, Passage] = {}
        self._generations: dict[SiloName, int] = {}

    def follow(self, steps: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> None:
        try:
            for verb, which in steps:
                self._do(verb, [_version(document, version) for document, version in which])
                self._check()
        finally:
            self._catalog.close()

    def _do(self, verb: str, items: Sequence[Stored]) -> None:
        if verb == "store":
            self._catalog.corpus.store(items)
            self._documents.update((item.document.id, item) for item in items)
        elif verb == "remove":
            self._catalog.corpus.remove([item.document.id for item in items])
            for item in items:
                self._documents.pop(item.document.id, None)
        else:
            self._catalog.close()
            self._catalog = self._open()

    def _check(self) -> None:
        corpus, expected = self._catalog.corpus, self._documents
        passages = {passage.id: passage for item in expected.values() for passage in item.passages}
        known = [*corpus.known(HANDBOOK.id).values(), *corpus.known(nouns.source("closed").id).values()]
        assert {entry.id: entry.digest for entry in known} == {id_: item.digest for id_, item in expected.items()}
        assert corpus.documents(expected) == {id_: item.document for id_, item in expected.items()}
        silos = frozenset(map(SiloName, ("open", "closed")))
        assert {passage.id: passage for passage in corpus.select(Where(silos, silos))} == passages
        named = {handle for passage in passages.values() for handle in passage.authors}
        assert set(self._catalog.people.handles(silos)) == named
        self._catch_up()
        assert self._index == passages

    def _catch_up(self) -> None:
        """What a search index does: apply the log above its generation, in small slices."""
        for silo, mark in self._catalog.corpus.marks().items():
            while (after := self._generations.get(silo, 0)) < mark:
                changes = self._catalog.corpus.changes(silo, after, 2)
                found = self._catalog.corpus.passages([change.passage for change in changes])
                for change in changes:
                    self._index.pop(change.passage, None)
                    if not change.deleted:
                        self._index[change.passage] = found[change.passage]
                self._generations[silo] = changes[-1].number


def _version(document: int, version: int) -> Stored:
    """Versions share some passages, change others, and differ in what only the document or only a passage says."""
    texts = [f"{word} {document if n else ''}" for n, word in enumerate(nouns.WORDS[version : version + 3])]
    origin = nouns.source("closed" if document == 4 else "open")
    return stored(f"page {document}", *texts, source=origin, title=f"T{version // 2}", author=HANDLES[version % 3])
