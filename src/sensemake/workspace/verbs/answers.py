"""Finding: search, what is like it, what helped, reading a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sensemake.errors import NotFound
from sensemake.jobs import search as search_job
from sensemake.model import (
    Document,
    DocumentId,
    Insight,
    Nearest,
    Pin,
    Principal,
    Query,
    SearchAnswer,
    Suggestion,
    Theme,
)
from sensemake.rules import asking_again, query_syntax
from sensemake.rules.identity import Roster
from sensemake.workspace import answering, asking
from sensemake.workspace.verbs.home import Find
from sensemake.workspace.verbs.intake import Intake


class Answers(Intake):
    """Finds passages, and keeps what was learnt from who asked."""

    def search(self, query: Query, by: Principal) -> SearchAnswer:
        """Passages for a question."""
        return self._answered(query, by, self._find)

    def _answered(self, query: Query, by: Principal, find: Find) -> SearchAnswer:
        asking.need(by, "search:read")
        self._active_engine().warm()
        roster = self._roster(by)
        where = asking.where(by, query, roster, self._catalog)
        answer = search_job.search(
            query,
            where,
            find=find,
            corpus=self._catalog.corpus,
            likenesses=self._catalog.likenesses,
            roster=roster,
            nearest=lambda found: self._nearest(query_syntax.parse(query.text).text, found, by, roster),
            pinned=lambda found: answering.pinned(query.text, found, where, self._catalog),
        )
        self._note(answering.asked(query, answer, by))
        return answer

    def similar(self, passage: str, query: Query, by: Principal) -> SearchAnswer:
        """What other documents say that is nearest in meaning to a passage; `query` has a limit, filters and a cursor.

        NotFound when the passage is absent or hidden.
        """
        asking.need(by, "search:read")
        known = answering.readable_passage(passage, by, self._catalog)
        active, roster = self._active_engine(), self._roster(by)
        active.follow(self._catalog)
        query = replace(query, text=known.id)
        where = asking.where(by, query, roster, self._catalog)
        return search_job.similar(
            known,
            query,
            where,
            index=active.index,
            model_id=active.embedder.model_id,
            corpus=self._catalog.corpus,
            background=lambda readable: active.background(readable, self._catalog),
            roster=roster,
        )

    def suggest(self, typed: str, by: Principal, *, limit: int = 8) -> list[Suggestion]:
        """Titles, people and themes with a word that begins so, of what the asker may know of."""
        from sensemake.workspace import sharing

        asking.need(by, "search:read")
        may, roster = asking.readable(by, self._catalog), self._roster(by)
        themes = sharing.latest(sharing.Audience(may, roster), self._catalog)
        return answering.suggested(typed, limit, by, may, roster, themes, self._catalog)

    def helped(self, passage: str, by: Principal, *, question: str = "") -> None:
        """Count that a passage helped somebody, with the question that it answered. NotFound when it is hidden."""
        asking.need(by, "search:read")
        known = answering.readable_passage(passage, by, self._catalog)
        self._note(answering.used("helped", known.document, by, question))

    def pin(self, question: str, target: str, by: Principal) -> Pin:
        """Put a passage or a document first among the answers to a question, for all who may read it."""
        asking.need(by, "admin")
        pin = answering.pin_of(question, target, by, self._catalog)
        self._catalog.signals.pin(asking_again.key(question), pin)
        self._audit(by, "pin.add", pin.document)
        return pin

    def unpin(self, question: str, by: Principal) -> int:
        """Take away what is pinned to a question; how many pins that were. NotFound when there is none."""
        asking.need(by, "admin")
        gone = self._catalog.signals.unpin(asking_again.key(question))
        if not gone:
            raise NotFound("nothing is pinned to that question: sensemake pin shows what is")
        self._audit(by, "pin.remove", "")
        return gone

    def pins(self, by: Principal) -> tuple[Pin, ...]:
        """All pinned answers."""
        asking.need(by, "admin")
        return self._catalog.signals.pins()

    def insights(self, by: Principal) -> list[tuple[Insight, str]]:
        """What at least five distinct people asked, asked in vain, opened or found helpful in a month; with titles."""
        asking.need(by, "admin")
        self._tally.settle()
        return answering.told(by, self._catalog)

    def find(self, query: Query, by: Principal) -> Sequence[search_job.Found]:
        """What `search` chooses from: the passages of both legs, for those who measure."""
        asking.need(by, "search:read")
        return self._find(query.text, asking.where(by, query, self._roster(by), self._catalog))

    def document(self, document: str, by: Principal) -> Document:
        """A whole document; NotFound when it is absent or hidden, which is not told apart."""
        asking.need(by, "docs:read")
        found = answering.readable_document(document, by, self._catalog)
        self._note(answering.used("opened", found.id, by))
        return found

    def named(self, by: Principal) -> Mapping[str, frozenset[DocumentId]]:
        """The documents that the asker may read, by each of their names: id, uri and title."""
        from sensemake.workspace import sharing

        asking.need(by, "docs:read")
        names: dict[str, set[DocumentId]] = {}
        for passage in sharing.passages_of(asking.readable(by, self._catalog), self._catalog):
            for name in (passage.document, passage.title):
                names.setdefault(name, set()).add(passage.document)
        for status in self.sources(by):
            for known in self._catalog.corpus.known(status.source.id).values():
                if known.id in names:
                    names.setdefault(known.uri, set()).add(known.id)
        return {name: frozenset(documents) for name, documents in names.items() if name}

    def _nearest(self, text: str, found: Sequence[search_job.Found], by: Principal, roster: Roster) -> Nearest:
        people = [
            person.name
            for item in found[:5]
            for handle in sorted(item.passage.authors)
            if (person := roster.person(handle)) is not None and person.listed and person.active
        ]
        themes = self._nearest_themes(text, by, roster)
        return Nearest(
            themes=tuple(theme.label for theme in themes),
            people=tuple(dict.fromkeys(people))[:3],
            written=tuple(theme.label for theme in themes if theme.written),
        )

    def _nearest_themes(self, text: str, by: Principal, roster: Roster) -> tuple[Theme, ...]:
        """The three themes nearest to a question, on the last map of exactly what the asker may read."""
        from sensemake.workspace import sharing

        themes = sharing.latest(sharing.Audience(asking.readable(by, self._catalog), roster), self._catalog)
        if themes is None or not themes.themes or not text.strip():
            return ()
        asked = self._active_engine().embedder.query(text)
        return tuple(theme for theme, _ in sharing.nearest(themes, asked)[:3])
