"""Measuring themes by texts whose groups are known: every form of table, and figures that tell right from wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sensemake.cli.edge import run
from sensemake.errors import MissingPath, UsageError
from sensemake.evaluation.labelled import Labelled, read
from sensemake.evaluation.themes import Agreement

PLACES = ("north", "south", "east", "west", "harbour", "lake", "river", "hill", "mill", "quay")
SAYS = {
    "tide": "tide gauge zero read the tide table note high tide low tide {0}",
    "bread": "knead the dough rest the dough bake the bread share the loaf {0}",
    "choir": "choir practice sopranos altos basses hymn singing rehearsal {0}",
}
ROWS = [(f"{kind}-{place}", kind, text.format(place)) for kind, text in SAYS.items() for place in PLACES]
PLAIN = (Labelled("a", "x", 'one "two"'), Labelled("b", "y", "three"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENSEMAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], file: str) -> Any:
    capsys.readouterr()
    assert run(["eval", "themes", file, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def write(file: Path, rows: list[tuple[str, str, str]]) -> None:
    file.write_text("\n".join("\t".join(row) for row in [("id", "label", "text"), *rows]) + "\n")


def test_known_groups_are_measured_apart_from_ones_own_home(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(place / "known.tsv", ROWS)
    found = told(capsys, "known.tsv")
    assert (found["items"], found["groups"], found["themes"]) == (30, 3, 3)
    assert found["ami"] > 0.9
    assert found["ari_without_outliers"] == 1.0
    assert found["outlier_ratio"] <= 0.1
    assert found["diversity"] > 0.5
    assert found["seconds"] >= 0.0
    assert found["peak_memory_mb"] > 20
    assert not (place / "home").exists()


def test_wrong_labels_agree_no_more_than_by_chance(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(place / "wrong.tsv", [(name, str(number % 3), text) for number, (name, _, text) in enumerate(ROWS)])
    found = told(capsys, "wrong.tsv")
    assert abs(found["ami"]) < 0.1


def test_a_person_reads_it_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(place / "known.tsv", ROWS)
    assert run(["eval", "themes", "known.tsv"]) == 0
    assert "30 texts in 3 groups: 3 themes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tabs.tsv", 'id\tlabel\ttext\na\tx\tone "two"\nb\ty\tthree\n'),
        ("commas.csv", 'text,category,id\n"one ""two""",x,a\nthree,y,b\n'),
        ("bare.tsv", 'a\tx\tone "two"\nb\ty\tthree\n'),
        (
            "lines.jsonl",
            '{"id": "a", "label": "x", "text": "one \\"two\\""}\n\n{"id":"b","label":"y","text":"three"}\n',
        ),
        ("marked.csv", '\ufeffid,label,text\r\na,x,"one ""two"""\r\nb,y,three\r\nc,z,  \r\n'),
    ],
)
def test_every_form_of_table_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    assert read(tmp_path / name) == PLAIN
    (tmp_path / "packed").write_bytes(gzip.compress(content.encode()))
    assert read(tmp_path / "packed") == PLAIN


def test_rows_without_an_id_or_with_one_that_was_there_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\none,x\ntwo,x\n")
    assert len({row.id for row in read(tmp_path / "t.csv")}) == 2
    (tmp_path / "t.csv").write_text("id,text,label\na,one,x\na,two,x\n")
    assert len({row.id for row in read(tmp_path / "t.csv")}) == 2


@pytest.mark.parametrize(
    "content", ["", "id,label,text\n", "a,b\n1,2\n", '{"id": 1}\n', "{nonsense\n", '{"text": "a"}\n[1]\n', "x\0y"]
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "t").write_text(content)
    with pytest.raises(UsageError):
        read(tmp_path / "t")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingPath):
        read(tmp_path / "nowhere")
    (tmp_path / "t").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(UsageError):
        read(tmp_path / "t")


def test_the_loose_are_one_group_or_left_out() -> None:
    truth = ["x"] * 4 + ["y"] * 4
    found = Agreement.of(truth, [0, 0, 0, -1, 1, 1, 1, -1])
    assert found.ami_without == pytest.approx(1.0)
    assert found.ami < 1.0
    assert (found.groups, found.outlier_ratio) == (2, 0.25)
    assert Agreement.of(truth, [-1] * 8).groups == 0
