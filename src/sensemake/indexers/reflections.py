"""Reads reflections: pages of them, and tables or JSON Lines of answers to prompts (docs/reflections.md)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath

from sensemake.indexers import _anonymous, _compose, _dates, _metadata, _records, _reflecting, _sidecar, _walk
from sensemake.indexers._archives import Refused
from sensemake.indexers._export import decoded, glimpse
from sensemake.indexers._records import Record
from sensemake.indexers.files import FilesIndexer, whole
from sensemake.indexers.formats.content import Limits
from sensemake.indexers.formats.encoding import text_of
from sensemake.model import Coverage, Document, ReadFailure, Reason, Scope, Source

_LINES = (".jsonl", ".ndjson")
_RECORDS = (".csv", ".tsv", *_LINES)
_FOR_ALL = ("template", "consent", "team", "anonymous")
Item = Document | ReadFailure | Coverage


@dataclass(frozen=True, slots=True)
class ReflectionsIndexer:
    """Every page of the folder is a reflection, and so is every record of its tables.

    `source.options` may say in which column something lies (`map.author`: `Your name`), or, after an equals sign, what
    holds for all (`map.anonymous`: `=yes`). Nobody's handle, nor a file's name, is then kept of what is anonymous.
    """

    limits: Limits = field(default_factory=Limits)
    name: str = "reflections"
    continues: bool = False

    def sniff(self, path: Path) -> int:
        """A folder that is called so or holds little else, and a file of answers to prompts."""
        seen = glimpse(path)
        records = {name for name, head in seen.heads.items() if _records.looks_so(name or path.name, decoded(head))}
        if not path.is_dir():
            return 76 if seen.is_file and records else 0
        pages = {name for name in seen.names if _reflecting.NAMES.search(PurePosixPath(name).stem)}
        called = _reflecting.NAMES.fullmatch(path.name) is not None
        return 70 if seen.names and (called or 2 * len(records | pages) > len(seen.names)) else 0

    def read(self, path: Path, source: Source) -> Iterator[Item]:
        """Pages as the files indexer reads them; then records, file by file; then what was seen."""
        held = "" if path.is_dir() else _walk.one(path).name
        coverage = Coverage(
            tuple(Scope(f"{source.name}/{below}") for below in ([held, "anonymous/"] if held else [""]))
        )
        taken: Counter[str] = Counter()
        for item in chain(self._pages(path, source), self._tables(path, source)):
            if isinstance(item, Coverage):
                continue
            if isinstance(item, Document):
                taken[item.uri] += 1
                yield item if taken[item.uri] == 1 else replace(item, uri=f"{item.uri}-{taken[item.uri]}")
            else:
                yield _unnamed(item) if _is_anonymous(source) else item
        yield coverage

    def _pages(self, path: Path, source: Source) -> Iterator[Item]:
        for item in FilesIndexer(self.limits, but=_RECORDS).read(path, source):
            if isinstance(item, Document):
                page = _reflecting.reflection(item)
                yield _anonymous.without_people(page) if _is_anonymous(source) else page
            else:
                yield item

    def _tables(self, path: Path, source: Source) -> Iterator[Item]:
        for file in _walk.walk(path) if path.is_dir() else [_walk.one(path)]:
            if file.flaw is None and file.name.lower().endswith(_RECORDS):
                yield from self._table(file, source)

    def _table(self, file: _walk.Found, source: Source) -> Iterator[Document | ReadFailure]:
        uri, shown = f"{source.name}/{file.name}", _walk.shown(file.path)
        try:
            content = text_of(whole(file.path, self.limits.file))
            found = list(_found(file.name, content, _declared(source, literal=False)))
        except (Refused, csv.Error) as error:
            reason, detail = (
                (error.reason, error.detail)
                if isinstance(error, Refused)
                else (Reason.MALFORMED, "it cannot be read as a table")
            )
            yield ReadFailure(shown, reason, detail, uri=f"{uri}/")
            return
        records = [record for record in found if isinstance(record, Record)]
        about = _about(file, _declared(source, literal=True))
        sort = _reflecting.template(about["called"], _prompts(records))
        about.setdefault("template", "survey" if sort == "open" else sort)
        month_first = _dates.reads_month_first(record.said.get("time", "") for record in records)
        silent = 0
        for record in records:
            made = _reflecting.document(record, about, source, uri=uri, path=shown, month_first=month_first)
            silent += made is None
            if made is not None:
                yield made
        yield from _left_out(shown, uri, silent, len(records), [n for n in found if isinstance(n, int)])


def _found(name: str, content: str, declared: Mapping[str, str]) -> Iterator[Record | int]:
    if name.lower().endswith(_LINES):
        return _records.of_lines(content.split("\n"), declared)
    return _records.of_table(content, declared)


def _left_out(path: str, uri: str, silent: int, all_of_them: int, bad: list[int]) -> Iterator[ReadFailure]:
    if silent:
        detail = f"{silent:,} of {all_of_them:,} records hold choices at most, and no words"
        yield ReadFailure(path, Reason.EMPTY, detail)
    for number in bad:
        yield ReadFailure(path, Reason.MALFORMED, "no record of answers", f"line={number}", f"{uri}/line={number}")


def _prompts(records: Iterable[Record]) -> Iterable[str]:
    return dict.fromkeys(prompt for record in records for prompt, _ in record.answers if prompt)


def _about(file: _walk.Found, literal: Mapping[str, str]) -> dict[str, str]:
    """What holds for all records of a file: its title and date, what its sidecar says, and what was declared."""
    beside = _metadata.read([_sidecar.read(file.sidecar)] if file.sidecar is not None else [], {})
    date = _dates.in_name(file.name) or next(iter(beside.dates), None)
    said = {key: beside.facets[key] for key in _FOR_ALL if key in beside.facets}
    known = {"called": _compose.readable(file.name), **said, **literal}
    known |= {"title": beside.title} if beside.title else {}
    return {**known, "time": date.date().isoformat()} if date is not None else known


def _declared(source: Source, *, literal: bool) -> Mapping[str, str]:
    """`map.KEY`: the columns that were declared, or the values (those after an equals sign)."""
    pairs = ((key.removeprefix("map."), value) for key, value in source.options.items() if key.startswith("map."))
    return {key: value.removeprefix("=") for key, value in pairs if value.startswith("=") is literal}


def _is_anonymous(source: Source) -> bool:
    return _anonymous.is_asked(_declared(source, literal=True).get("anonymous", ""))


def _unnamed(failure: ReadFailure) -> ReadFailure:
    """A failure that does not tell the file's name, which may be somebody's."""
    return replace(failure, path=f"a file ({PurePosixPath(failure.path).suffix or 'no ending'})", uri="")
