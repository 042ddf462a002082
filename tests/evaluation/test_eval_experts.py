"""Measuring who-knows as a person does: questions whose experts are known, asked of one's own home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from make import person
from sensemake.cli.edge import run
from sensemake.evaluation import experts
from sensemake.evaluation.judged import Judged
from sensemake.rules.query_syntax import Asked, parse

PAGES = {
    "tides": ("Ada Alder", "The tide table says when high water comes and when low water comes."),
    "harbour": ("Ada Alder", "At the harbour the tide table hangs beside the door, high water in red."),
    "bread": ("Bo Birch", "Knead the dough, let the dough rest and bake the bread in the morning."),
    "loaf": ("Bo Birch", "The loaf of bread is baked from dough that rested; bake it hot."),
    "boats": ("Stranger", "A boat goes out with two people, life jackets and the tide table."),
}
PEOPLE = "person_id,name,email\nada,Ada Alder,ada@example.org\nbo,Bo Birch,bo@example.org\ncy,Cy Cole,cy@example.org\n"
QUERIES = 'query_id\ttitle\tdescription\nq1\ttide table\t"high" water\nq2\tbake bread\t\nq3\tunjudged\t\n'
QRELS = "query_id\tperson_id\trelevance\nq1\tada\t2\nq2\tbo\t1\nq2\tcy\t1\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENSEMAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, (author, text) in PAGES.items():
        (pages / f"{name}.md").write_text(f"---\ntitle: {name}\nauthor: {author}\n---\n\n{text}\n")
    (pages / "people.csv").write_text(PEOPLE)
    (tmp_path / "people.csv").write_text(PEOPLE)
    known = tmp_path / "known"
    known.mkdir()
    (known / "queries.tsv").write_text(QUERIES)
    (known / "qrels.tsv").write_text(QRELS)
    assert run(["ingest", "pages", "--silo", "handbook"]) == 0
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    code = run(["eval", "experts", "known", "--people", "people.csv", "--json", *words])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)


def test_a_home_is_measured(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys)
    assert found["questions"] == 2, "a question that nobody judged is not asked"
    assert found["MRR"] == 1.0, "a stranger to people.csv is passed over"
    assert found["MAP"] == 0.75
    assert found["Recall@10"] == 0.75
    assert found["people"] == 3
    assert found["per_expert"]["Recall@10"] == pytest.approx(2 / 3, abs=1e-3)
    assert set(found["intervals"]) == {"MAP", "MRR", "nDCG@10", "P@5", "Recall@10"}
    assert run(["eval", "experts", "known", "--people", "people.csv"]) == 0
    assert capsys.readouterr().out.startswith("2 questions, 3 people")


def test_wrong_judgements_measure_low(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "known" / "qrels.tsv").write_text("query_id\tperson_id\trelevance\nq1\tcy\t1\nq2\tcy\t1\n")
    assert told(capsys)["MRR"] == 0.0


def test_every_question_is_kept(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "--titles", "--save", "run.json")
    kept = json.loads((place / "run.json").read_text())
    assert kept["questions"] == ["q1", "q2"]
    assert len(kept["values"]["MAP"]) == 2


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("known/queries.tsv", "id\ttitle\n", "has no column query_id"),
        ("known/qrels.tsv", "query_id\tperson_id\trelevance\nq1\tada\thigh\n", "no number"),
        ("known/qrels.tsv", "query_id\tperson_id\trelevance\nq9\tada\t1\n", "no question of"),
        ("known/qrels.tsv", "query_id\tperson_id\trelevance\nq1\tzoe\t1\n", "none of the judged people"),
        ("people.csv", "name\nada\n", "no column 'person_id'"),
    ],
)
def test_a_wrong_table_says_so(
    place: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, said: str
) -> None:
    (place / file).write_text(text)
    assert run(["eval", "experts", "known", "--people", "people.csv"]) == 2
    assert said in capsys.readouterr().err


def test_missing_files_say_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "experts", "nowhere", "--people", "people.csv"]) == 2
    assert run(["eval", "experts", "known", "--people", "nowhere.csv"]) == 2
    (place / "known" / "qrels.tsv").unlink()
    assert run(["eval", "experts", "known", "--people", "people.csv"]) == 2


def test_somebody_of_another_directory_is_known_by_a_handle_or_a_name() -> None:
    listed = experts.Listed([person("k1", "github:Ada", name="Ada"), person("k2", name="Bo"), person("k3", name="Bo")])
    assert listed.id_of(person("k1", name="Whoever")) == "k1"
    assert listed.id_of(person("h-7", "github:ada", name="A.")) == "k1"
    assert listed.id_of(person("h-8", name="ada")) == "k1"
    assert listed.id_of(person("h-9", name="Bo")) is None, "two people bear that name"


def test_a_question_is_prose_whatever_marks_it_holds(tmp_path: Path) -> None:
    asked = 'Say "exactly this" -now kind:page: see in:handbook'
    (tmp_path / "queries.tsv").write_text(f"query_id\ttitle\nq1\t{asked}\n")
    (tmp_path / "qrels.tsv").write_text("query_id\tperson_id\trelevance\nq1\tada\t1\n")
    (text,) = experts.read_folder(tmp_path).questions.values()
    assert parse(text) == Asked(text)
    assert "exactly this" in text


def test_each_expert_counts_once() -> None:
    judged = Judged({"q1": "", "q2": "", "q3": ""}, {"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"b": 1}})
    found = experts.summary(experts.measured(judged, {"q1": ["a"], "q2": ["x", "a"], "q3": ["x"]}))
    assert found["MRR"] == 0.5
    assert found["per_expert"]["MRR"] == pytest.approx((0.75 + 0) / 2)
