"""What the contract suites of a catalog stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.errors import SensemakeError
from sensemake.protocols import (
    Access,
    Audit,
    Corpus,
    Decisions,
    Dismissals,
    Jobs,
    Locks,
    ManifestStore,
    People,
    Quarantine,
    Sources,
    ThemeLog,
)


class CatalogLike(Protocol):
    """The bundle that a contract looks at; a suite for one protocol needs only that part of it."""

    @property
    def corpus(self) -> Corpus: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def people(self) -> People: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def dismissals(self) -> Dismissals: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def access(self) -> Access: ...
    @property
    def themes(self) -> ThemeLog: ...
    @property
    def manifests(self) -> ManifestStore: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def locks(self) -> Locks: ...
    def close(self) -> None: ...


class CatalogContract:
    """What all suites share. Subclass one of those below under a name that starts with `Test`."""

    examples = 20
    """How many examples hypothesis tries in each property."""

    def open_catalog(self, home: Path) -> CatalogLike:
        raise NotImplementedError

    @contextmanager
    def opened(self, home: Path) -> Iterator[CatalogLike]:
        catalog = self.open_catalog(home)
        try:
            yield catalog
        finally:
            catalog.close()

    def try_all(self, check: Callable[[Any], None], examples: st.SearchStrategy[Any], *, times: int = 1) -> None:
        settings(max_examples=times * self.examples, deadline=None)(given(examples)(check))()


def refuses(kind: type[SensemakeError], call: Callable[[], object]) -> SensemakeError:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def all_at_once(calls: Sequence[Callable[[], None]]) -> None:
    failed: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  raised again below, in the test's own thread
            failed.append(error)

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
