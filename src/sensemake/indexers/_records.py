"""Reads records of answers to prompts from tables and JSON Lines: surveys, reviews, journals (docs/reflections.md)."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from sensemake.indexers._anonymous import is_personal
from sensemake.indexers._fields import Json, identity, mapping, objects, text
from sensemake.indexers.formats.tables import delimiter

_USUAL = {
    "author": "author,name,your name,full name,respondent,written by,submitted by,participant",
    "email": "email,e-mail,email address,e-mail address,your email,mail",
    "time": "time,timestamp,date,created,created at,submitted,submitted at,submit date,end date,completion time",
    "id": "id,response id,record id,submission id,#",
    "title": "title,subject,headline",
    "template": "template,kind,type",
    "anonymous": "anonymous,anonymously",
    "consent": "consent,may be quoted,quote",
    "team": "team,department,unit,group",
    "prompt": "prompt,question",
    "answer": "answer,response,reply",
    "text": "text,body,reflection",
}
USUAL = {key: tuple(names.split(",")) for key, names in _USUAL.items()}
"""What a record may say beside its answers, and the columns in which it is looked for when nothing is declared."""
_CHOICES = 30
_SAME = 0.8
"""The share of a column's cells, made of values that recur, from which on it is a scale or a choice."""
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?%?")


@dataclass(frozen=True, slots=True)
class Record:
    """One person's answers. `said` holds what `USUAL` names; `signifiers` are places on scales and choices."""

    place: str
    said: Mapping[str, str]
    answers: tuple[tuple[str, str], ...]
    signifiers: Mapping[str, str] = field(default_factory=dict)


def looks_so(name: str, head: str) -> bool:
    """Whether a file that begins so holds records of answers."""
    if name.lower().endswith((".jsonl", ".ndjson")):
        first = _object(head.split("\n", 1)[0]) or {}
        return bool(_answers(first.get("answers"))) or {"prompt", "answer"} <= first.keys()
    if not name.lower().endswith((".csv", ".tsv")):
        return False
    header = [_normal(cell) for cell in next(iter(_rows(head)), [])]
    is_long = any(n in header for n in USUAL["prompt"]) and any(n in header for n in USUAL["answer"])
    return is_long or sum(cell.endswith("?") for cell in header) >= 2


def of_table(content: str, declared: Mapping[str, str]) -> Iterator[Record]:
    """The records of a table: a row each, or the rows of one respondent where each row is one answer.

    Raises csv.Error when it is no table.
    """
    rows = _rows(content)
    header = [" ".join(cell.split()) for cell in next(rows, [])]
    body = [(number, row) for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    columns = _columns(header, declared)
    if "prompt" in columns and "answer" in columns:
        yield from _gathered(body, columns)
        return
    choices = {n: _recurring(_cells(body, n)) for n in range(len(header)) if n not in columns.values()}
    prompts = [n for n in choices if header[n] and not is_personal_column(header[n])]
    for number, row in body:
        cells = {n: row[n].strip() for n in range(min(len(row), len(header))) if row[n].strip()}
        signs = {header[n]: cells[n] for n in prompts if n in cells and choices[n] is not None}
        own = [(header[n], cells[n]) for n in prompts if n in cells and _is_own(cells[n], choices[n])]
        own += [("", cells[columns["text"]])] if columns.get("text") in cells else []
        said = {key: cells[n] for key, n in columns.items() if n in cells and key != "text"}
        yield Record(f"row={number}", said, tuple(own), signs)


def of_lines(lines: Iterable[str], declared: Mapping[str, str]) -> Iterator[Record | int]:
    """The record of each line, or the number of a line that is none; lines of one answer each are put together."""
    single: list[tuple[int, Json]] = []
    for number, line in enumerate(lines, 1):
        entry = _object(line) if line.strip() else {}
        if entry is None:
            yield number
        elif {"prompt", "answer"} <= entry.keys():
            single.append((number, entry))
        elif entry:
            found = _record(number, entry, declared)
            yield found if found.answers else number
    groups: dict[str, list[tuple[int, Json]]] = {}
    for number, entry in single:
        groups.setdefault(identity(entry.get("id")) or f"line {number}", []).append((number, entry))
    for group in groups.values():
        first = _record(*group[0], declared)
        answers = tuple(
            (text(e.get("prompt")), text(e.get("answer"))) for _, e in group if text(e.get("answer")).strip()
        )
        yield Record(first.place, first.said, answers, first.signifiers)


def is_personal_column(name: str) -> bool:
    """A short name of a column that tells who somebody is; a question may speak of names."""
    return len(name.split()) <= 3 and not name.endswith("?") and is_personal(name)


def _record(number: int, entry: Json, declared: Mapping[str, str]) -> Record:
    low = {_normal(key): value for key, value in entry.items()}
    said: dict[str, str] = {}
    for key, names in USUAL.items():
        wanted = (_normal(declared[key]),) if key in declared else names
        value = next((found for name in wanted if _is_plain(found := low.get(name))), None)
        if value is not None and key not in {"prompt", "answer"}:
            said[key] = str(value).lower() if isinstance(value, bool) else str(value)
    author = low.get("author")
    if isinstance(author, Mapping):
        said |= {
            key: found for key, name in (("author", "name"), ("email", "email")) if (found := text(author.get(name)))
        }
    body = said.pop("text", "")
    answers = [*([("", body)] if body.strip() else []), *_answers(entry.get("answers"))]
    signs = {str(k): str(v) for k, v in mapping(entry.get("signifiers")).items() if isinstance(v, str | int | float)}
    return Record(f"line={number}", said, tuple(answers), signs)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _answers(found: object) -> list[tuple[str, str]]:
    """`{"prompt": "answer"}` or `[{"prompt": …, "answer": …}]`."""
    pairs = (
        [(str(key), value) for key, value in found.items()]
        if isinstance(found, Mapping)
        else [(text(entry.get("prompt")), entry.get("answer")) for entry in objects(found)]
    )
    return [(" ".join(prompt.split()), value) for prompt, value in pairs if isinstance(value, str) and value.strip()]


def _gathered(body: Sequence[tuple[int, list[str]]], columns: Mapping[str, int]) -> Iterator[Record]:
    """Rows of one answer each: those of the same id are one record; without an id each stands for itself."""
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in body:
        said = {key: row[n].strip() for key, n in columns.items() if n < len(row) and row[n].strip()}
        groups.setdefault(said.get("id") or f"row {number}", []).append((number, said))
    for rows in groups.values():
        answers = tuple((said.get("prompt", ""), said["answer"]) for _, said in rows if "answer" in said)
        said = {
            key: value for _, row in reversed(rows) for key, value in row.items() if key not in {"prompt", "answer"}
        }
        yield Record(f"row={rows[0][0]}", said, answers)


def _columns(header: Sequence[str], declared: Mapping[str, str]) -> dict[str, int]:
    """Which column says what. A declared name that is not there names nothing."""
    low = [_normal(name) for name in header]
    found: dict[str, int] = {}
    for key, names in USUAL.items():
        wanted = (_normal(declared[key]),) if key in declared else names
        place = next((low.index(name) for name in wanted if name in low), None)
        if place is not None and place not in found.values():
            found[key] = place
    return found


def _cells(body: Iterable[tuple[int, list[str]]], column: int) -> list[str]:
    return [cell for _, row in body if column < len(row) and (cell := row[column].strip())]


def _recurring(cells: Sequence[str]) -> frozenset[str] | None:
    """The values of a scale or a choice (`a;b` chooses two); None for answers in people's own words."""
    if cells and all(_NUMBER.fullmatch(cell) for cell in cells):
        return frozenset(cells)
    counts = Counter(atom for cell in cells for atom in set(_atoms(cell)))
    few = frozenset(atom for atom, count in counts.most_common(_CHOICES) if count >= max(2, len(cells) // 100))
    made = sum(all(atom in few for atom in _atoms(cell)) for cell in cells)
    return few if cells and made >= _SAME * len(cells) else None


def _is_own(cell: str, choices: frozenset[str] | None) -> bool:
    """Words of one's own: in an open column, or beside the choices ("other: …")."""
    if choices is None:
        return True
    return any(atom not in choices and " " in atom for atom in _atoms(cell))


def _atoms(cell: str) -> list[str]:
    return [atom for part in cell.split(";") if (atom := " ".join(part.split()))]


def _rows(content: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(content, newline=""), delimiter=delimiter(content))


def _object(line: str) -> Json | None:
    try:
        return mapping(json.loads(line.lstrip("\ufeff"))) or None
    except (ValueError, RecursionError):
        return None


def _normal(name: str) -> str:
    return " ".join(str(name).replace("_", " ").lower().split()).strip(" :*")
