"""Other ways to search, on the same texts and, where they embed, the same vectors: what we are compared with.

Each takes the documents and the questions and gives, for each question, document numbers, the best first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sensemake.model import TextKey, Vectors, stable_id
from sensemake.protocols import Embedder
from sensemake.stores import VectorCache

DEPTH = 200
READ = 3_000
"""Characters of a document that are embedded whole: more than the 256 word pieces that the model reads."""

Rankings = list[list[int]]


class Corpus:
    """Documents as title and text, questions, and the vectors of both."""

    def __init__(
        self, texts: Sequence[str], questions: Sequence[str], embedder: Embedder, cache: VectorCache | None
    ) -> None:
        self.texts, self.questions = list(texts), list(questions)
        self.vectors = embedded([text[:READ] for text in self.texts], embedder, cache)
        self.asked = embedded(self.questions, embedder, cache)


def embedded(texts: Sequence[str], embedder: Embedder, cache: VectorCache | None) -> Vectors:
    keys = {text: TextKey(stable_id("text", text)) for text in texts}
    known = dict(cache.get(embedder.model_id, set(keys.values()))) if cache else {}
    new = [text for text, key in keys.items() if key not in known]
    for start in range(0, len(new), 256):
        some = new[start : start + 256]
        made = dict(zip((keys[text] for text in some), embedder.passages(some), strict=True))
        known |= made
        if cache:
            cache.put(embedder.model_id, made)
    return np.stack([known[keys[text]] for text in texts])


def faiss_exact(corpus: Corpus) -> Rankings:
    """sentence-transformers' way: one vector a document, inner products with all of them."""
    return [[place for place, _ in found] for found in _nearest(corpus)]


def prototype(corpus: Corpus) -> Rankings:
    """The plain prototype that the design measured: tantivy and the vectors, min-max mean of the 200 best of each."""
    return [_joined(near, words) for near, words in zip(_nearest(corpus), _tantivy(corpus), strict=True)]


def tantivy_alone(corpus: Corpus) -> Rankings:
    return [[place for place, _ in found] for found in _tantivy(corpus)]


def bm25s(corpus: Corpus) -> Rankings:
    """bm25s with its own English stop words and Snowball's stems, Lucene's formula."""
    import bm25s as library
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def cut(texts: list[str]) -> object:
        return library.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = library.BM25(method="lucene")
    index.index(cut(corpus.texts), show_progress=False)
    depth = min(DEPTH, len(corpus.texts))
    found, _ = index.retrieve(cut(corpus.questions), k=depth, show_progress=False)
    return [[int(place) for place in row] for row in found]


def txtai_hybrid(corpus: Corpus) -> Rankings:
    """txtai's hybrid index (its BM25 and faiss, equal weights) over our vectors."""
    from txtai.embeddings import Embeddings

    known = dict(zip(corpus.texts, corpus.vectors, strict=True)) | dict(
        zip(corpus.questions, corpus.asked, strict=True)
    )
    index = Embeddings(
        method="external", transform=lambda texts: np.stack([known[text] for text in texts]), hybrid=True, content=False
    )
    index.index([(number, text, None) for number, text in enumerate(corpus.texts)])
    return [[int(place) for place, _ in index.search(question, DEPTH)] for question in corpus.questions]


PEERS: Mapping[str, Callable[[Corpus], Rankings]] = {
    "prototype (tantivy + int8, min-max)": prototype,
    "tantivy": tantivy_alone,
    "faiss exact": faiss_exact,
    "bm25s": bm25s,
    "txtai hybrid": txtai_hybrid,
}

Found = list[tuple[int, float]]


def _nearest(corpus: Corpus) -> list[Found]:
    import faiss

    index = faiss.IndexFlatIP(corpus.vectors.shape[1])
    index.add(corpus.vectors)
    scores, places = index.search(corpus.asked, min(DEPTH, len(corpus.texts)))
    return [
        [(int(place), float(score)) for place, score in zip(row, values, strict=True)]
        for row, values in zip(places, scores, strict=True)
    ]


def _tantivy(corpus: Corpus) -> list[Found]:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", tokenizer_name="en_stem")
    schema.add_unsigned_field("number", stored=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for number, text in enumerate(corpus.texts):
        writer.add_document(tantivy.Document(text=text, number=number))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    found = []
    for question in corpus.questions:
        plain = "".join(letter if letter.isalnum() else " " for letter in question)
        hits = searcher.search(index.parse_query(plain.lower(), ["text"]), DEPTH).hits
        found.append([(int(searcher.doc(address)["number"][0]), float(score)) for score, address in hits])
    return found


def _joined(near: Found, words: Found) -> list[int]:
    joint: dict[int, float] = {}
    for found in (near, words):
        for place, score in _stretched(found):
            joint[place] = joint.get(place, 0.0) + score / 2
    return sorted(joint, key=lambda place: (-joint[place], place))


def _stretched(found: Found) -> Found:
    if not found:
        return []
    best, worst = found[0][1], found[-1][1]
    return [(place, (score - worst) / (best - worst) if best > worst else 1.0) for place, score in found]
