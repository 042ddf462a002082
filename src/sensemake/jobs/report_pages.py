"""A theme's own page in a report: what people say, where they differ, who to ask, what to talk about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

from sensemake.jobs.report_reader import Reader
from sensemake.jobs.report_shape import (
    BridgingQuoteJSON,
    PersonRefJSON,
    PromptJSON,
    QuoteJSON,
    ThemePageJSON,
    ViewsJSON,
)
from sensemake.model import DocumentId, Passage, Person, TextKey, Theme, Vector
from sensemake.rules import between, differing, prompts
from sensemake.rules.differing import Voice
from sensemake.rules.quotes import Sentence

Each = TypeVar("Each")

QUOTES = 5
BRIDGING = 2
VIEWS = 2
PEOPLE = 4
RELATED = 4
QUESTIONS = 3
KEYPHRASES = 8
ROOM = 840
"""Characters of the quotes of a page: with those below, what fits on one sheet of paper."""
BRIDGING_ROOM, VIEWS_ROOM, QUESTIONS_ROOM = 320, 600, 320


def page(reader: Reader, theme: Theme, questions: Sequence[QuoteJSON]) -> ThemePageJSON:
    card = reader.card(theme)
    vectors = reader.material.vectors({p.key for p in reader.members(theme)})
    own = reader.documents(theme)
    chosen = _chosen(reader, theme)
    views = _views(reader, theme, vectors)
    open_ones = _fitting([q for q in questions if q["document_id"] in own][:QUESTIONS], _length, QUESTIONS_ROOM)
    silos = [silo["name"] for silo in card["silos"]]
    asked = prompts.for_theme(
        theme.label, theme.keyphrases, silos, status=card["status"], differing=bool(views), asking=bool(open_ones)
    )
    return {
        **card,
        "keyphrases": list(theme.keyphrases[:KEYPHRASES]),
        "quotes": [reader.quote(sentence) for sentence in chosen[1:]],
        "bridging": _bridging(reader, theme, vectors, shown=chosen),
        "views": views,
        "people_to_ask": _people(reader, theme),
        "related": [reader.reference(d) for d in own if reader.may_quote(d)][:RELATED],
        "questions": open_ones,
        "prompts": [_prompt(prompt) for prompt in asked],
    }


def _chosen(reader: Reader, theme: Theme) -> list[Sentence]:
    """The card's sentence and up to QUOTES more: each of another document and person, and every silo once before any
    is heard twice."""
    pool = reader.best(theme)
    chosen, pool = pool[:1], pool[1:]
    while pool and len(chosen) <= QUOTES:
        people = {person for sentence in chosen for person in reader.material.people(sentence.passage)}
        documents = {sentence.passage.document for sentence in chosen}
        texts = {sentence.text for sentence in chosen}
        sentence = min(pool, key=lambda s: sum(s.passage.silo == c.passage.silo for c in chosen))
        pool.remove(sentence)
        other = sentence.passage.document not in documents and sentence.text not in texts
        if other and people.isdisjoint(reader.material.people(sentence.passage)):
            chosen.append(sentence)
    return _fitting(chosen, lambda s: len(s.text), ROOM)


def _bridging(
    reader: Reader, theme: Theme, vectors: Mapping[TextKey, Vector], *, shown: Sequence[Sentence]
) -> list[BridgingQuoteJSON]:
    """Quotes near to what two silos say, each of another document."""
    groups: dict[str, list[Vector]] = {}
    for passage in reader.members(theme):
        if passage.key in vectors:
            groups.setdefault(passage.silo, []).append(vectors[passage.key])
    used, texts = {s.passage.document for s in shown}, {s.text for s in shown}
    pool = [s for s in reader.best(theme) if s.passage.key in vectors]
    near = between.nearness(groups, [vectors[s.passage.key] for s in pool])
    found: list[BridgingQuoteJSON] = []
    for (_, silos), sentence in sorted(zip(near, pool, strict=False), key=lambda pair: -pair[0][0]):
        if sentence.passage.document in used or sentence.text in texts or sentence.passage.silo not in silos:
            continue
        used.add(sentence.passage.document)
        found.append({**reader.quote(sentence), "between": list(silos)})
    return _fitting(found[:BRIDGING], _length, BRIDGING_ROOM)


def _views(reader: Reader, theme: Theme, vectors: Mapping[TextKey, Vector]) -> list[ViewsJSON]:
    """Pairs that may disagree, each of documents that no pair before it is from."""
    said = reader.sentences(theme)
    voices = [
        Voice(
            key=str(number),
            text=sentence.text,
            language=sentence.passage.language,
            people=frozenset(reader.material.people(sentence.passage)),
            document=sentence.passage.document,
            vector=vectors.get(sentence.passage.key),
        )
        for number, sentence in enumerate(said)
    ]
    found: list[ViewsJSON] = []
    used: set[str] = set()
    for pair in differing.pairs(voices):
        if used.isdisjoint({pair.one.document, pair.other.document}):
            used |= {pair.one.document, pair.other.document}
            one, other = (reader.quote(said[int(voice.key)]) for voice in (pair.one, pair.other))
            found.append({"one": one, "other": other, "signs": list(pair.signs)})
    return _fitting(found[:VIEWS], lambda pair: len(pair["one"]["text"]) + len(pair["other"]["text"]), VIEWS_ROOM)


def _people(reader: Reader, theme: Theme) -> list[PersonRefJSON]:
    """Those with the most documents in the theme, in the order of their names."""
    parts: dict[str, tuple[Person, Counter[DocumentId]]] = {}
    for passage in _open(reader, theme):
        for person in reader.material.askable(theme, passage):
            parts.setdefault(person.id, (person, Counter()))[1][passage.document] += 1
    most = sorted(parts.values(), key=lambda part: (-len(part[1]), part[0].name, part[0].id))[:PEOPLE]
    return [
        {
            "person_id": person.id,
            "name": person.name,
            "documents": [reader.reference(d) for d, _ in documents.most_common(1)],
        }
        for person, documents in sorted(most, key=lambda part: (part[0].name, part[0].id))
    ]


def _open(reader: Reader, theme: Theme) -> Collection[Passage]:
    """Its passages but those of reflections that may not be quoted: whose they are is nobody's business."""
    return [p for p in reader.members(theme) if reader.may_quote(p.document)]


def _fitting(some: list[Each], length: Callable[[Each], int], room: int) -> list[Each]:
    """The first ones, as far as there is room, and the very first in any case."""
    used = list(accumulate(length(each) for each in some))
    return [each for n, each in enumerate(some) if n == 0 or used[n] <= room]


def _length(quote: QuoteJSON) -> int:
    return len(quote["text"])


def _prompt(prompt: prompts.Prompt) -> PromptJSON:
    return {"level": prompt.level, "key": prompt.key, "words": dict(prompt.words)}
