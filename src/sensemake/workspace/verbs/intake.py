"""Taking in: ingest, sync, reflections, sources, quarantine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sensemake.errors import NotFound
from sensemake.model import (
    NOTHING,
    Document,
    DocumentId,
    IngestReport,
    Principal,
    SiloName,
    Source,
)
from sensemake.protocols import Quarantined
from sensemake.rules import visibility
from sensemake.workspace import asking, quarantine, sources, taking_in, watching
from sensemake.workspace.quarantine import Retried
from sensemake.workspace.reflecting import Draft, document_of
from sensemake.workspace.sources import SourceStatus, Synced
from sensemake.workspace.taking_in import Progress, Request, Taking, silent
from sensemake.workspace.verbs.home import Home


class Intake(Home):
    """Brings documents into a home, and says what became of them."""

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
        progress: Progress = silent,
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
        report = taking_in.take_in(
            request,
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
            limits=self._limits(),
        )
        self._emend_kept(by)
        return report

    def sync(
        self, source: str | None, by: Principal, *, allow_removals: bool = False, progress: Progress = silent
    ) -> tuple[Synced, ...]:
        """Read a source again, or all (None), as they were read last: same path, indexer and options, same silo.

        Without a name, what was written here (reflections) or sent here is passed over: it comes from nowhere else.
        """
        asking.need(by, "admin")
        known = self.sources(by)
        elsewhere = [each.source for each in known if sources.elsewhere(each.source, self.settings.home)]
        done = sources.sync(
            elsewhere if source is None else [sources.meant(source, known).source],
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
            limits=self._limits(),
            allow_removals=allow_removals,
        )
        self._emend_kept(by)
        return done

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
        self, documents: Iterable[Document], source: Source, by: Principal, *, progress: Progress = silent
    ) -> IngestReport:
        """Take in documents that were read already, all of one source, and make them findable."""
        asking.need(by, "admin")
        report = taking_in.take_in_documents(
            documents,
            source,
            catalog=self._catalog,
            engine=self._wanted_engine(progress),
            cache=self._cache(),
            progress=progress,
        )
        self._emend_kept(by)
        return report

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
        taking_in.keep(document, catalog=self._catalog, engine=self._wanted_engine(silent), cache=self._cache(), at=now)
        return document.id

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
        self._emend_kept(by)
        self._audit(by, "source.remove", source.id, {"documents": str(removed)})
        return removed

    def quarantine(self, by: Principal, *, source: str | None = None) -> tuple[Quarantined, ...]:
        """What could not be read, of all sources or of one. File names tell much: for administrators only."""
        return self._as_sent(self._chosen(None, source, by))

    def retry_quarantine(
        self,
        by: Principal,
        *,
        ids: Collection[str] | None = None,
        source: str | None = None,
        progress: Progress = silent,
    ) -> Retried:
        """Read these entries again, or all (None); what reads well leaves quarantine."""
        entries = self._chosen(ids, source, by)
        active = self._wanted_engine(progress)
        with Taking(self._catalog, active, self._cache(), progress, self._limits()) as taking:
            done = quarantine.retry(entries, taking, self._catalog)
        active.catch_up(self._catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
        self._emend_kept(by)
        return replace(done, remaining=self._as_sent(done.remaining))

    def drop_quarantine(self, by: Principal, *, ids: Collection[str] | None = None, source: str | None = None) -> int:
        """Forget these entries, or all (None); how many that were. Nothing else is touched."""
        entries = self._chosen(ids, source, by)
        dropped = self._catalog.quarantine.drop({entry.id for entry in entries})
        self._audit(by, "quarantine.drop", source or "all", {"entries": str(dropped)})
        return dropped

    def _as_sent(self, entries: Iterable[Quarantined]) -> tuple[Quarantined, ...]:
        return tuple(replace(e, failure=sources.as_sent(e.failure, self._catalog.home)) for e in entries)

    def _chosen(self, ids: Collection[str] | None, source: str | None, by: Principal) -> tuple[Quarantined, ...]:
        """Entries of the silos that the asker's token is for."""
        asking.need(by, "admin")
        among = [e for e in self._catalog.quarantine.all() if asking.within(by, e.source.partition("/")[0])]
        return quarantine.chosen(ids, source, among)
