"""Measuring retrieval as a person does: a judged folder in a home that is thrown away, own questions in one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sensemake.cli.edge import run

TEXTS = {
    "tides": ("Tides", "The tide table says when high water comes."),
    "bread": ("Bread", "Knead the dough and bake the bread in the morning."),
    "boats": ("Boats", "A boat goes out with two people and life jackets."),
    "named": ("Nothing but a title about wipers", ""),
}
QUESTIONS = {"q1": "when is high water", "q2": "how to bake bread", "q3": "wipers"}
JUDGED = [("q1", "tides"), ("q2", "bread"), ("q3", "named")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENSEMAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "judged"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": name, "title": title, "text": text} for name, (title, text) in TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = [{"_id": name, "text": text} for name, text in QUESTIONS.items()]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    lines = [f"{question}\t{document}\t1" for question, document in JUDGED]
    (folder / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]) + "\n")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run(["eval", "retrieval", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_folder_is_measured_by_leg(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "judged")
    assert set(found["lexical"]) == {"nDCG@10", "Recall@100", "MRR@10", "MAP"}
    assert [found[leg]["MRR@10"] for leg in ("lexical", "dense", "hybrid")] == [1.0, 1.0, 1.0]
    assert found["questions"] == 3
    assert found["gain"]["interval"] == [0.0, 0.0]
    assert not (place / "home").exists(), "a folder is measured apart from one's own home"


def test_the_questions_of_a_folder_are_sentences(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"q1": 'is there "no such phrase" of high water', "q2": "how to -bake bread", "q3": "kind:mail of wipers"}
    rows = [{"_id": name, "text": text} for name, text in asked.items()]
    (place / "judged" / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = told(capsys, "judged")
    assert [found[leg]["MRR@10"] for leg in ("lexical", "dense", "hybrid")] == [1.0, 1.0, 1.0]


def test_wrong_judgements_measure_low(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "wrong.tsv").write_text("q1\tboats\t1\nq2\ttides\t1\nq3\tbread\t1\n")
    found = told(capsys, "judged", "--qrels", "wrong.tsv")
    assert found["lexical"]["nDCG@10"] == 0.0
    assert found["hybrid"]["nDCG@10"] < 0.7


def test_two_runs_are_compared_by_question(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "judged", "--save", "run.json")
    (place / "judged" / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": name, "text": "life jackets"}) for name in ("q1", "q2"))
    )
    against = told(capsys, "judged", "--against", "run.json")["against"]
    assert against["questions"] == 2
    assert against["lexical"]["gain"] == -1.0
    (place / "run.json").write_text("{}")
    assert run(["eval", "retrieval", "judged", "--against", "run.json"]) == 2
    assert run(["eval", "retrieval", "judged", "--against", "nowhere.json"]) == 2


def test_questions_of_one_language_are_asked_of_texts_in_another(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place / "judged"
    texts = [
        ("de1", "de", "Die Router werden im Winter von Linus gewartet."),
        ("de2", "de", "Das Brot wird am Morgen gebacken."),
        ("en1", "en", "Linus maintains the routers in winter."),
    ]
    rows = [{"_id": name, "title": "", "text": text, "metadata": {"lang": code}} for name, code, text in texts]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = [{"_id": "q1", "text": "Linus and the Router"}, {"_id": "q2", "text": "Linus"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    head = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "en-to-de.tsv").write_text(f"{head}q1\tde1\t1\nq2\tde1\t1\n")
    (folder / "qrels" / "en-to-en.tsv").write_text(f"{head}q1\ten1\t1\nq2\ten1\t1\n")
    found = told(capsys, "judged", "--split", "en-to-de", "--lang", "de")
    assert found["questions"] == 2
    assert found["hybrid"]["Recall@100"] == 1.0, "the English page, which would come first, is not among the texts"
    assert found["hybrid"]["MRR@10"] == 1.0


def test_own_questions_are_asked_of_the_home(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = place / "pages"
    pages.mkdir()
    for name, (title, text) in TEXTS.items():
        (pages / f"{name}.md").write_text(f"---\ntitle: {title}\n---\n\n{text or title}\n")
    assert run(["ingest", "pages", "--silo", "handbook"]) == 0
    (place / "mine.csv").write_text("question,expected\nwhen is high water,Tides\nbake bread,pages/bread.md\n")
    assert told(capsys, "mine.csv")["hybrid"]["MRR@10"] == 1.0
    assert run(["eval", "retrieval", "mine.csv"]) == 0
    assert capsys.readouterr().out.startswith("2 questions")
    (place / "mine.csv").write_text("question,expected\nwhen is high water,No such page\n")
    assert run(["eval", "retrieval", "mine.csv"]) == 2
    assert "1 of the 1 expected documents are not in this home: No such page" in capsys.readouterr().err


def test_a_wrong_call_says_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "mine.csv").write_text("question,expected\na,b\n")
    assert run(["eval", "retrieval", "nowhere"]) == 2
    assert run(["eval", "retrieval", "mine.csv", "--split", "test"]) == 2
    assert "go with a folder" in capsys.readouterr().err
