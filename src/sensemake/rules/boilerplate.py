"""Finds what a template says in document after document, so that it makes no theme: told from the corpus, no word list.

Two signs, both measured within one source and against what a large share of its documents do. *Wording*: most of a
passage's shingles (Broder 1997) stand in so many documents. *Sections*: so many documents have a section of this
heading, and these sections are alike while the rest of the same documents is not. Documents on one subject are alike
in their other sections too, so a real theme with a heading of its own is not taken for a template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import regex
from numpy.typing import NDArray

from sensemake.model import DocumentId, Passage, SourceId
from sensemake.rules.grouping import Floats

LEAST = 10
"""Documents of a source that must say or have the same …"""
SHARE = 0.02
"""… and at least this share of them."""
SHINGLE = 3
"""Words in a row that are compared."""
SAID = 0.5
"""The share of a passage's shingles that are said so often."""
TELLING = 30
"""Different shingles that a passage must have to be judged by its wording: short things are said alike by chance."""
ALIKE = 0.2
"""The least mean cosine of a template's sections, of any two documents …"""
APART = 0.25
"""… of which the rest of these documents may have this share at most, beside what any two documents have."""
LONGEST = 120
"""Characters of a line that may be a heading."""

Mask = NDArray[np.bool_]
"""Shape (number of passages,)."""

_WORD = regex.compile(r"\w+")


def templates(passages: Sequence[Passage], rows: Floats) -> Mask:
    """Which passages are a template's rather than their author's.

    `rows` are the passages' unit vectors as seen from the corpus' mean.
    """
    found = np.zeros(len(passages), np.bool_)
    every = means(passages, rows)
    for numbers in _parts(passages):
        own = [passages[n] for n in numbers]
        found[numbers] = repeated(own) | prescribed(own, rows[numbers], every)
    return found


def repeated(passages: Sequence[Passage]) -> Mask:
    """Which passages of one source say mostly what many of its documents say in the same words."""
    holders = [p.document for p in passages]
    many = _many(len(set(holders)))
    if len(set(holders)) < many:
        return np.zeros(len(passages), np.bool_)
    vocabulary: dict[str, int] = {}
    shingles = [_shingles(passage.text, vocabulary) for passage in passages]
    often = _said_by(shingles, holders, many)
    counts = np.array([len(own) for own in shingles], np.int64)
    hits = np.isin(np.concatenate(shingles), often)
    shared = np.bincount(np.repeat(np.arange(len(shingles)), counts)[hits], minlength=len(shingles))
    return (counts >= TELLING) & (shared > SAID * counts)


def prescribed(passages: Sequence[Passage], rows: Floats, means: Mapping[DocumentId, Floats]) -> Mask:
    """Which passages of one source stand in a section that its documents have for the template's sake.

    `means` are those of the rows of each document of the whole corpus.
    """
    documents: defaultdict[DocumentId, list[int]] = defaultdict(list)
    sections: defaultdict[str, defaultdict[DocumentId, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, passage in enumerate(passages):
        documents[passage.document].append(number)
        for heading in dict.fromkeys(map(_folded, passage.headings[-1:])):
            sections[heading][passage.document].append(number)
    found = np.zeros(len(passages), np.bool_)
    for held in sections.values():
        if len(held) >= _many(len(documents)) and _unlike_the_rest(held, documents, rows, means):
            found[[number for numbers in held.values() for number in numbers]] = True
    return found


def asked(passages: Sequence[Passage], rows: Floats, groups: NDArray[np.int64]) -> Mask:
    """Which passages are in their group (below 0: none) because a heading asks all documents for the same.

    Under "Test plan" each proposal speaks of tests, so that these sections make a group, though not alike enough to be
    a template's everywhere. The sign is the same within the group: so many of its documents have a section there of a
    heading that many documents of the source have, and the rest of these documents is hardly more alike than any two.
    """
    found = np.zeros(len(passages), np.bool_)
    every = means(passages, rows)
    for numbers in _parts(passages):
        own = [passages[n] for n in numbers]
        found[numbers] = _asked(own, rows[numbers], groups[numbers], every)
    return found


def _asked(
    passages: Sequence[Passage], rows: Floats, groups: NDArray[np.int64], means: Mapping[DocumentId, Floats]
) -> Mask:
    documents: defaultdict[DocumentId, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        documents[passage.document].append(number)
    usual = _usual_headings(passages, _many(len(documents)))
    parts: defaultdict[tuple[int, str], defaultdict[DocumentId, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in np.flatnonzero(groups >= 0).tolist() if usual else ():
        for heading in _sections_of(passages[number], usual):
            parts[int(groups[number]), heading][passages[number].document].append(number)
    found = np.zeros(len(passages), np.bool_)
    for held in parts.values():
        if len(held) >= LEAST and _unlike_the_rest(held, documents, rows, means):
            found[[number for numbers in held.values() for number in numbers]] = True
    return found


def _usual_headings(passages: Sequence[Passage], many: int) -> frozenset[str]:
    holders: defaultdict[str, set[DocumentId]] = defaultdict(set)
    for passage in passages:
        for heading in passage.headings[-1:]:
            holders[_folded(heading)].add(passage.document)
    return frozenset(heading for heading, held in holders.items() if heading and len(held) >= many)


def _sections_of(passage: Passage, usual: Collection[str]) -> set[str]:
    """The usual headings that a passage stands under, and those of short sections that were put together in it."""
    lines = (line for line in passage.text.splitlines() if len(line) <= LONGEST)
    return {folded for heading in (*passage.headings, *lines) if (folded := _folded(heading)) in usual}


def _unlike_the_rest(
    held: Mapping[DocumentId, Sequence[int]],
    documents: Mapping[DocumentId, Sequence[int]],
    rows: Floats,
    means: Mapping[DocumentId, Floats],
) -> bool:
    """Whether a heading's sections are alike, and the rest of these documents hardly more than of any two."""
    own = {document: rows[numbers].mean(axis=0) for document, numbers in held.items()}
    rest = {
        document: (len(documents[document]) * means[document] - len(numbers) * own[document])
        / (len(documents[document]) - len(numbers))
        for document, numbers in held.items()
        if len(documents[document]) > len(numbers)
    }
    if len(rest) < LEAST:
        return False
    sections, others = _mean_cosine(own.values()), _mean_cosine(rest.values())
    usual = _mean_cosine(rest.get(document, mean) for document, mean in means.items())
    return sections >= ALIKE and others - usual <= APART * sections


def means(passages: Sequence[Passage], rows: Floats) -> dict[DocumentId, Floats]:
    """The mean of each document's rows."""
    documents: defaultdict[DocumentId, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        documents[passage.document].append(number)
    return {document: rows[numbers].mean(axis=0) for document, numbers in documents.items()}


def _mean_cosine(means: Iterable[Floats]) -> float:
    """Of all pairs of passages of two documents, each pair of documents counted once."""
    stacked = np.stack(tuple(means))
    total = stacked.sum(axis=0)
    return float((total @ total - (stacked * stacked).sum()) / (len(stacked) * (len(stacked) - 1)))


def _many(documents: int) -> int:
    return max(LEAST, int(np.ceil(SHARE * documents)))


def _parts(passages: Sequence[Passage]) -> list[NDArray[np.int64]]:
    """The numbers of each source's passages."""
    parts: defaultdict[SourceId, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        parts[passage.source].append(number)
    return [np.array(numbers, np.int64) for numbers in parts.values()]


def _folded(heading: str) -> str:
    """A heading without its number, its marks and its case."""
    return " ".join(word for word in _WORD.findall(heading.casefold()) if not word.isdigit())


def _shingles(text: str, vocabulary: dict[str, int]) -> NDArray[np.uint32]:
    """A hash of each three words in a row, each once. `vocabulary` numbers the words as they come."""
    words = _WORD.findall(text.casefold())
    if len(words) < SHINGLE:
        return np.zeros(0, np.uint32)
    numbers = np.array([vocabulary.setdefault(word, len(vocabulary) + 1) for word in words], np.uint64)
    mixed = np.zeros(len(words) - SHINGLE + 1, np.uint64)
    for place in range(SHINGLE):  # multiplications are modulo 2^64, as is meant
        mixed = (mixed ^ numbers[place : place + len(mixed)]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed >> np.uint64(16)).astype(np.uint32))


def _said_by(shingles: Sequence[NDArray[np.uint32]], holders: Sequence[DocumentId], many: int) -> NDArray[np.uint32]:
    """The shingles that stand in so many documents."""
    by_document: defaultdict[DocumentId, list[NDArray[np.uint32]]] = defaultdict(list)
    for own, document in zip(shingles, holders, strict=True):
        by_document[document].append(own)
    each = [np.unique(np.concatenate(own)) for own in by_document.values()]
    found, counts = np.unique(np.concatenate(each), return_counts=True)
    return found[counts >= many]
