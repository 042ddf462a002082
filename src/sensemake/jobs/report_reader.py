"""Reads what an audience may read for its report: the passages up to the end of the period, and how they are cited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sensemake.jobs.report_shape import CardJSON, CountJSON, DocumentRefJSON, NamedJSON, QuoteJSON, WrittenJSON
from sensemake.model import (
    Document,
    DocumentId,
    Kind,
    Passage,
    PassageId,
    Person,
    PersonId,
    Summary,
    TextKey,
    Theme,
    ThemeId,
    ThemeMap,
    Vector,
    Written,
)
from sensemake.rules import quotes
from sensemake.rules.quotes import Sentence

LOW_SAMPLE = 30
"""Items under which a card is marked (Jigsaw's reports use the same number)."""
MONTHS = 24
CENTRAL = 60
"""Passages of a theme, the most central, that its words are chosen from."""
CONSENT = frozenset({"quote", "quotes", "verbatim", "yes", "true"})
"""Values of a reflection's facet `consent` that allow its words to be quoted."""


def nobody(theme: Theme, passage: Passage) -> Collection[Person]:  # noqa: ARG001 -- the shape of `Material.askable`
    return ()


def no_vectors(keys: Collection[TextKey]) -> Mapping[TextKey, Vector]:  # noqa: ARG001 -- the shape of `Material.vectors`
    return {}


@dataclass(frozen=True, slots=True)
class Material:
    """What the audience of a map may read.

    `people` gives a passage's listed authors, `askable` those who had a part in it and may be named for a theme.
    `vectors` gives the unit vectors of texts. `unread` counts files that could not be read, by reason. `version` is
    the program's. `asked` are the questions that are open, each the passage it is in and its own words; None: they
    are told from the documents themselves.
    """

    passages: Sequence[Passage]
    documents: Mapping[DocumentId, Document]
    people: Callable[[Passage], Collection[PersonId]]
    unread: Mapping[str, int]
    version: str
    askable: Callable[[Theme, Passage], Collection[Person]] = nobody
    vectors: Callable[[Collection[TextKey]], Mapping[TextKey, Vector]] = no_vectors
    asked: Sequence[tuple[PassageId, str]] | None = None


@dataclass(frozen=True)
class Reader:
    """The passages up to the end of the period, and the themes that have some, the busiest first."""

    material: Material
    passages: Mapping[PassageId, Passage]
    themes: tuple[Theme, ...]
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, themes: ThemeMap, material: Material, since: datetime | None, until: datetime | None) -> Reader:
        known = {
            p.id: p
            for p in material.passages
            if p.document in material.documents and (until is None or p.time is None or p.time <= until)
        }
        present = [theme for theme in themes.themes if any(m.passage in known for m in theme.members)]
        reader = cls(material, known, (), since, until)
        ordered = sorted(present, key=lambda t: (-len(reader.recent(t)), -len(reader.documents(t)), t.label, t.id))
        return cls(material, known, tuple(ordered), since, until)

    @cached_property
    def first(self) -> datetime | None:
        return min((p.time for p in self.passages.values() if p.time is not None), default=None)

    @cached_property
    def newest(self) -> datetime | None:
        return max((p.time for p in self.passages.values() if p.time is not None), default=None)

    @cached_property
    def by_document(self) -> Mapping[DocumentId, Sequence[Passage]]:
        held: dict[DocumentId, list[Passage]] = {}
        for passage in self.passages.values():
            held.setdefault(passage.document, []).append(passage)
        return held

    def members(self, theme: Theme) -> list[Passage]:
        """Its passages, the most central first."""
        return [self.passages[m.passage] for m in theme.members if m.passage in self.passages]

    def documents(self, theme: Theme) -> list[DocumentId]:
        return list(dict.fromkeys(p.document for p in self.members(theme)))

    def recent(self, theme: Theme) -> set[DocumentId]:
        return {p.document for p in self.members(theme) if self.in_period(p)}

    def in_period(self, passage: Passage) -> bool:
        return self.since is None or passage.time is None or passage.time >= self.since

    def may_quote(self, document: DocumentId) -> bool:
        found = self.material.documents[document]
        return found.kind is not Kind.REFLECTION or found.facets.get("consent", "").strip().casefold() in CONSENT

    @cached_property
    def _said(self) -> dict[ThemeId, list[Sentence]]:
        return {}

    def sentences(self, theme: Theme) -> Sequence[Sentence]:
        """All that can be quoted of its central passages; found once, for a page asks for it in many ways."""
        if theme.id not in self._said:
            central = [p for p in self.members(theme)[:CENTRAL] if self.may_quote(p.document)]
            self._said[theme.id] = [sentence for passage in central for sentence in quotes.sentences(passage)]
        return self._said[theme.id]

    def best(self, theme: Theme) -> list[Sentence]:
        """Each passage's best sentence, the best of all first: central, telling, and of the period before others.

        The first, which stands for the theme, is a whole sentence where there is one.
        """
        found: dict[PassageId, tuple[float, Sentence]] = {}
        strengths = {m.passage: m.strength for m in theme.members}
        for sentence in self.sentences(theme):
            passage = sentence.passage
            base = strengths[passage.id] + (0.5 if self.in_period(passage) else 0.0)
            weight = base + quotes.weight(sentence, theme.keyphrases)
            if passage.id not in found or weight > found[passage.id][0]:
                found[passage.id] = weight, sentence
        ordered = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].passage.id))
        found_ones = [sentence for _, sentence in ordered]
        lead = next((s for s in found_ones if quotes.is_whole(s)), None)
        return [lead, *(s for s in found_ones if s is not lead)] if lead else found_ones

    # ── what the JSON says of them ──

    def card(self, theme: Theme) -> CardJSON:
        members = self.members(theme)
        holders = {p.document: p.silo for p in members}
        best = self.best(theme)
        return {
            "theme_id": theme.id,
            "label": theme.label,
            "written": self.named(theme),
            "summary": {**self._written(theme.summary), "text": theme.summary.text} if theme.summary else None,
            "status": theme.status.value,
            "sentence": self.quote(best[0]) if best else None,
            "people": len({person for p in members for person in self.material.people(p)}),
            "documents": len(holders),
            "documents_in_period": len(self.recent(theme)),
            "items": len(members),
            "silos": counted(Counter(holders.values())),
            "months": self._months(theme),
            "low_sample": len(members) < LOW_SAMPLE,
        }

    def named(self, theme: Theme) -> NamedJSON | None:
        """Which language model gave it its label; None when none did."""
        return {**self._written(theme.written), "plain": theme.plain or ""} if theme.written else None

    def quote(self, sentence: Sentence) -> QuoteJSON:
        return self.cited(sentence.passage, sentence.text)

    def cited(self, passage: Passage, text: str) -> QuoteJSON:
        return {
            **self.reference(passage.document),
            "time": stamp(passage.time),
            "text": text,
            "language": passage.language,
            "passage_id": passage.id,
            "locator": passage.locator,
        }

    def reference(self, document_id: DocumentId) -> DocumentRefJSON:
        document = self.material.documents[document_id]
        return {
            "document_id": document_id,
            "title": document.title,
            "silo": document.silo,
            "kind": str(document.kind),
            "time": stamp(document.time),
            "url": document.url,
        }

    def _written(self, words: Written | Summary) -> WrittenJSON:
        saw = [self.passages[passage] for passage in words.saw if passage in self.passages]
        return {
            "by": words.by,
            "saw": [{**self.reference(passage.document), "seen_passage_id": passage.id} for passage in saw],
        }

    def _months(self, theme: Theme) -> list[CountJSON]:
        first: dict[DocumentId, datetime] = {}
        for passage in self.members(theme):
            if passage.time is not None:
                first[passage.document] = min(passage.time, first.get(passage.document, passage.time))
        counts = Counter(month(time) for time in first.values())
        return [{"name": name, "count": counts[name]} for name in months(self.first, self.newest)]


def counted(counts: Mapping[str, int]) -> list[CountJSON]:
    """The most first."""
    return [{"name": name, "count": n} for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n]


def newest_first(time: datetime | None, then: str) -> tuple[bool, float, str]:
    return time is None, -time.timestamp() if time else 0.0, then


def month(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m")


def months(first: datetime | None, newest: datetime | None) -> list[str]:
    """The months from first to newest, at most the last MONTHS of them."""
    if first is None or newest is None:
        return []
    start, end = (time.astimezone(UTC) for time in (first, newest))
    count = max(0, 12 * (end.year - start.year) + end.month - start.month + 1)
    numbers = range(12 * end.year + end.month - min(count, MONTHS), 12 * end.year + end.month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def stamp(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
