"""What the readers of wiki exports share: from the pages that a format finds to documents, failures and coverage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from sensemake.indexers import _compose
from sensemake.indexers._archives import Refused
from sensemake.indexers._export import DEFAULT, Export, Glimpse, Limits, glimpse, open_export, shown
from sensemake.indexers.formats import content as formats
from sensemake.indexers.formats import registry
from sensemake.indexers.formats.content import Content, Fields
from sensemake.model import Coverage, Document, ReadFailure, Reason, Scope, Source

Item = Document | ReadFailure | Coverage
PARSING = formats.Limits()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a wiki: `key` names it for good below its source, `member` is where it lies in the export."""

    key: str
    member: str
    content: Content
    described: Fields = field(default_factory=dict)
    url: str | None = None


class WikiIndexer(ABC):
    """An Indexer of wiki exports; a format fills in what is its own."""

    name: str
    continues: bool = False
    bid: int
    limits: Limits = DEFAULT
    wanted: str
    """What was looked for, to be told when it is not there."""

    @abstractmethod
    def recognises(self, seen: Glimpse) -> bool:
        """Whether this is an export of this format, by its names and how its files begin."""

    @abstractmethod
    def pages(self, export: Export) -> Iterator[Page | ReadFailure]:
        """Every page, and what could not be read; the `uri` of a failure is its page's key."""

    def sniff(self, path: Path) -> int:
        return self.bid if self.recognises(glimpse(path)) else 0

    def read(self, path: Path, source: Source) -> Iterator[Item]:
        export = open_export(path, self.limits, or_file=True)
        if isinstance(export, ReadFailure):
            yield export
            return
        with export:
            yield from export.failures
            found = 0
            for item in _each(self.pages(export), path):
                found += 1
                yield _document(item, path, source) if isinstance(item, Page) else _placed(item, path, source)
        if not found:
            yield ReadFailure(shown(path.name), Reason.MALFORMED, f"{self.wanted} was not found in it")
        yield Coverage((Scope(f"{source.name}/"),))


def read_member(export: Export, name: str) -> Content | ReadFailure:
    """A member as the reader of its ending has it. Its failures are those of a file."""
    try:
        registry.refuse_by_name(name)
        data = export.read(name)
        if isinstance(data, ReadFailure):
            return data
        if not data.strip():
            return ReadFailure(shown(name), Reason.EMPTY, "nothing but white space")
        return registry.read(name, data, PARSING)
    except Refused as refused:
        return ReadFailure(shown(name), refused.reason, refused.detail)
    except (MemoryError, RecursionError):
        return ReadFailure(shown(name), Reason.MEMORY, "reading it took too much memory")
    except Exception as error:  # noqa: BLE001 - parsers raise anything; their words may hold the text
        return ReadFailure(shown(name), Reason.MALFORMED, f"its reader gave up: {type(error).__name__}")


class LeftOut:
    """Counts what is not read on purpose, to tell of it once."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        self._counts[what] += 1

    def unless_attached(self, failure: ReadFailure, name: str, uri: str) -> Iterator[ReadFailure]:
        """What could not be read of a member; pictures and the like are counted instead."""
        if failure.reason is Reason.UNSUPPORTED:
            self.add(f"attachments ({PurePosixPath(name).suffix.lower() or 'no ending'})")
        else:
            yield replace(failure, uri=uri)

    def failures(self, member: str) -> Iterator[ReadFailure]:
        for what, count in sorted(self._counts.items()):
            yield ReadFailure(shown(member), Reason.UNSUPPORTED, f"left out on purpose: {what} ({count:,})")


def _each(pages: Iterator[Page | ReadFailure], path: Path) -> Iterator[Page | ReadFailure]:
    """The edge: what a parser raises ends this export, and only its kind is told; nothing is then taken for gone."""
    try:
        yield from pages
    except Refused as refused:
        yield ReadFailure(shown(path.name), refused.reason, refused.detail, uri="/")
    except Exception as error:  # noqa: BLE001 - parsers raise anything; their words may hold the text
        yield ReadFailure(shown(path.name), Reason.MALFORMED, f"its reader gave up: {type(error).__name__}", uri="/")


def _document(page: Page, path: Path, source: Source) -> Document | ReadFailure:
    uri = f"{source.name}/{page.key}"
    place = path.name if page.member == path.name else f"{path.name}/{page.member}"
    try:
        made = _compose.document(
            page.content, page.described, name=page.member or page.key, path=shown(place), source=source, uri=uri
        )
    except Refused as refused:
        return ReadFailure(shown(place), refused.reason, refused.detail, uri=uri)
    return replace(made, url=page.url) if made.path else made


def _placed(failure: ReadFailure, path: Path, source: Source) -> ReadFailure:
    place = failure.path if failure.path == path.name else f"{path.name}/{failure.path}"
    return replace(failure, path=shown(place), uri=f"{source.name}/{failure.uri.lstrip('/')}" if failure.uri else "")
