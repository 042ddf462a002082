"""Says what an audience's themes are, what changed and who is missing: one JSON document with its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sensemake.jobs.report_shape import (
    VERSION,
    CardJSON,
    ChangeJSON,
    CountJSON,
    CoverageJSON,
    DocumentRefJSON,
    MethodJSON,
    QuoteJSON,
    ReportJSON,
    SiloCoverageJSON,
    ThemePageJSON,
)
from sensemake.model import (
    Document,
    DocumentId,
    Kind,
    Part,
    Passage,
    PassageId,
    PersonId,
    Role,
    Status,
    Theme,
    ThemeMap,
)
from sensemake.rules import quotes
from sensemake.rules.quotes import Sentence

CARDS = 7
"""Themes on the first page: what a group can keep in mind."""
PAGES = 20
QUOTES = 5
RELATED = 6
QUESTIONS = 20
MONTHS = 24
LOW_SAMPLE = 30
"""Items under which a card is marked (Jigsaw's reports use the same number)."""
QUIET = 8
"""Documents up to which a theme that is new, growing or returning is a quiet signal."""
CONSENT = frozenset({"quote", "quotes", "verbatim", "yes", "true"})
"""Values of a reflection's facet `consent` that allow its words to be quoted."""

LIMITS = (
    "Themes are found by the likeness of texts, not by understanding them; a text may be in the wrong theme.",
    "Sentences and quotes are extracted word for word; which ones are shown is a choice made by rule.",
    "Reflections are quoted only with their author's consent, and listed nowhere without it.",
    "Counts are of what was ingested; what was said elsewhere is not in this data.",
)


@dataclass(frozen=True, slots=True)
class Material:
    """What the audience of a map may read.

    `people` gives a passage's listed authors. `unread` counts files that could not be read, by reason. `version` is
    the program's.
    """

    passages: Sequence[Passage]
    documents: Mapping[DocumentId, Document]
    people: Callable[[Passage], Collection[PersonId]]
    unread: Mapping[str, int]
    version: str


def build(
    themes: ThemeMap,
    material: Material,
    *,
    last: ThemeMap | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    title: str = "What we share, and what changed",
) -> ReportJSON:
    """The report on `themes` over a period, both ends included; without ends, over all there is.

    What is later than `until` is not in it. What has no date is in every period. `last` is the map before `themes`.
    """
    reader = _Reader.of(themes, material, since, until)
    questions = reader.questions()
    pages = [reader.page(theme, questions) for theme in reader.themes[:PAGES]]
    cards = [reader.card(theme) for theme in reader.themes]
    return {
        "report_version": VERSION,
        "title": title,
        "silos": sorted(themes.silos),
        "since": _stamp(since or reader.first),
        "until": _stamp(until or reader.newest),
        "coverage": reader.coverage(themes),
        "cards": cards[:CARDS],
        "compared": last is not None,
        "changes": _changes(themes, last) if last else [],
        "themes": pages,
        "quiet": [card for card in cards[CARDS:] if card["documents"] <= QUIET and card["status"] in _RISING],
        "questions": questions[:QUESTIONS],
        "method": _method(themes, material, shown=len(pages)),
    }


_TOLD = frozenset({"new", "growing", "fading", "returning", "split", "merged"})
_RISING = frozenset({str(Status.NEW), str(Status.GROWING), str(Status.RETURNING)})


@dataclass(frozen=True, slots=True)
class _Reader:
    """The passages up to the end of the period, and the themes that have some."""

    material: Material
    passages: Mapping[PassageId, Passage]
    themes: tuple[Theme, ...]
    since: datetime | None
    first: datetime | None
    newest: datetime | None

    @classmethod
    def of(cls, themes: ThemeMap, material: Material, since: datetime | None, until: datetime | None) -> _Reader:
        known = {
            p.id: p
            for p in material.passages
            if p.document in material.documents and (until is None or p.time is None or p.time <= until)
        }
        times = [p.time for p in known.values() if p.time is not None]
        present = [theme for theme in themes.themes if any(m.passage in known for m in theme.members)]
        first, newest = min(times, default=None), max(times, default=None)
        reader = cls(material, known, (), since, first, newest)
        ordered = sorted(present, key=lambda t: (-len(reader.recent(t)), -len(reader.documents(t)), t.label, t.id))
        return cls(material, known, tuple(ordered), since, first, newest)

    # ── themes ──

    def members(self, theme: Theme) -> list[Passage]:
        """Its passages, the most central first."""
        return [self.passages[m.passage] for m in theme.members if m.passage in self.passages]

    def documents(self, theme: Theme) -> list[DocumentId]:
        return list(dict.fromkeys(p.document for p in self.members(theme)))

    def recent(self, theme: Theme) -> set[DocumentId]:
        return {p.document for p in self.members(theme) if self.in_period(p)}

    def in_period(self, passage: Passage) -> bool:
        return self.since is None or passage.time is None or passage.time >= self.since

    def card(self, theme: Theme) -> CardJSON:
        members = self.members(theme)
        holders = {p.document: p.silo for p in members}
        return {
            "theme_id": theme.id,
            "label": theme.label,
            "status": str(theme.status),
            "sentence": self._sentence(theme),
            "people": len({person for p in members for person in self.material.people(p)}),
            "documents": len(holders),
            "documents_in_period": len(self.recent(theme)),
            "items": len(members),
            "silos": _counted(Counter(holders.values())),
            "months": self._months(theme),
            "low_sample": len(members) < LOW_SAMPLE,
        }

    def page(self, theme: Theme, questions: Sequence[QuoteJSON]) -> ThemePageJSON:
        own = self.documents(theme)
        return {
            **self.card(theme),
            "keyphrases": list(theme.keyphrases),
            "quotes": [self._quote(sentence) for sentence in self._chosen(theme)],
            "related": [self._reference(d) for d in own if self._may_quote(d)][:RELATED],
            "questions": [q for q in questions if q["document_id"] in own][:RELATED],
        }

    def _sentence(self, theme: Theme) -> QuoteJSON | None:
        best = self._best(theme)
        return self._quote(best[0]) if best else None

    def _best(self, theme: Theme) -> list[Sentence]:
        """Each passage's best sentence, the best of all first: central, telling, and of the period before others."""
        found: list[tuple[float, Sentence]] = []
        strengths = {m.passage: m.strength for m in theme.members}
        for passage in self.members(theme)[:60]:
            if not self._may_quote(passage.document):
                continue
            base = strengths[passage.id] + (0.5 if self.in_period(passage) else 0.0)
            weighed = [(base + quotes.weight(s, theme.keyphrases), s) for s in quotes.sentences(passage)]
            found.extend(sorted(weighed, key=lambda pair: (-pair[0], pair[1].start))[:1])
        return [s for _, s in sorted(found, key=lambda pair: (-pair[0], pair[1].passage.id))]

    def _chosen(self, theme: Theme) -> list[Sentence]:
        """Up to QUOTES more: each of another document and person, and every silo once before any is heard twice."""
        pool = self._best(theme)
        chosen = pool[:1]
        pool = pool[1:]
        while pool and len(chosen) <= QUOTES:
            people = {person for sentence in chosen for person in self.material.people(sentence.passage)}
            documents = {sentence.passage.document for sentence in chosen}
            sentence = min(pool, key=lambda s: sum(s.passage.silo == c.passage.silo for c in chosen))
            pool.remove(sentence)
            if sentence.passage.document not in documents and people.isdisjoint(self.material.people(sentence.passage)):
                chosen.append(sentence)
        return chosen[1:]

    def _may_quote(self, document: DocumentId) -> bool:
        found = self.material.documents[document]
        return found.kind is not Kind.REFLECTION or found.facets.get("consent", "").strip().casefold() in CONSENT

    def _months(self, theme: Theme) -> list[CountJSON]:
        first: dict[DocumentId, datetime] = {}
        for passage in self.members(theme):
            if passage.time is not None:
                first[passage.document] = min(passage.time, first.get(passage.document, passage.time))
        counts = Counter(_month(time) for time in first.values())
        return [{"name": month, "count": counts[month]} for month in _span(self.first, self.newest)]

    # ── questions ──

    def questions(self) -> list[QuoteJSON]:
        """Documents that ask, and questions in conversations that nobody answered later; the newest first."""
        held: dict[DocumentId, list[Passage]] = {}
        for passage in self.passages.values():
            held.setdefault(passage.document, []).append(passage)
        found = []
        for document_id, passages in held.items():
            if asked := _asked(self.material.documents[document_id]):
                text, time = asked
                first = _holding(passages, text)
                if first is not None and self.in_period(first):
                    found.append((time, self._cited(first, text)))
        return [quote for _, quote in sorted(found, key=lambda pair: _newest_first(pair[0], pair[1]["passage_id"]))]

    # ── sources ──

    def _quote(self, sentence: Sentence) -> QuoteJSON:
        return self._cited(sentence.passage, sentence.text)

    def _cited(self, passage: Passage, text: str) -> QuoteJSON:
        return {
            **self._reference(passage.document),
            "time": _stamp(passage.time),
            "text": text,
            "passage_id": passage.id,
            "locator": passage.locator,
        }

    def _reference(self, document_id: DocumentId) -> DocumentRefJSON:
        document = self.material.documents[document_id]
        return {
            "document_id": document_id,
            "title": document.title,
            "silo": document.silo,
            "kind": str(document.kind),
            "time": _stamp(document.time),
            "url": document.url,
        }

    # ── coverage ──

    def coverage(self, themes: ThemeMap) -> CoverageJSON:
        people = {p.id: frozenset(self.material.people(p)) for p in self.passages.values()}
        documents = {p.document for p in self.passages.values()}
        held = [self.material.documents[d] for d in documents]
        attributed = {p.document for p in self.passages.values() if people[p.id]}
        active = {p.silo for p in self.passages.values() if self.in_period(p)}
        return {
            "documents": len(documents),
            "passages": len(self.passages),
            "people": len(frozenset().union(*people.values())),
            "undated": len(documents - {p.document for p in self.passages.values() if p.time is not None}),
            "unattributed": len(documents - attributed),
            "silos": [self._silo(str(silo), people) for silo in sorted(themes.silos)],
            "silent": sorted(set(themes.silos) - active),
            "kinds": _counted(Counter(str(d.kind) for d in held)),
            "languages": _counted(Counter(d.language for d in held if d.language)),
            "unread": _counted(self.material.unread),
        }

    def _silo(self, silo: str, people: Mapping[PassageId, frozenset[PersonId]]) -> SiloCoverageJSON:
        own = [p for p in self.passages.values() if p.silo == silo]
        return {
            "silo": silo,
            "documents": len({p.document for p in own}),
            "people": len({person for p in own for person in people[p.id]}),
            "newest": _stamp(max((p.time for p in own if p.time is not None), default=None)),
        }


def _changes(themes: ThemeMap, last: ThemeMap) -> list[ChangeJSON]:
    """Each theme's events, in the order of the map, then the themes that are gone. A split is told of the part."""
    before = {theme.id for theme in last.themes}
    labels = {theme.id: theme.label for theme in (*last.themes, *themes.themes)}
    changed: list[ChangeJSON] = [
        {
            "event": event.name,
            "theme_id": theme.id,
            "label": theme.label,
            "numbers": dict(event.numbers),
            "related": [labels.get(other, other) for other in event.related],
            "documents": list(theme.documents),
        }
        for theme in themes.themes
        for event in theme.events
        if event.name in _TOLD and not (event.name == "split" and theme.id in before)
    ]
    merged = {other for theme in themes.themes for e in theme.events if e.name == "merged" for other in e.related}
    gone = {theme.id: theme for theme in last.themes}
    return changed + [_gone(gone[i]) for i in themes.gone if i in gone and i not in merged]


def _gone(theme: Theme) -> ChangeJSON:
    return {
        "event": "gone",
        "theme_id": theme.id,
        "label": theme.label,
        "numbers": {"documents": float(theme.size)},
        "related": [],
        "documents": list(theme.documents),
    }


def _method(themes: ThemeMap, material: Material, *, shown: int) -> MethodJSON:
    return {
        "version": material.version,
        "state": themes.state,
        "settings": dict(sorted(themes.settings.items())),
        "themes": len(themes.themes),
        "loose": themes.loose,
        "outlier_ratio": themes.outlier_ratio,
        "stability": themes.stability,
        "without_theme_page": len(themes.themes) - shown,
        "limits": list(LIMITS),
    }


def _asked(document: Document) -> tuple[str, datetime | None] | None:
    """The question of a document that is still open, in its own words, and when it was asked."""
    if document.kind is Kind.QUESTION:
        answered = any(part.role is Role.ANSWERED for part in document.parts)
        return None if answered else (document.title, document.time)
    asked = [n for n, part in enumerate(document.parts) if part.role is Role.ASKED]
    if not asked or any(part.role is Role.ANSWERED for part in document.parts[asked[-1] + 1 :]):
        return None
    part = document.parts[asked[-1]]
    question = _question_in(part)
    return (question, part.time or document.time) if question else None


def _holding(passages: Sequence[Passage], text: str) -> Passage | None:
    """The first passage that a question is in; a title is in all of them."""
    holding = [p for p in passages if text in p.text or text == p.title]
    return min(holding, key=lambda p: (p.ordinal, p.id), default=None)


def _question_in(part: Part) -> str | None:
    """Its last line that asks, as it stands."""
    lines = [line.strip() for line in part.text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "?" in line and len(line) <= quotes.LONGEST), None)


def _counted(counts: Mapping[str, int]) -> list[CountJSON]:
    """The most first."""
    return [{"name": name, "count": n} for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n]


def _newest_first(time: datetime | None, then: str) -> tuple[bool, float, str]:
    return time is None, -time.timestamp() if time else 0.0, then


def _month(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m")


def _span(first: datetime | None, newest: datetime | None) -> list[str]:
    """The months from first to newest, at most the last MONTHS of them."""
    if first is None or newest is None:
        return []
    start, end = (time.astimezone(UTC) for time in (first, newest))
    count = 12 * (end.year - start.year) + end.month - start.month + 1
    numbers = range(12 * end.year + end.month - min(count, MONTHS), 12 * end.year + end.month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
