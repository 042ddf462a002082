"""`Workspace`: a home and everything that can be done with it, each verb one call."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sensemake import reading, registry, stores
from sensemake.config import Settings
from sensemake.errors import NotFound, ReadersConflict, StoreError
from sensemake.jobs import embedding
from sensemake.jobs import experts as experts_job
from sensemake.jobs import search as search_job
from sensemake.model import (
    NOTHING,
    AccessAnswer,
    BridgesAnswer,
    Document,
    DocumentId,
    ExpertsAnswer,
    Handle,
    IngestReport,
    Insight,
    Mark,
    Nearest,
    Passage,
    Person,
    PersonId,
    PersonProfile,
    Pin,
    Principal,
    Proposal,
    Query,
    Routing,
    SearchAnswer,
    Silo,
    SiloName,
    Source,
    Suggestion,
    Theme,
    ThemeMap,
    Verb,
    Where,
    Wish,
)
from sensemake.protocols import AuditEvent, Quarantined, Rate, Reranker, Signal, Token
from sensemake.rules import asking_again, query_syntax, visibility, wishes
from sensemake.rules.evidence import WEIGHTS, Weights
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog
from sensemake.workspace import accounting, answering, asking, engine, quarantine, sources, taking_in, watching
from sensemake.workspace.accounting import Account
from sensemake.workspace.doctor import Finding, examine
from sensemake.workspace.engine import Engine
from sensemake.workspace.quarantine import Retried
from sensemake.workspace.reflecting import Draft, document_of
from sensemake.workspace.sources import SourceStatus, Synced
from sensemake.workspace.taking_in import Progress, Request, Taking
from sensemake.workspace.working import Working

if TYPE_CHECKING:
    from sensemake.workspace import knowing
    from sensemake.workspace.joining import Decided
    from sensemake.workspace.sharing import Audience


def _silent(stage: str, done: int, total: int | None) -> None:
    """The progress of nobody who looks."""


class Workspace:
    """A home, opened. Safe to share between threads; several processes may open one home."""

    def __init__(self, settings: Settings, catalog: Catalog, announce: Callable[[str], None] | None) -> None:
        self.settings = settings
        self._catalog = catalog
        self._announce = announce
        self._tally = answering.Tally(catalog, counts=settings.insights)
        self._engines: dict[str, Engine] = {}
        self._cross: Reranker | None = None
        self._rosters: dict[tuple[object, ...], Roster] = {}

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False, announce: Callable[[str], None] | None = None) -> Self:
        """Open a home; with `create` a new one is made. StoreError when there is none, or it cannot be read."""
        url = settings.database_url or stores.sqlite_url(settings.home)
        if not create and not stores.exists(url):
            raise StoreError(
                f"{settings.home} holds no Sensemake home yet: sensemake ingest PATH --silo NAME makes one"
            )
        return cls(settings, stores.open_catalog(url, settings.home, create=create), announce)

    def close(self) -> None:
        self._tally.settle()
        self._catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── who is asking ────────────────────────────────────────────────────────────────────────────

    def owner(self) -> Principal:
        return asking.owner()

    def anonymous(self) -> Principal:
        return asking.ANONYMOUS

    def principal_for(self, user: str) -> Principal:
        return asking.principal_for(user, self._catalog)

    def principal_of_token(self, secret: str, origin: str | None = None) -> Principal | None:
        """Whose token this is, used by a page of `origin` (None: by no page); None when it does not hold."""
        return asking.principal_of_token(secret, self._catalog, asking.utc_now(), origin)

    def create_token(
        self,
        name: str,
        *,
        by: Principal,
        user: str | None = None,
        scopes: frozenset[str] = asking.READING | {"docs:write"},
        silos: frozenset[str] | None = None,
        days: int | None = 90,
        once: bool = False,
    ) -> tuple[str, Token]:
        """A new token: the secret, which is never shown again, and what is kept of it."""
        asking.need(by, "admin")
        if user is not None:
            user = self.principal_for(user).user
        names = None if silos is None else frozenset(SiloName(silo) for silo in silos)
        secret, token = asking.make_token(
            name,
            user=user,
            scopes=scopes,
            silos=names,
            lifetime=None if days is None else timedelta(days=days),
            once=once,
            now=asking.utc_now(),
        )
        self._catalog.access.add_token(token)
        self._audit(by, "token.create", token.id)
        return secret, token

    def mint_widget_token(
        self,
        origin: str,
        by: Principal,
        *,
        user: str | None = None,
        scopes: frozenset[str] = frozenset({"search:read"}),
        minutes: int = 60,
    ) -> tuple[str, Token]:
        """A short-lived token for the pages of one origin, asked for by the site's own back end."""
        asking.need(by, "tokens:mint")
        if user is not None:
            user = self.principal_for(user).user
        now = asking.utc_now()
        secret, token = asking.make_widget_token(origin, by, user=user, scopes=scopes, minutes=minutes, now=now)
        self._catalog.access.forget_ended(now)
        self._catalog.access.add_token(token)
        self._audit(by, "token.widget", token.id, {"origin": origin, "user": token.user})
        return secret, token

    def take(self, key: str, rate: Rate) -> float:
        """Seconds to wait before whoever `key` stands for may ask again; 0 when now."""
        return self._catalog.rates.take(key, rate, time.time())

    def refused(self, by: Principal, what: str) -> None:
        """Note that somebody was refused what they may not do."""
        self._audit(by, "refused", what)

    def tokens(self, by: Principal) -> tuple[Token, ...]:
        asking.need(by, "admin")
        return self._catalog.access.tokens()

    def revoke_token(self, token_id: str, by: Principal) -> None:
        asking.need(by, "admin")
        if not self._catalog.access.revoke(token_id):
            raise NotFound(f"there is no token {token_id}: sensemake token list")
        self._audit(by, "token.revoke", token_id)

    @property
    def jobs(self) -> Working:
        """Work that outlives its request."""
        return Working(self, self._catalog)

    # ── the five verbs ───────────────────────────────────────────────────────────────────────────

    def ingest(
        self,
        paths: Sequence[Path],
        silo: str,
        by: Principal,
        *,
        readers: frozenset[str] | None = None,
        indexer: str | None = None,
        include_private: bool = False,
        allow_removals: bool = False,
        redact: bool | None = None,
        options: Mapping[str, str] = NOTHING,
        progress: Progress = _silent,
    ) -> IngestReport:
        """Take `paths` into a silo (made when there is none), and make them findable.

        `options` are for the indexer: `map.author` says which field of a message holds its author. `redact` masks
        e-mail addresses, numbers and secrets; None leaves it as it was for this source.
        """
        asking.need(by, "admin")
        request = Request(
            paths=tuple(paths),
            silo=visibility.silo_name(silo),
            readers=None if readers is None else frozenset(map(visibility.group_name, readers)),
            indexer=indexer,
            include_private=include_private,
            allow_removals=allow_removals,
            options=options,
            redact=redact,
        )
        return taking_in.take_in(
            request,
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
            limits=self._limits(),
        )

    def sync(
        self, source: str | None, by: Principal, *, allow_removals: bool = False, progress: Progress = _silent
    ) -> tuple[Synced, ...]:
        """Read a source again, or all (None), as they were read last: same path, indexer and options, same silo.

        Without a name, what was written here (reflections) is passed over: it comes from nowhere else.
        """
        asking.need(by, "admin")
        known = self.sources(by)
        elsewhere = [status.source for status in known if status.source.path]
        return sources.sync(
            elsewhere if source is None else [sources.meant(source, known).source],
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
            limits=self._limits(),
            allow_removals=allow_removals,
        )

    def changes(
        self,
        paths: Sequence[Path],
        by: Principal,
        *,
        quiet: float = watching.QUIET,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Iterator[None]:
        """Yield at once, and again whenever something under `paths` has changed and `quiet` seconds have passed.

        For a caller who ingests each time; changes in the home itself do not count. It ends when `go_on` says no.
        """
        asking.need(by, "admin")
        return watching.changes(paths, ignore=self.settings.home, quiet=quiet, go_on=go_on)

    def take_in(
        self, documents: Iterable[Document], source: Source, by: Principal, *, progress: Progress = _silent
    ) -> IngestReport:
        """Take in documents that were read already, all of one source, and make them findable."""
        asking.need(by, "admin")
        return taking_in.take_in_documents(
            documents,
            source,
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
        )

    def search(self, query: Query, by: Principal) -> SearchAnswer:
        """Passages for a question."""
        asking.need(by, "search:read")
        self._active_engine().warm()
        roster = self._roster(by)
        where = asking.where(by, query, roster, self._catalog)
        answer = search_job.search(
            query,
            where,
            find=self._find,
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
            roster=roster,
        )

    def suggest(self, typed: str, by: Principal, *, limit: int = 8) -> list[Suggestion]:
        """Titles, people and themes with a word that begins so, of what the asker may know of."""
        from sensemake.workspace import sharing

        asking.need(by, "search:read")
        themes = sharing.latest(self._audience(by, ()), self._catalog)
        may = asking.readable(by, self._catalog)
        return answering.suggested(typed, limit, by, may, self._roster(by), themes, self._catalog)

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

    def who(self, query: Query, by: Principal, *, weights: Weights = WEIGHTS) -> ExpertsAnswer:
        """People for a topic, with the evidence that the asker may read. `weights` are for those who measure."""
        asking.need(by, "experts:read")
        self._active_engine().warm()
        roster = self._roster(by)
        words = self._words(roster)
        roster = roster.without(words.hiding(query.text))
        where = asking.where(by, query, roster, self._catalog)
        answer = experts_job.who(
            query,
            where,
            find=self._find,
            corpus=self._catalog.corpus,
            roster=roster,
            offers=wishes.offers(words.wishes),
            weights=weights,
        )
        self._audit_experts(by, answer)
        return answer

    def build_themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap:
        """The map of themes of what the asker, or every one of some groups, may read; made anew when that changed."""
        asking.need(by, "themes:read")
        asking.need(by, "docs:write")
        return self._map(self._audience(by, audience))

    def themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap | None:
        """The latest map that was made for exactly this audience."""
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        return sharing.latest(self._audience(by, audience), self._catalog)

    def themes_about(self, text: str, by: Principal, *, limit: int = 5) -> tuple[tuple[Theme, float], ...]:
        """The themes nearest to a question and their cosines, on the last map of exactly what the asker may read.

        Those farther from it than most passages are from their theme are left out. NotFound when there is no map.
        """
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        themes = sharing.latest(self._audience(by, ()), self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes yet: sensemake themes build makes one")
        near = sharing.nearest(themes, self._active_engine().embedder.query(text)) if text.strip() else []
        return tuple((theme, cosine) for theme, cosine in near[:limit] if cosine >= sharing.ABOUT)

    def edit_theme(self, verb: str, theme: str, arguments: Mapping[str, str], by: Principal) -> ThemeMap:
        """Rename, merge, split, pin or hide a theme, or undo the last such edit; the map as it is then."""
        from sensemake.workspace import sharing

        asking.need(by, "docs:write")
        audience = self._audience(by, ())
        sharing.edit(audience, verb, theme, arguments, by=by, catalog=self._catalog, at=asking.utc_now())
        return self._map(audience)

    def report(
        self,
        by: Principal,
        *,
        audience: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Mapping[str, object]:
        """The report for an audience and a period: the document that `render` makes a page of.

        The map is brought up to the catalog first, but for those who may write nothing: they see the last one.
        """
        from sensemake.workspace import sharing

        asking.need(by, "reports:read")
        meant = self._audience(by, audience)
        themes = self._map(meant) if "docs:write" in by.scopes else sharing.latest(meant, self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes for this audience yet: sensemake themes build makes one")
        return dict(sharing.report(meant, themes, self._catalog, since=since, until=until))

    def render(self, report: Mapping[str, object], form: str) -> str:
        """A report as a page: `html` or `md`."""
        from sensemake.workspace import sharing

        return sharing.renderer(form).render(report)

    def reflect(
        self,
        text: str,
        by: Principal,
        *,
        silo: str,
        title: str | None = None,
        template: str = "open",
        author: str | None = None,
        anonymous: bool = False,
        at: datetime | None = None,
    ) -> DocumentId:
        """Keep a reflection in a silo that the writer may read; it is found from then on."""
        asking.need(by, "docs:write")
        if author is not None:
            asking.need(by, "admin")
        if silo not in asking.readable(by, self._catalog):
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        draft = Draft(text, SiloName(silo), title, template, author, anonymous)
        now = asking.utc_now()
        document = document_of(draft, by, self._roster(by), at or now)
        taking_in.keep(
            document, catalog=self._catalog, engine=self._wanted_engine(_silent), cache=self._cache(), at=now
        )
        return document.id

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────

    def document(self, document: str, by: Principal) -> Document:
        """A whole document; NotFound when it is absent or hidden, which is not told apart."""
        asking.need(by, "docs:read")
        found = self._catalog.corpus.documents([DocumentId(document)]).get(DocumentId(document))
        if found is None or found.silo not in asking.readable(by, self._catalog):
            raise NotFound(f"there is no document {document}")
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

    def silos(self, by: Principal) -> tuple[Silo, ...]:
        """The silos that the asker may read."""
        asking.need(by, "docs:read")
        may = asking.readable(by, self._catalog)
        return tuple(silo for silo in self._catalog.access.silos() if silo.name in may)

    def add_silo(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        asking.need(by, "admin")
        name = visibility.silo_name(silo)
        if name in {known.name for known in self._catalog.access.silos()}:
            raise ReadersConflict(
                f"there is a silo {name} already; to change who reads it: sensemake silo grant {name} GROUP"
            )
        self._catalog.access.add_silo(Silo(name, frozenset(map(visibility.group_name, readers))))
        self._audit(by, "silo.add", name)

    def grant(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        """Let groups read a silo, from the next question on."""
        self._set_readers(silo, lambda have: have | frozenset(map(visibility.group_name, readers)), "silo.grant", by)

    def revoke(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        """Let groups read a silo no longer, from the next question on."""
        self._set_readers(silo, lambda have: have - readers, "silo.revoke", by)

    def remove_silo(self, silo: str, by: Principal) -> None:
        """Forget a silo that holds no documents, and who reads it."""
        asking.need(by, "admin")
        if silo not in {known.name for known in self._catalog.access.silos()}:
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        self._catalog.access.remove_silo(SiloName(silo))
        self._audit(by, "silo.remove", silo)
        self._active_engine().catch_up(self._catalog, durable=True)

    def explain_access(self, user: str, document: str, by: Principal) -> AccessAnswer:
        """Why somebody of the directory (or `anonymous`) may read a document or not."""
        asking.need(by, "admin")
        principal = self.anonymous() if user == self.anonymous().user else self.principal_for(user)
        return accounting.access(principal, document, self._catalog)

    def audit(self, by: Principal, asked: Account = accounting.ALL) -> tuple[AuditEvent, ...]:
        """Who did what to what, oldest first."""
        asking.need(by, "admin")
        return accounting.events(asked, self._catalog)

    def audit_break(self, by: Principal) -> int | None:
        """The number of the first line of the audit log that was tampered with; None when it is whole."""
        asking.need(by, "admin")
        return self._catalog.audit.verify()

    def sources(self, by: Principal) -> tuple[SourceStatus, ...]:
        """The sources of the silos that the asker may read; their failures are for administrators."""
        asking.need(by, "docs:read")
        found = sources.statuses(asking.readable(by, self._catalog), self._catalog)
        return found if "admin" in by.scopes else tuple(replace(status, failures=()) for status in found)

    def source(self, name: str, by: Principal) -> SourceStatus:
        """The source of this id (`silo/name`) or name, if it is the only one of that name."""
        return sources.meant(name, self.sources(by))

    def remove_source(self, name: str, by: Principal) -> int:
        """Forget a source with all that came from it, in catalog, vectors and index; how many documents that were."""
        asking.need(by, "admin")
        source = self.source(name, by).source
        removed = sources.remove(source, catalog=self._catalog, engine=self._active_engine())
        self._audit(by, "source.remove", source.id, {"documents": str(removed)})
        return removed

    def quarantine(self, by: Principal, *, source: str | None = None) -> tuple[Quarantined, ...]:
        """What could not be read, of all sources or of one. File names tell much: for administrators only."""
        asking.need(by, "admin")
        return quarantine.chosen(None, source, self._catalog.quarantine.all())

    def retry_quarantine(
        self,
        by: Principal,
        *,
        ids: Collection[str] | None = None,
        source: str | None = None,
        progress: Progress = _silent,
    ) -> Retried:
        """Read these entries again, or all (None); what reads well leaves quarantine."""
        asking.need(by, "admin")
        entries = quarantine.chosen(ids, source, self._catalog.quarantine.all())
        active = self._wanted_engine(progress)
        with Taking(self._catalog, active, self._cache(), progress, self._limits()) as taking:
            done = quarantine.retry(entries, taking, self._catalog)
        active.catch_up(self._catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
        return done

    def drop_quarantine(self, by: Principal, *, ids: Collection[str] | None = None, source: str | None = None) -> int:
        """Forget these entries, or all (None); how many that were. Nothing else is touched."""
        asking.need(by, "admin")
        entries = quarantine.chosen(ids, source, self._catalog.quarantine.all())
        dropped = self._catalog.quarantine.drop({entry.id for entry in entries})
        self._audit(by, "quarantine.drop", source or "all", {"entries": str(dropped)})
        return dropped

    def people(self, by: Principal) -> tuple[Person, ...]:
        """The listed people that the asker may know of, by name."""
        asking.need(by, "experts:read")
        persons = self._roster(by).persons.values()
        return tuple(sorted((p for p in persons if p.listed), key=lambda p: (p.name, p.id)))

    def set_listed(self, person: str, *, listed: bool, by: Principal) -> Person:
        """Take somebody out of who-knows, themes, bridges and reports, or back in. Their own choice, or the owner's."""
        roster = self._roster(by)
        person_id = self._own(person, by)
        own = {known_id for h, known_id in roster.ids.items() if roster.owner_of.get(h) == person_id}
        for each in sorted({person_id, *own}):  # so that the choice outlives another way of joining
            self._catalog.people.set_listed(each, listed=listed)
        self._audit(by, "person.list" if listed else "person.unlist", person_id)
        return self._roster(by).persons[person_id]

    def proposals(self, by: Principal) -> tuple[Proposal, ...]:
        """Handles that may be one person's, with the reason, the surest first: for the owner to confirm or refuse."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        return joining.proposals(self._roster(by), asking.readable(by, self._catalog), self._catalog)

    def decided(self, by: Principal) -> Decided:
        """What was decided about handles: confirmed links, refused proposals, marks."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        return joining.decided(self._catalog)

    def link(self, handle: str, person: str, by: Principal) -> Person:
        """Confirm that a handle (`namespace:value`) is this person's; from the next question on."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        known = self._roster(by)
        meant, target = joining.handle_named(handle, known), joining.person_named(person, known)
        joining.link(meant, target, known, self._catalog)
        self._audit(by, "person.link", target, {"handle": known.ids.get(meant, "")})
        now = self._roster(by)
        return now.persons[now.owner_of[meant]]

    def unlink(self, handle: str, person: str | None, by: Principal) -> str:
        """Say that a handle is not this person's (None: not the one's it is joined to): it stays so.

        A confirmed link is taken back ("undone"); a handle that was joined by itself stands alone from now on
        ("apart"); what was only proposed is not proposed again ("refused").
        """
        from sensemake.workspace import joining

        asking.need(by, "admin")
        known = self._roster(by)
        meant = joining.handle_named(handle, known)
        target = None if person is None else joining.person_named(person, known)
        before = known.owner_of.get(meant)
        outcome = joining.unlink(meant, target, known, self._catalog)
        if outcome == joining.UNDONE and self._still_joined(meant, before, known, by):
            joining.part(meant, self._catalog)
            outcome = joining.APART
        self._audit(by, "person.unlink", target or before or "", {"handle": known.ids.get(meant, ""), "is": outcome})
        return outcome

    def mark(self, who: str, what: Mark | None, by: Principal) -> tuple[Handle, ...]:
        """Say that somebody is a bot or a shared mailbox, no person, or take that back (None); their words remain."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        if what is None:
            may = asking.readable(by, self._catalog)
            unmarked = asking.roster(may, self._catalog, self.settings.people_mode, marked=False)
            marked = joining.unmark(who, unmarked, self._catalog)
        else:
            marked = joining.mark(who, what, self._roster(by), self._catalog)
        self._audit(by, "person.mark", "", {"as": what or "person", "handles": str(len(marked))})
        return marked

    def _still_joined(self, handle: Handle, before: PersonId | None, known: Roster, by: Principal) -> bool:
        """Whether a handle still has company of those whom it was joined to."""
        now = self._roster(by)
        owner = now.owner_of.get(handle)
        old = {h for h, pid in known.owner_of.items() if pid == before and h != handle}
        return owner in {now.owner_of.get(h) for h in old} or (owner == before and owner not in known.ids.values())

    def set_wish(self, person: str, verb: Verb, topic: str, *, kept: bool, by: Principal) -> PersonProfile:
        """Hide a topic of somebody, or offer their help with one, or take that back. Their own word, or the owner's."""
        from sensemake.workspace import knowing

        person_id = self._own(person, by)
        self._catalog.people.set_wish(Wish(person_id, verb, knowing.topic_of(topic)), kept=kept)
        self._audit(by, f"person.{verb}" if kept else f"person.{verb}.undo", person_id)
        roster = self._roster(by)
        return knowing.told(roster.persons[person_id], (), self._words(roster), own=True)

    def profile(self, person: str, by: Principal) -> PersonProfile:
        """A person's themes over time, with evidence that the asker may read, and what they said of themselves.

        Unlisted persons are as good as absent, but to themselves and the home's owner.
        """
        from sensemake.workspace import knowing, sharing

        asking.need(by, "experts:read")
        audience = self._audience(by, ())
        person_id = knowing.meant(person, audience.roster)
        meant = audience.roster.persons[person_id]
        own = by.person == person_id or "admin" in by.scopes
        if not meant.listed and not own:
            raise NotFound(f"there is no one person {person!r}: name a person_id, an e-mail address or a handle")
        themes = sharing.latest(audience, self._catalog) if meant.listed and "themes:read" in by.scopes else None
        passages = sharing.passages_of(audience.silos, self._catalog) if themes else ()
        words = self._words(audience.roster)
        known = knowing.profile(meant, themes, passages, audience.roster, words, self._catalog)
        return knowing.told(meant, known, words, own=own)

    def bridges(self, by: Principal, *, names: bool = False) -> BridgesAnswer:
        """What links the silos of the asker's map of themes, where a link is missing, and what rests on one person.

        NotFound when there is no map yet. People are named only with `names`.
        """
        from sensemake.workspace import knowing, sharing

        asking.need(by, "experts:read")
        asking.need(by, "themes:read")
        audience = self._audience(by, ())
        themes = sharing.latest(audience, self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes of what you may read yet: sensemake themes build makes one")
        passages = sharing.passages_of(audience.silos, self._catalog)
        words = self._words(audience.roster)
        return knowing.bridges(themes, passages, audience.roster, words, by, self._catalog, names=names)

    def ask(self, query: Query, by: Principal) -> Routing:
        """Where a question is answered already, and whom to ask inside and outside of the asker's team."""
        from sensemake.jobs import routing

        found = self.search(query, by)
        known = self.who(replace(query, limit=max(query.limit, 30), cursor=None), by)
        asker = self._roster(by).persons.get(by.person) if by.person else None
        return routing.route(
            query.text, found=found, known=known, team=asker.team if asker else None, asker=asker.id if asker else None
        )

    def material(self, by: Principal) -> tuple[Sequence[Passage], Roster]:
        """All passages that the asker may read and who is who in them, for those who measure."""
        from sensemake.workspace import sharing

        asking.need(by, "search:read")
        asking.need(by, "experts:read")
        return sharing.passages_of(asking.readable(by, self._catalog), self._catalog), self._roster(by)

    def doctor(self, *, repair: bool = False) -> tuple[Finding, ...]:
        return examine(self._catalog, self._active_engine(), repair=repair)

    def backup(self, target: Path, by: Principal) -> None:
        """Write the whole home's truth into one file; the index is left out, it can be rebuilt."""
        asking.need(by, "admin")
        stores.backup(self._catalog, target)
        self._audit(by, "backup", target.name)

    @staticmethod
    def restore(archive: Path, settings: Settings, *, force: bool = False) -> None:
        stores.restore(archive, settings.home, force=force)

    # ── assembly ─────────────────────────────────────────────────────────────────────────────────

    def _audience(self, by: Principal, groups: Sequence[str]) -> Audience:
        from sensemake.workspace import sharing

        return sharing.audience_of(by, groups, self._catalog, self.settings.people_mode)

    def _map(self, audience: Audience) -> ThemeMap:
        from sensemake.workspace import sharing

        return sharing.build(audience, self._catalog, self._active_engine().embedder.model_id, asking.utc_now())

    def _note(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self._tally.note(signal)

    def _find(self, text: str, where: Where) -> list[search_job.Found]:
        active = self._active_engine()
        active.follow(self._catalog)
        return search_job.retrieve(
            query_syntax.parse(text).text,
            where,
            index=active.index,
            embedder=active.embedder,
            corpus=self._catalog.corpus,
            reranker=self._reranker(),
        )

    def _reranker(self) -> Reranker | None:
        """The cross-encoder of the settings, made once; it is loaded by its first question."""
        if self._cross is None and self.settings.reranker:
            self._cross = registry.reranker("cross-encoder")(self.settings.reranker)
        return self._cross

    def _nearest(self, text: str, found: Sequence[search_job.Found], by: Principal, roster: Roster) -> Nearest:
        people = [
            person.name
            for item in found[:5]
            for handle in sorted(item.passage.authors)
            if (person := roster.person(handle)) is not None and person.listed and person.active
        ]
        return Nearest(themes=self._nearest_themes(text, by), people=tuple(dict.fromkeys(people))[:3])

    def _nearest_themes(self, text: str, by: Principal) -> tuple[str, ...]:
        """The labels of the three themes nearest to a question, on the last map of exactly what the asker may read."""
        from sensemake.workspace import sharing

        themes = sharing.latest(self._audience(by, ()), self._catalog)
        if themes is None or not themes.themes or not text.strip():
            return ()
        asked = self._active_engine().embedder.query(text)
        return tuple(theme.label for theme, _ in sharing.nearest(themes, asked)[:3])

    def _own(self, person: str, by: Principal) -> PersonId:
        """The person meant, when it is the asker, or the asker may speak for others."""
        from sensemake.workspace import knowing

        person_id = knowing.meant(person, self._roster(by))
        if person_id != by.person:
            asking.need(by, "admin")
        return person_id

    def _words(self, roster: Roster) -> knowing.Words:
        """What people said of themselves, each as the person whom their handle belongs to now."""
        from sensemake.workspace import knowing

        said = (replace(wish, person=roster.now(wish.person)) for wish in self._catalog.people.wishes())
        return knowing.Words(tuple(said), self._active_engine().embedder.query)

    def _roster(self, by: Principal) -> Roster:
        return asking.roster(asking.readable(by, self._catalog), self._catalog, self.settings.people_mode)

    def _active_engine(self) -> Engine:
        """The engine that answers: that of the home, until an ingest with another model is complete."""
        return self._engine(self._catalog.sources.setting(engine.ACTIVE) or engine.spec_of(self.settings))

    def _wanted_engine(self, progress: Progress) -> Engine:
        """The engine that the settings ask for; when it is another than the home's, the home is moved to it first."""
        wanted = engine.spec_of(self.settings)
        active = self._catalog.sources.setting(engine.ACTIVE)
        new = self._engine(wanted)
        if active is None:
            self._catalog.sources.set_setting(engine.ACTIVE, wanted)
        elif active != wanted:
            self._move(self._engine(active), new, progress)
        return new

    def _move(self, old: Engine, new: Engine, progress: Progress) -> None:
        """Embed everything anew beside the old index, which answers until the new one is whole."""
        with self._catalog.locks.hold("change of model"):
            done = 0

            def told(count: int) -> None:
                nonlocal done
                done += count
                progress("embedding", done, None)

            embedding.embed_all(
                access=self._catalog.access,
                corpus=self._catalog.corpus,
                embedder=new.embedder,
                cache=self._cache(),
                embedded=told,
            )
            new.catch_up(self._catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
            self._catalog.sources.set_setting(engine.ACTIVE, new.spec)
            self._engines.pop(old.spec, None)
            engine.forget(old, self.settings, self._catalog)

    def _engine(self, spec: str) -> Engine:
        if spec not in self._engines:
            self._engines[spec] = engine.open_engine(spec, self.settings, self._catalog, self._announce)
        return self._engines[spec]

    def _limits(self) -> reading.Limits:
        return replace(
            reading.DEFAULT, seconds=float(self.settings.read_seconds), memory=self.settings.read_memory << 20
        )

    def _cache(self) -> embedding.Cache:
        return stores.VectorCache(self.settings.cache) if self.settings.cache else embedding.NoCache()

    def _set_readers(
        self, silo: str, change: Callable[[frozenset[str]], frozenset[str]], action: str, by: Principal
    ) -> None:
        asking.need(by, "admin")
        have = {known.name: known for known in self._catalog.access.silos()}.get(SiloName(silo))
        if have is None:
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        self._catalog.access.set_readers(have.name, change(have.readers))
        self._audit(by, action, have.name)
        self._active_engine().catch_up(self._catalog, durable=True)

    def _audit_experts(self, by: Principal, answer: ExpertsAnswer) -> None:
        """Who was shown to whom as somebody who knows; not about what."""
        if answer.experts:
            self._audit(by, "experts.show", " ".join(expert.person.id for expert in answer.experts))

    def _audit(self, by: Principal, action: str, about: str, detail: Mapping[str, str] | None = None) -> None:
        self._catalog.audit.record(AuditEvent(asking.utc_now(), by.user, action, about, detail or {}))
