"""The register of open questions, assembled: what somebody may read, what was dismissed, and the search for answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from sensemake.errors import NotFound
from sensemake.jobs import questions as register
from sensemake.jobs.search import Found
from sensemake.model import Band, Document, Filters, Kind, OpenQuestion, Principal, SiloName, Where
from sensemake.rules import asking as asking_rule
from sensemake.rules import visibility
from sensemake.rules.open_questions import Asked
from sensemake.stores import Catalog
from sensemake.workspace import asking

KINDS = (Kind.QUESTION, Kind.CONVERSATION, Kind.MAIL)
ANSWERING = (Kind.PAGE, Kind.DECISION, Kind.EXPERIMENT, Kind.STORY)
LOOKED_AT = 10
"""Passages found that may be the answer."""
REPORTED = 60
"""Open questions that a report looks at, the newest."""
A_MOMENT = timedelta(microseconds=1)

Find = Callable[[str, Where], list[Found]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open questions somebody asked for: no more than `limit`, those that were `dismissed` or the others."""

    silos: Collection[str] = ()
    since: datetime | None = None
    dismissed: bool = False
    limit: int = 50


def questions(wanted: Wanted, by: Principal, catalog: Catalog, find: Find) -> tuple[OpenQuestion, ...]:
    """The open questions that this principal may know of, the newest first; gaps, for administrators, before them."""
    may = asking.readable(by, catalog)
    known = [q for q in _known(wanted, by, may, catalog) if q.dismissed == wanted.dismissed]
    is_open = known if wanted.dismissed else register.still_open(known, answered_for(may, find))
    return tuple(islice(is_open, wanted.limit))


def set_dismissed(question: str, by: Principal, catalog: Catalog, *, dismissed: bool) -> OpenQuestion:
    """Take a question out of the register or put it back. NotFound when the asker knows of no such open question."""
    may = asking.readable(by, catalog)
    known = next((q for q in _known(Wanted(), by, may, catalog) if q.id == question), None)
    if known is None:
        raise NotFound(f"there is no open question {question}: sensemake questions lists them")
    catalog.dismissals.dismiss(known.id, dismissed=dismissed)
    return replace(known, dismissed=dismissed)


def open_for(
    documents: Collection[Document], silos: frozenset[SiloName], catalog: Catalog, find: Find, until: datetime | None
) -> list[OpenQuestion]:
    """The open questions of a report: the newest of what an audience's documents ask up to a moment, none dismissed."""
    then = [before(document, until) for document in documents if document.kind in KINDS] if until else documents
    dismissed = catalog.dismissals.dismissed()
    ordered = sorted((d for d in then if d is not None), key=lambda d: d.id)
    asked = register.asked(ordered, dismissed=dismissed, only=lambda *_: True)
    known = [question for question in asked if not question.dismissed][:REPORTED]
    return list(register.still_open(known, answered_for(silos, find, until)))


def before(document: Document, until: datetime) -> Document | None:
    """A document as it was at a moment; None when there was nothing of it."""
    parts = tuple(p for p in document.parts if (p.time or document.time or until) <= until)
    return replace(document, parts=parts) if parts else None


def answered_for(may: frozenset[SiloName], find: Find, until: datetime | None = None) -> Callable[[OpenQuestion], bool]:
    """Whether something that these silos hold, and that is later than a question, answers it.

    Only what was written to be read does: what is most like a question in a chat is the same question asked again. A
    search in vain is closed by whatever it finds now.
    """

    def answered(question: OpenQuestion) -> bool:
        if question.document is None:
            return any(one.band is not Band.WEAK for one in find(question.text, visibility.where(may, Filters()))[:1])
        since = question.time + A_MOMENT if question.time else None
        found = find(question.text, visibility.where(may, Filters(kinds=ANSWERING, since=since, until=until)))
        return any(one.answers and asking_rule.question_in(one.passage.text) is None for one in found[:LOOKED_AT])

    return answered


def _known(wanted: Wanted, by: Principal, may: frozenset[SiloName], catalog: Catalog) -> Iterator[OpenQuestion]:
    """Asked in documents and of the search, dismissed or not, answered elsewhere or not."""
    dismissed = catalog.dismissals.dismissed()
    silos = visibility.where(may, Filters(silos=tuple(wanted.silos))).silos
    if "admin" in by.scopes and not wanted.silos:
        month = f"{wanted.since:%Y-%m}" if wanted.since else ""
        yield from (q for q in register.gaps(catalog.signals.insights(), dismissed=dismissed) if q.month >= month)

    def only(document: Document, asked: Asked) -> bool:
        return document.silo in silos and (
            wanted.since is None or (asked.time is not None and asked.time >= wanted.since)
        )

    passages = catalog.corpus.select(visibility.where(may, Filters(kinds=KINDS)))
    documents = catalog.corpus.documents({passage.document for passage in passages})
    yield from register.asked(sorted(documents.values(), key=lambda d: d.id), dismissed=dismissed, only=only)
