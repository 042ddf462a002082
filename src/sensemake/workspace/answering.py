"""What belongs to answers beside finding them: pinned ones, what is suggested, what is counted and told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from sensemake.errors import Locked, NotFound, StoreError, UsageError
from sensemake.jobs.search import Found
from sensemake.model import (
    Document,
    DocumentId,
    Filters,
    Insight,
    Passage,
    PassageId,
    Pin,
    Principal,
    Query,
    SearchAnswer,
    SiloName,
    Suggestion,
    ThemeMap,
    Where,
)
from sensemake.protocols import Signal
from sensemake.rules import asking_again, chunking, query_syntax, suggesting, wording
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog
from sensemake.workspace import asking

PAUSE = 1.0
"""Seconds between what people do and its being counted: questions do not wait for the disk."""


class Tally:
    """Counts what people do, a moment later. What cannot be written is let go of: it is no truth of anybody's."""

    def __init__(self, catalog: Catalog, *, counts: bool) -> None:
        self._catalog = catalog
        self._counts = counts
        self._waiting: list[Signal] = []
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None

    def note(self, signal: Signal) -> None:
        if not self._counts:
            return
        with self._lock:
            self._waiting.append(signal)
            if self._writer is None:
                self._writer = threading.Thread(target=self._later, daemon=True)
                self._writer.start()

    def settle(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting, self._writer = self._waiting, [], None
        with suppress(Locked, StoreError):
            self._catalog.signals.record(waiting, f"{asking.utc_now():%Y-%m}")

    def _later(self) -> None:
        time.sleep(PAUSE)
        self.settle()


def asked(query: Query, answer: SearchAnswer, by: Principal) -> Iterator[Signal]:
    """What a question tells. One that was narrowed is not counted as asked in vain: its filters may be why."""
    key = asking_again.key(query.text)
    understood = query_syntax.parse(query.text)
    narrowed = query.filters != Filters() or understood != query_syntax.Asked(query.text)
    if not key or query.cursor is not None or (answer.abstained and narrowed):
        return
    what = "in vain" if answer.abstained else "asked"
    yield Signal(what, key, Insight("", what, 0, understood.text.strip()), by.user)


def used(what: str, document: DocumentId, by: Principal, question: str = "") -> Iterator[Signal]:
    """That somebody opened a document, or was helped by it, with this question."""
    yield Signal(what, document, Insight("", what, 0, document=document), by.user)
    if key := asking_again.key(question):
        shown = Insight("", f"{what} with", 0, query_syntax.parse(question).text.strip(), document)
        yield Signal(f"{what} with", f"{document} {key}", shown, by.user)


def readable_passage(passage: str, by: Principal, catalog: Catalog) -> Passage:
    """A passage; NotFound when it is absent or hidden, which is not told apart, by time neither."""
    found = catalog.corpus.passage_of(PassageId(passage), asking.readable(by, catalog))
    if found is None:
        raise NotFound(f"there is no passage {passage}: `passage_id` of a search result names one")
    return found


def readable_document(document: str, by: Principal, catalog: Catalog) -> Document:
    """A document; NotFound when it is absent or hidden, which is not told apart."""
    found = catalog.corpus.document_of(DocumentId(document), asking.readable(by, catalog))
    if found is None:
        raise NotFound(f"there is no document {document}")
    return found


def pin_of(question: str, target: str, by: Principal, catalog: Catalog) -> Pin:
    """A passage or a document that this principal may read, to be pinned to a question."""
    pin = _pin(query_syntax.parse(question).text.strip(), target, by, catalog)
    if not asking_again.key(question):
        raise UsageError("a pinned answer needs a question with a word in it")
    return pin


def _pin(text: str, target: str, by: Principal, catalog: Catalog) -> Pin:
    with suppress(NotFound):
        passage = readable_passage(target, by, catalog)
        return Pin(text, passage.document, passage.id)
    with suppress(NotFound):
        return Pin(text, readable_document(target, by, catalog).id)
    raise NotFound(f"there is no passage or document {target}: `passage_id` of a search result names one")


def pinned(question: str, found: Sequence[Found], where: Where, catalog: Catalog) -> list[Passage]:
    """What is pinned to a question, as far as it is there and may be found.

    A passage whose text has changed since gives way to the best found one of its document, or to the first.
    """
    key = asking_again.key(question)
    pins = catalog.signals.pins(key) if key else ()
    if not pins:
        return []
    passages = catalog.corpus.passages([pin.passage for pin in pins if pin.passage])
    documents = catalog.corpus.documents([pin.document for pin in pins], parts=False)
    best = {f.document: f for f in reversed(found)}
    shown = (
        (passages.get(pin.passage) if pin.passage else None) or _best(best.get(pin.document)) or _first(document)
        for pin in pins
        if (document := documents.get(pin.document)) is not None
    )
    return [passage for passage in shown if passage is not None and wording.holds(passage, where)]


def _best(found: Found | None) -> Passage | None:
    return None if found is None else found.passage


def _first(document: Document) -> Passage | None:
    return next(iter(chunking.split(document)), None)


def suggested(
    typed: str,
    limit: int,
    by: Principal,
    may: Collection[SiloName],
    roster: Roster,
    themes: ThemeMap | None,
    catalog: Catalog,
) -> list[Suggestion]:
    """Titles, people and themes that may be meant, all of what this principal may know of."""
    if len(typed.strip()) < suggesting.LEAST:
        return []
    known = [Suggestion(title, "title", id_) for id_, title in catalog.corpus.titles(may, typed.strip())]
    if "experts:read" in by.scopes:
        known += [Suggestion(p.name, "person", p.id) for p in roster.persons.values() if p.listed]
    if "themes:read" in by.scopes and themes is not None:
        known += [Suggestion(theme.label, "theme", theme.id, theme.written_by) for theme in themes.themes]
    return suggesting.suggestions(typed, known, limit)


def told(by: Principal, catalog: Catalog) -> list[tuple[Insight, str]]:
    """What five people or more did, with the titles of documents, as far as the asker may read them."""
    insights = catalog.signals.insights()
    documents = catalog.corpus.documents({one.document for one in insights if one.document}, parts=False)
    may = asking.readable(by, catalog)
    titles = {id_: document.title for id_, document in documents.items() if document.silo in may}
    return [
        (one, titles.get(one.document, "") if one.document else "")
        for one in insights
        if one.document is None or one.document in titles
    ]
