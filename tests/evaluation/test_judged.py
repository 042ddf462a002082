"""Judged questions are read as they are published, and refused with a reason when they are not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sensemake.errors import MissingPath, UsageError
from sensemake.evaluation.judged import read_folder, read_table

CORPUS = [
    {"_id": "d1", "title": "Tides", "text": "High water.", "metadata": {"lang": "en"}},
    {"_id": "d2", "title": "", "text": "Brot backen.", "metadata": {"lang": "de"}},
]
QUERIES = [{"_id": "q1", "text": "when is high water"}, {"_id": "q2", "text": "bread"}, {"_id": "q3", "text": "boats"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)) + "\n")
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\nq2\td1\t0\nq3\td1\t0\nq9\td1\t1\n"
    )
    return tmp_path


def test_only_questions_with_an_answer_are_kept(folder: Path) -> None:
    judged, texts = read_folder(folder)
    assert judged.judgements == {"q1": {"d1": 2}, "q2": {"d2": 1, "d1": 0}}
    assert judged.questions == {"q1": "when is high water", "q2": "bread"}
    assert [(text.id, text.language) for text in texts] == [("d1", "en"), ("d2", "de")]


def test_a_packed_corpus_reads_the_same(folder: Path) -> None:
    plain = read_folder(folder)
    for name in ("corpus.jsonl", "queries.jsonl"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert read_folder(folder) == plain


def test_a_language_keeps_its_documents_and_their_questions(folder: Path) -> None:
    judged, texts = read_folder(folder, language="de")
    assert [text.id for text in texts] == ["d2"]
    assert judged.judgements == {"q2": {"d2": 1}}
    with pytest.raises(UsageError, match="no document in fr"):
        read_folder(folder, language="fr")


def test_judgements_are_those_named(folder: Path) -> None:
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq3\td1\t1\n")
    (folder / "other.txt").write_text("q2 0 d2 3\n")
    assert read_folder(folder, split="train")[0].judgements == {"q3": {"d1": 1}}
    assert read_folder(folder, qrels=folder / "other.txt")[0].judgements == {"q2": {"d2": 3}}
    assert read_folder(folder, qrels=Path("train.tsv"))[0].judgements == {"q3": {"d1": 1}}
    with pytest.raises(UsageError, match="no split 'dev'; name one of test, train"):
        read_folder(folder, split="dev")


def test_the_only_split_needs_no_name_but_one_of_several_does(folder: Path) -> None:
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    assert read_folder(folder)[0].judgements.keys() == {"q1", "q2"}
    (folder / "qrels" / "dev.tsv").touch()
    with pytest.raises(UsageError, match="several splits"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("corpus.jsonl", "{", "line 1 of .* not JSON"),
        ("corpus.jsonl", "[]", "not a JSON object"),
        ("corpus.jsonl", '{"text": "x"}', "has no '_id'"),
        ("qrels/test.tsv", "h\nq1\td1\n", "2 fields"),
        ("qrels/test.tsv", "q\td\ts\nq1\td1\tmuch\n", "no number"),
        ("qrels/test.tsv", "q\td\ts\nq1\tgone\t1\n", "no judged question"),
    ],
)
def test_what_cannot_be_understood_is_said(folder: Path, name: str, content: str, said: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(UsageError, match=said):
        read_folder(folder)


def test_what_is_not_there_is_missing(folder: Path) -> None:
    with pytest.raises(MissingPath):
        read_folder(folder, qrels=folder / "nowhere.tsv")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(MissingPath, match=r"queries\.jsonl"):
        read_folder(folder)


def test_a_table_of_own_questions(tmp_path: Path) -> None:
    file = tmp_path / "questions.csv"
    file.write_text(
        "﻿Question,Expected,grade\nwhen is tide?,Tides; handbook/a.md,2\nwhen is tide?,Boats,1\n,x,1\nno?,,1\n"
    )
    judged = read_table(file)
    assert judged.judgements == {"when is tide?": {"Tides": 2, "handbook/a.md": 2, "Boats": 1}}
    assert judged.questions == {"when is tide?": "when is tide?"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "needs a column 'question'; it has none"),
        ("question,x\na,b\n", "needs a column 'expected'; it has question, x"),
        ("question,expected\na,\n", "no question with an expected document"),
        ("question,expected,grade\na,b,good\n", "no number"),
    ],
)
def test_a_table_that_says_too_little(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "questions.csv"
    file.write_text(content)
    with pytest.raises(UsageError, match=said):
        read_table(file)
