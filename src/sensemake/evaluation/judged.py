"""Reads judged questions: the BEIR layout with its corpus, or a table of one's own questions and expected documents."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sensemake.errors import MissingPath, UsageError

Judgements = Mapping[str, Mapping[str, int]]
"""Question → document → grade, above 0 when the document answers; what is not listed does not answer."""

QUESTION = ("question", "query", "text")
EXPECTED = ("expected", "document", "documents", "document_id", "uri", "title")
GRADE = ("grade", "score", "relevance")


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a BEIR corpus."""

    id: str
    title: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions by id, and which documents answer them; only judged questions are kept."""

    questions: Mapping[str, str]
    judgements: Judgements


def read_folder(
    folder: Path, *, qrels: Path | None = None, split: str | None = None, language: str | None = None
) -> tuple[Judged, tuple[Text, ...]]:
    """A folder in BEIR layout (corpus.jsonl or .gz, queries.jsonl or .gz, qrels/*.tsv) and its corpus.

    `language` keeps only that language's documents (`metadata.lang`), and questions that have one of them as answer.
    Raises MissingPath, or UsageError for what cannot be understood.
    """
    texts = tuple(_texts(_either(folder, "corpus.jsonl"), language))
    if not texts:
        raise UsageError(f"the corpus of {folder} holds no document" + (f" in {language}" if language else ""))
    return _judged(folder, _chosen(folder, qrels, split, language), {text.id for text in texts}), texts


def read_questions(folder: Path, *, split: str | None = None) -> Judged:
    """The questions and judgements of a folder in BEIR layout whose corpus lies elsewhere."""
    return _judged(folder, _chosen(folder, None, split, None), None)


def read_table(file: Path) -> Judged:
    """Own questions as CSV: a column `question`, a column `expected` (id, uri or title; `;` between several), and,
    if one likes, a `grade` above 0. Rows of one question are taken together."""
    judgements: dict[str, dict[str, int]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            columns = {name.strip().casefold(): name for name in table.fieldnames or () if name}
            question, expected = _column(columns, QUESTION, file), _column(columns, EXPECTED, file)
            grade = next((columns[name] for name in GRADE if name in columns), None)
            for row in table:
                for name in filter(None, map(str.strip, (row[expected] or "").split(";"))):
                    value = _grade(row[grade] or "1", file) if grade else 1
                    judgements.setdefault((row[question] or "").strip(), {})[name] = value
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV in UTF-8: {type(error).__name__}") from error
    judged = {asked: documents for asked, documents in judgements.items() if asked and any(documents.values())}
    if not judged:
        raise UsageError(f"{file} holds no question with an expected document")
    return Judged({asked: asked for asked in judged}, judged)


def _chosen(folder: Path, qrels: Path | None, split: str | None, language: str | None) -> Path:
    """The file of judgements that is meant: named, or of the split, or `test`, or the only one there is."""
    if qrels is not None:
        return next((path for path in (qrels, folder / qrels, folder / "qrels" / qrels) if path.is_file()), qrels)
    there = {path.stem: path for path in sorted((folder / "qrels").glob("*.tsv"))}
    names = (split,) if split else (f"{language}-to-{language}", "test", *(there if len(there) == 1 else ()))
    for name in names:
        if name in there:
            return there[name]
    if not there:
        raise MissingPath(f"{folder / 'qrels'} holds no .tsv file: name the judgements with --qrels FILE")
    wanted = f"no split {split!r}" if split else "several splits and no `test`"
    raise UsageError(f"{folder / 'qrels'} has {wanted}; name one of {', '.join(there)} with --split")


def _judged(folder: Path, qrels: Path, known: Collection[str] | None) -> Judged:
    graded = _graded(qrels, known)
    questions = {_field(row, "_id", "id"): str(row.get("text", "")) for row in _rows(_either(folder, "queries.jsonl"))}
    judged = {question: documents for question, documents in graded.items() if question in questions}
    if not judged:
        raise UsageError(f"no judged question of {folder} has an answer in its corpus: check --split, --qrels, --lang")
    return Judged({question: questions[question] for question in judged}, judged)


def _graded(file: Path, known: Collection[str] | None) -> dict[str, dict[str, int]]:
    """Judgements of known documents (None: of all); questions without any answer among them are left out."""
    graded: dict[str, dict[str, int]] = {}
    with _opened(file) as lines:
        for number, line in enumerate(lines):
            fields = line.rstrip("\n").split("\t") if "\t" in line else line.split()
            if not line.strip() or (number == 0 and not _is_grade(fields[-1])):
                continue
            if len(fields) == 4:  # TREC: question, iteration, document, grade
                del fields[1]
            if len(fields) != 3:
                raise UsageError(f"line {number + 1} of {file} has {len(fields)} fields: query-id, corpus-id, score")
            question, document, grade = fields
            if known is None or document in known:
                graded.setdefault(question, {})[document] = max(0, _grade(grade, file))
    return {question: documents for question, documents in graded.items() if any(documents.values())}


def _texts(file: Path, language: str | None) -> Iterator[Text]:
    for row in _rows(file):
        about = row.get("metadata")
        code = about.get("lang") if isinstance(about, dict) else None
        if language is None or code == language:
            yield Text(_field(row, "_id", "id"), str(row.get("title") or ""), str(row.get("text") or ""), code)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with _opened(file) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise UsageError(f"line {number} of {file} is not JSON") from error
                if not isinstance(row, dict):
                    raise UsageError(f"line {number} of {file} is not a JSON object")
                yield row


def _opened(file: Path) -> IO[str]:
    try:
        return gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _either(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.is_file() else folder / name


def _field(row: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if name in row:
            return str(row[name])
    raise UsageError(f"a row of the corpus or the queries has no {names[0]!r}")


def _column(columns: Mapping[str, str], wanted: tuple[str, ...], file: Path) -> str:
    for name in wanted:
        if name in columns:
            return columns[name]
    raise UsageError(f"{file} needs a column {wanted[0]!r}; it has {', '.join(columns) or 'none'}")


def _is_grade(text: str) -> bool:
    return text.strip().lstrip("-").replace(".", "", 1).isdigit()


def _grade(text: str, file: Path) -> int:
    if not _is_grade(text):
        raise UsageError(f"{file} has a grade that is no number")
    return int(float(text))
