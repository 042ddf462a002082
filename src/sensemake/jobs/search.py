"""Finds passages: both legs, fused, as hits that say how they were found, or an honest "nothing good found"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sensemake.model import (
    Band,
    DocumentId,
    Hit,
    Kind,
    LexicalQuery,
    Nearest,
    Passage,
    PassageId,
    Query,
    SearchAnswer,
    SiloName,
    SourceId,
    Vector,
    Where,
)
from sensemake.protocols import Corpus, Embedder, Likenesses, Outline, Reranker, SearchIndex
from sensemake.rules import analysis, calibration, fusion, language, likeness, paging, query_syntax, wording
from sensemake.rules.calibration import Background, Calibration
from sensemake.rules.identity import Roster

T = TypeVar("T")

DEPTH = 200
"""Passages taken from each leg before they are fused."""
RERANKED = 50
"""Passages that a reranker reads."""
READ_TOGETHER = 16
"""Passages read at once for the first page."""
RARE = 0.05
"""A language of fewer of the passages found by meaning is not looked for by words."""
ENGLISH = "en"
"""How a passage is analysed whose language is not known."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that both legs together brought up, with its joint score from 0 to 1."""

    document: DocumentId
    fused: fusion.Fused
    language: str | None
    known: Calibration
    background: Background
    read: Callable[[PassageId], Passage]
    covered: Callable[[PassageId], float]

    @property
    def passage(self) -> Passage:
        """Read from the catalog when it is asked for, with those that come next: few of all found are shown."""
        return self.read(self.fused.passage)

    @property
    def relevance(self) -> float:
        return self.fused.score

    @property
    def coverage(self) -> float:
        """The share of the question's words that it holds, from 0 to 1."""
        return self.covered(self.fused.passage)

    @property
    def evidence(self) -> float:
        """How much speaks for it (`rules.fusion.evidence`)."""
        return fusion.evidence(self.fused.cosine, self.coverage, self.background)

    @property
    def answers(self) -> bool:
        """Whether so much speaks for it that a question is taken to be answered by it."""
        return fusion.answers(self.fused.cosine, self.coverage, self.known)

    @property
    def band(self) -> Band:
        return fusion.band(self.fused.cosine, self.coverage, self.background, self.known, self.language)


def retrieve(
    text: str,
    where: Where,
    *,
    index: SearchIndex,
    embedder: Embedder,
    corpus: Corpus,
    background: Callable[[frozenset[SiloName]], Background],
    reranker: Reranker | None = None,
    depth: int = DEPTH,
) -> list[Found]:
    """Passages for a question, best first. An empty question or nowhere to look finds nothing.

    `background` tells what chance gives among all that may be read. A `reranker` reads the first `RERANKED` once more.
    """
    if not where.silos or not text.strip():
        return []
    asked = embedder.query(text)
    dense = index.dense(asked, depth, where)
    outlines = dict(index.outlines(dense))
    words = analysis.words(text, *language.likely(text, _spoken(outlines.values())))
    terms = tuple(term for word in words for term in word)
    lexical = index.lexical(LexicalQuery(terms), depth, where) if terms else []
    outlines |= index.outlines([s for s in lexical if s.passage not in outlines])
    known = calibration.of(embedder.model_id)
    fused = fusion.fuse(
        dense,
        lexical,
        weights={pid: known.weight(outline.language) for pid, outline in outlines.items()},
        documents={pid: outline.document for pid, outline in outlines.items()},
    )
    places = {one.passage: one for one in (*dense, *lexical)}
    vectors = index.vectors([places[f.passage] for f in fused[: fusion.HEARD]])
    ranked = fusion.hear_together(fused, asked, vectors)
    order = _as_shown(ranked, outlines)
    whole = reader(corpus, order, where)
    if reranker is not None:
        texts = [whole(f.passage).embedded for f in ranked[:RERANKED]]
        ranked = fusion.reordered(ranked, reranker.scores(text, texts).tolist())
    chance = background(where.readable)
    covered = _covered(words, order, lambda some: index.holding([places[passage] for passage in some], terms))
    found = ((outlines[f.passage], f) for f in ranked)
    return [Found(outline.document, f, outline.language, known, chance, whole, covered) for outline, f in found]


def _covered(
    words: Sequence[tuple[str, ...]],
    order: Sequence[PassageId],
    holding: Callable[[Sequence[PassageId]], Mapping[PassageId, frozenset[str]]],
) -> Callable[[PassageId], float]:
    """The share of the question's words that a passage holds; `holding` tells the terms of the question in each."""
    asked = frozenset(words)
    held = InOrder(order, holding, first=32)
    return lambda passage: sum(not held(passage).isdisjoint(word) for word in asked) / len(asked) if asked else 0.0


def _as_shown(ranked: Sequence[fusion.Fused], outlines: Mapping[PassageId, Outline]) -> list[PassageId]:
    """The best passage of each document, then all others: mostly no more than the first of these are ever read."""
    best = {outlines[f.passage].document: f.passage for f in reversed(ranked)}
    first = set(best.values())
    return sorted((f.passage for f in ranked), key=lambda passage: passage not in first)


class InOrder(Generic[T]):
    """Looks passages up in this order when they are asked for, `first` of them together, and more each time."""

    def __init__(
        self, order: Sequence[PassageId], look: Callable[[Sequence[PassageId]], Mapping[PassageId, T]], *, first: int
    ) -> None:
        self._order = order
        self._look = look
        self._first = first
        self._places = {passage: place for place, passage in enumerate(order)}
        self._held: dict[PassageId, T] = {}

    def __call__(self, passage: PassageId) -> T:
        if passage not in self._held:
            place = self._places[passage]
            some = self._order[place : place + max(self._first, 3 * len(self._held))]
            self._held.update(self._look([one for one in some if one not in self._held]))
        return self._held[passage]


def reader(corpus: Corpus, order: Sequence[PassageId], where: Where) -> InOrder[Passage]:
    """Reads passages. One that has gone meanwhile says nothing, by nobody: its document is gone, or says otherwise."""

    def read(some: Sequence[PassageId]) -> dict[PassageId, Passage]:
        found = corpus.passages(some)
        return {one: found[one] if one in found and wording.holds(found[one], where) else _gone(one) for one in some}

    return InOrder(order, read, first=READ_TOGETHER)


def _gone(passage: PassageId) -> Passage:
    return Passage(passage, DocumentId(""), SiloName(""), SourceId(""), Kind.PAGE, "", "", 0)


def background(readable: frozenset[SiloName], *, index: SearchIndex, unrelated: Sequence[Vector]) -> Background:
    """What chance gives among these silos: how near their nearest passage is to each of these vectors."""
    where = Where(readable, readable)
    return Background.of([near.score for vector in unrelated for near in index.dense(vector, 1, where)])


def _spoken(outlines: Collection[Outline]) -> frozenset[str]:
    """The languages in which these passages are indexed, but for what is rare among them."""
    counted = Counter(outline.language or ENGLISH for outline in outlines)
    return frozenset(code for code, n in counted.items() if n >= RARE * len(outlines)) or frozenset({ENGLISH})


def search(
    query: Query,
    where: Where,
    *,
    find: Callable[[str, Where], Sequence[Found]],
    corpus: Corpus,
    likenesses: Likenesses,
    roster: Roster,
    nearest: Callable[[Sequence[Found]], Nearest],
    pinned: Callable[[Sequence[Found]], Sequence[Passage]] = lambda _: (),
) -> SearchAnswer:
    """The answer to one question: what is pinned to it, then the best passage of each document.

    Of documents that are much alike the best stands for all; it says how many more the asker may read.
    When nothing on the first page is better than weak, it abstains: no hits, but what is nearest.
    """
    state = paging.state(where.readable, corpus.marks())
    page = paging.page(query, state)
    found = find(query.text, where)
    first = [Answer(passage, pinned=True) for passage in pinned(found)]
    ends = page.start + query.limit
    rest = _unlike(best_of_documents(found, but={answer.passage.document for answer in first}), likenesses, ends + 1)
    # The index may be a moment ahead of, or behind, the catalog: what that does not hold is not shown.
    rest = [f for f in rest if f.passage.document == f.document]
    if all(f.band is Band.WEAK for f in rest[: query.limit]):
        rest = []
    answers = first + [Answer(f.passage, f) for f in rest]
    if not answers:
        return SearchAnswer(query.text, hits=(), abstained=True, nearest=nearest(found), changed=page.changed)
    shown = answers[page.start : ends]
    similar = likenesses.counts([answer.passage.document for answer in shown], where.readable)
    hits = _hits(shown, page.start, query_syntax.parse(query.text).text, corpus, roster)
    return SearchAnswer(
        query.text,
        tuple(replace(hit, similar_count=similar.get(hit.document.id, 0)) for hit in hits),
        next_cursor=paging.cursor(query, ends, state) if len(answers) > ends else None,
        changed=page.changed,
    )


def similar(
    passage: Passage,
    query: Query,
    where: Where,
    *,
    index: SearchIndex,
    model_id: str,
    corpus: Corpus,
    background: Callable[[frozenset[SiloName]], Background],
    roster: Roster,
) -> SearchAnswer:
    """What other documents say that is nearest in meaning to a passage, best first; it may be nothing near at all."""
    known = calibration.of(model_id)
    state = paging.state(where.readable, corpus.marks())
    page = paging.page(query, state)
    vector = corpus.vectors(model_id, [passage.key]).get(passage.key)
    near = [] if vector is None else index.dense(vector, DEPTH, where)
    passages = corpus.passages([one.passage for one in near])
    chance = background(where.readable)
    found = [
        Found(
            passages[one.passage].document,
            fusion.Fused(one.passage, one.score, rank, None, one.score),
            passages[one.passage].language,
            known,
            chance,
            passages.__getitem__,
            lambda _: 0.0,
        )
        for rank, one in enumerate(near, 1)
        if one.passage in passages and wording.holds(passages[one.passage], where)
    ]
    answers = [Answer(f.passage, f) for f in best_of_documents(found, but={passage.document})]
    ends = page.start + query.limit
    return SearchAnswer(
        query.text,
        _hits(answers[page.start : ends], page.start, "", corpus, roster),
        abstained=not answers,
        next_cursor=paging.cursor(query, ends, state) if len(answers) > ends else None,
        changed=page.changed,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage on its way to be a hit, found or pinned."""

    passage: Passage
    found: Found | None = None
    pinned: bool = False


def _hits(answers: Sequence[Answer], start: int, words: str, corpus: Corpus, roster: Roster) -> tuple[Hit, ...]:
    documents = corpus.documents([answer.passage.document for answer in answers], parts=False)
    return tuple(
        Hit(
            rank=start + place,
            passage=answer.passage,
            document=documents[answer.passage.document],
            authors=authors(answer.passage, roster),
            band=answer.found.band if answer.found else Band.STRONG,
            dense_rank=answer.found.fused.dense_rank if answer.found else None,
            lexical_rank=answer.found.fused.lexical_rank if answer.found else None,
            highlights=highlights(answer.passage, words),
            pinned=answer.pinned,
        )
        for place, answer in enumerate(answers, 1)
        if answer.passage.document in documents
    )


def _unlike(best: Sequence[Found], likenesses: Likenesses, most: int) -> list[Found]:
    """The first `most`; signatures are read of no more than that takes."""
    looked = 2 * most
    while True:
        some = best[:looked]
        marks = likenesses.signatures([f.document for f in some])
        kept = likeness.representatives(some, lambda f: f.document, marks, most)
        if len(kept) == most or looked >= len(best):
            return kept
        looked *= 4


def best_of_documents(found: Sequence[Found], *, but: Collection[DocumentId] = ()) -> list[Found]:
    """The best passage of each document, the best document first, without those of `but`."""
    best = {f.document: f for f in reversed(found) if f.document not in but}
    return sorted(best.values(), key=lambda f: (-f.fused.score, f.fused.passage))


def highlights(passage: Passage, question: str) -> tuple[tuple[int, int], ...]:
    """Where the question's words stand in the passage's text: offsets that do not overlap, in order."""
    terms = frozenset(analysis.terms(question, passage.language))
    merged: list[tuple[int, int]] = []
    for start, end in analysis.places(passage.text, terms, passage.language):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def authors(passage: Passage, roster: Roster) -> tuple[str, ...]:
    """The names of those whose words these are, in the order of the text."""
    order = [c.handle for c in passage.contributions if c.handle in passage.authors]
    return tuple(dict.fromkeys(roster.name(handle) for handle in order))
