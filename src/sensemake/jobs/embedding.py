"""Gets the vectors of passages: from the catalog, from the shared cache, or by embedding what is new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from sensemake.model import Passage, TextKey, Vector
from sensemake.protocols import Access, Corpus, Embedder


class Cache(Protocol):
    """Vectors shared between homes (`SENSEMAKE_CACHE`); what it does not hold is not an error."""

    def get(self, model: str, keys: Collection[TextKey]) -> Mapping[TextKey, Vector]: ...

    def put(self, model: str, vectors: Mapping[TextKey, Vector]) -> None: ...


class NoCache:
    """The cache of a home that shares nothing."""

    def get(self, model: str, keys: Collection[TextKey]) -> Mapping[TextKey, Vector]:  # noqa: ARG002
        return {}

    def put(self, model: str, vectors: Mapping[TextKey, Vector]) -> None:
        pass


def ensure_vectors(
    passages: Iterable[Passage],
    *,
    corpus: Corpus,
    embedder: Embedder,
    cache: Cache,
    embedded: Callable[[int], None] = lambda _: None,
) -> int:
    """See to it that the catalog holds a vector for each passage; how many texts had to be embedded.

    `embedded` is told of every slice, so that progress can be shown.
    """
    texts = {passage.key: passage.embedded for passage in passages}
    model = embedder.model_id
    missing = texts.keys() - corpus.vectors(model, texts.keys()).keys()
    cached = cache.get(model, missing)
    if cached:
        corpus.keep_vectors(model, cached)
    new = sorted(missing - cached.keys())
    for start in range(0, len(new), SLICE):
        keys = new[start : start + SLICE]
        vectors = dict(zip(keys, embedder.passages([texts[key] for key in keys]), strict=True))
        corpus.keep_vectors(model, vectors)
        cache.put(model, vectors)
        embedded(len(keys))
    return len(new)


def embed_all(
    *,
    access: Access,
    corpus: Corpus,
    embedder: Embedder,
    cache: Cache,
    embedded: Callable[[int], None] = lambda _: None,
) -> int:
    """Give every passage of the catalog a vector of this model, a batch at a time."""
    total = 0
    for silo in access.silos():
        after = 0
        while changes := corpus.changes(silo.name, after, 4 * SLICE):
            after = changes[-1].number
            passages = corpus.passages([change.passage for change in changes]).values()
            total += ensure_vectors(passages, corpus=corpus, embedder=embedder, cache=cache, embedded=embedded)
    return total


SLICE = 256
"""Texts embedded between two commits: some ten seconds of work that a kill may cost."""
