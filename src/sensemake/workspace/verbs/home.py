"""A home, opened: what every verb stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sensemake import reading, registry, stores
from sensemake.config import Settings
from sensemake.errors import StoreError
from sensemake.jobs import embedding
from sensemake.jobs import search as search_job
from sensemake.model import (
    PersonId,
    Principal,
    ThemeMap,
    Where,
)
from sensemake.protocols import AuditEvent, Reranker, Signal
from sensemake.rules import query_syntax
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog
from sensemake.workspace import answering, asking, engine, shelf, staged
from sensemake.workspace.engine import Engine
from sensemake.workspace.taking_in import Progress

if TYPE_CHECKING:
    from sensemake.workspace import knowing
    from sensemake.workspace.sharing import Audience


Find = Callable[[str, Where], list[search_job.Found]]


class Home:
    """A home, opened. Safe to share between threads; several processes may open one home."""

    def __init__(self, settings: Settings, catalog: Catalog, announce: Callable[[str], None] | None) -> None:
        self.settings = settings
        self._catalog = catalog
        self._announce = announce
        self._tally = answering.Tally(catalog, counts=settings.insights)
        self._engines: dict[str, Engine] = {}
        self._cross: Reranker | None = None
        self._rosters = asking.Rosters(catalog, settings.people_mode)
        self.stage: staged.Stage | None = None
        """Told when a stage of finding begins and ends."""

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

    def _audience(self, by: Principal, groups: Sequence[str]) -> Audience:
        from sensemake.workspace import sharing

        k = self.settings.reflections_floor
        return sharing.audience_of(by, groups, self._catalog, self.settings.people_mode, k)

    def _map(self, audience: Audience) -> ThemeMap:
        from sensemake.workspace import sharing

        active, said = self._active_engine(), self.settings
        writer = None
        if said.label_url:
            writer = registry.writer("chat")(said.label_url, said.label_model, said.label_key)
        return sharing.build(
            audience,
            self._catalog,
            active.embedder.model_id,
            asking.utc_now(),
            spec=active.spec,
            writer=writer,
            summaries=said.label_summaries,
        )

    def _note(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self._tally.note(signal)

    def _find(self, text: str, where: Where) -> list[search_job.Found]:
        active, stage = self._active_engine(), self.stage
        with stage(staged.FOLLOW) if stage else nullcontext():
            active.follow(self._catalog)
        reranker = self._reranker()
        return search_job.retrieve(
            query_syntax.parse(text).text,
            where,
            index=staged.staged(active.index, staged.INDEX, stage),
            embedder=staged.staged(active.embedder, staged.EMBEDDER, stage),
            corpus=staged.staged(self._catalog.corpus, staged.CORPUS, stage),
            background=lambda readable: active.background(readable, self._catalog),
            reranker=reranker and staged.staged(reranker, staged.RERANKER, stage),
        )

    def _reranker(self) -> Reranker | None:
        """The cross-encoder of the settings, made once; it is loaded by its first question."""
        if self._cross is None and self.settings.reranker:
            self._cross = registry.reranker("cross-encoder")(self.settings.reranker)
        return self._cross

    def _emend_kept(self, by: Principal) -> None:
        """Take out of the kept reports what the catalog holds no more, and whoever is not to be named."""
        if not shelf.kept(self.settings.home):
            return
        from sensemake.workspace import emended

        for report, done in emended.emend(self._catalog, self.settings.people_mode):
            self._audit(by, f"report.{done}", report)

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

        wishes = self._catalog.people.wishes()
        now = roster.bearers([wish.person for wish in wishes])
        said = tuple(replace(wish, person=now[wish.person]) for wish in wishes)
        return knowing.Words(said, self._active_engine().embedder.query)

    def _roster(self, by: Principal) -> Roster:
        return self._rosters.of(asking.readable(by, self._catalog))

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

    def _audit(self, by: Principal, action: str, about: str, detail: Mapping[str, str] | None = None) -> None:
        self._catalog.audit.record(AuditEvent(asking.utc_now(), by.user, action, about, detail or {}))
