"""Reads texts whose groups are known: a table (TSV or CSV) or JSON Lines of id, label and text."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sensemake.errors import MissingPath, UsageError

ID = ("id", "_id", "key", "doc_id")
LABEL = ("label", "category", "labels", "class", "topic", "intent", "group", "theme")
TEXT = ("text", "sentence", "body", "content", "sentences")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the name of its true group."""

    id: str
    label: str
    text: str


def read(file: Path) -> tuple[Labelled, ...]:
    """The rows of a file, packed with gzip or not. Rows without a text are left out; without an `id` column rows are
    numbered, and an id that came before is told apart by its row.

    Columns go by their names (`id`, `label` or `category`, `text`, and a few others); a table of three columns without
    such a heading holds id, label and text in this order. Raises MissingPath, or UsageError for what cannot be read.
    """
    rows = list(_rows(file, _content(file)))
    if not rows:
        raise UsageError(f"{file} holds no row with a text")
    seen: set[str] = set()
    told_apart = []
    for number, row in enumerate(rows, 1):
        own = row.id if row.id and row.id not in seen else f"{row.id or 'row'}#{number}"
        seen.add(own)
        told_apart.append(Labelled(own, row.label, row.text))
    return tuple(told_apart)


def _content(file: Path) -> str:
    try:
        packed = file.read_bytes()
        content = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
        return content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as text in UTF-8: {type(error).__name__}") from error


def _rows(file: Path, content: str) -> Iterator[Labelled]:
    first = content.lstrip()[:1]
    for row in _objects(file, content) if first == "{" else _table(file, content):
        if row.text.strip():
            yield row


def _objects(file: Path, content: str) -> Iterator[Labelled]:
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UsageError(f"line {number} of {file} is not JSON") from error
            if not isinstance(row, dict):
                raise UsageError(f"line {number} of {file} is not a JSON object")
            fields = {str(name).casefold(): "" if value is None else str(value) for name, value in row.items()}
            yield _row(file, fields)


def _table(file: Path, content: str) -> Iterator[Labelled]:
    heading = content.partition("\n")[0]
    # In a table by tabs a quotation mark is one; in CSV it holds a field together.
    form = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if "\t" in heading else {"delimiter": ","}
    csv.field_size_limit(2**31 - 1)
    try:
        lines = csv.reader(io.StringIO(content, newline=""), strict=False, **form)
        names = [name.strip().casefold() for name in next(lines, [])]
        if not set(names).intersection(TEXT):
            if len(names) != 3:
                raise UsageError(f"{file} needs columns id, label and text; it has {', '.join(names) or 'none'}")
            names, lines = ["id", "label", "text"], csv.reader(io.StringIO(content, newline=""), **form)
        for fields in lines:
            if fields:
                yield _row(file, dict(zip(names, fields, strict=False)))
    except csv.Error as error:
        raise UsageError(f"{file} cannot be read as a table: {error}") from error


def _row(file: Path, fields: Mapping[str, str]) -> Labelled:
    found = [next((fields[name] for name in names if name in fields), None) for names in (ID, LABEL, TEXT)]
    name, label, text = found
    if label is None or text is None:
        raise UsageError(f"a row of {file} has no label or no text; it has {', '.join(fields) or 'nothing'}")
    return Labelled(name or "", label.strip(), text)
