"""People and dates as they are written in front matter come out as handles and times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensemake.indexers._compose import document, readable
from sensemake.indexers.files import FilesIndexer
from sensemake.indexers.formats.content import Content, Section
from sensemake.model import Document, SiloName, Source

SOURCE = Source(SiloName("garden"), "notes", "files", "notes")


def told(**fields: object) -> Document:
    content = Content((Section("Words."),), told=fields)
    return document(content, {}, name="x.md", path="x.md", source=SOURCE, uri="notes/x.md")


@pytest.mark.parametrize(
    ("value", "handles"),
    [
        ("Anouk Visser", ["name:Anouk Visser"]),
        ("  Anouk   Visser ", ["name:Anouk Visser"]),
        ("Anouk", ["name:Anouk"]),
        ("anouk", ["user:anouk"]),
        ("@Anouk-V", ["user:anouk-v"]),
        ("k82cn", ["user:k82cn"]),
        ("Anouk@Garden.Example", ["email:anouk@garden.example"]),
        ("Anouk Visser <anouk@garden.example>", ["email:anouk@garden.example"]),
        ("anouk@garden.example (Anouk Visser)", ["email:anouk@garden.example"]),
        ("Anouk Visser (@anouk)", ["user:anouk"]),
        ("A. Visser, B. Marton and C. Eze", ["name:A. Visser", "name:B. Marton", "name:C. Eze"]),
        ("Anouk Visser & Bela Marton", ["name:Anouk Visser", "name:Bela Marton"]),
        ("Anouk Visser; Bela Marton", ["name:Anouk Visser", "name:Bela Marton"]),
        ("Anouk Visser, PhD", ["name:Anouk Visser"]),
        ("Anouk Visser (Garden, Ltd), Bela Marton", ["name:Anouk Visser", "name:Bela Marton"]),
        ("[Anouk Visser](https://x.example/a)", ["name:Anouk Visser"]),
        ("**Anouk Visser**", ["name:Anouk Visser"]),
        ("李雷", ["name:李雷"]),
        ("@anouk @bela", ["user:anouk", "user:bela"]),
        ("anouk@, bela@", ["user:anouk", "user:bela"]),
        ("@garden/beds", []),
        ("garden-beds", ["user:garden-beds"]),
        (["@anouk", "TBD", "@anouk"], ["user:anouk"]),
        ([{"name": "Anouk Visser", "email": "a@garden.example"}, "@bela"], ["email:a@garden.example", "user:bela"]),
        ({"github": "Anouk", "name": "Anouk Visser"}, ["github:anouk"]),
        ({"name": "Anouk Visser"}, ["name:Anouk Visser"]),
        ([["nested"], 3, None], []),
    ],
)
def test_who_is_named(value: object, handles: list[str]) -> None:
    assert [str(c.handle) for c in told(authors=value).contributions] == handles


@pytest.mark.parametrize(
    "value",
    ["TBD", "tba", "N/A", "none", "unknown", "Your Name", "@handle", "@your-handle", "???", "-", "TBD (soon)", ""],
)
def test_placeholders_name_nobody(value: str) -> None:
    assert told(author=value).contributions == ()


def test_a_name_beside_a_handle_is_kept() -> None:
    (profile,) = told(author="Anouk Visser <a@garden.example>").profiles
    assert (str(profile.handle), profile.name, profile.email) == (
        "email:a@garden.example",
        "Anouk Visser",
        "a@garden.example",
    )


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2026-05-14", "2026-05-14T00:00:00+00:00"),
        ("2026-05-14T10:00:00+02:00", "2026-05-14T08:00:00+00:00"),
        ("2026-05-14 10:00", "2026-05-14T10:00:00+00:00"),
        ("2026/5/4", "2026-05-04T00:00:00+00:00"),
        ("May 14, 2026", "2026-05-14T00:00:00+00:00"),
        ("14 May 2026", "2026-05-14T00:00:00+00:00"),
        ("14th of May 2026", "2026-05-14T00:00:00+00:00"),
        ("June 3–5, 2026", "2026-06-03T00:00:00+00:00"),
        ("14.5.2026", "2026-05-14T00:00:00+00:00"),
        ("5/14/2026", "2026-05-14T00:00:00+00:00"),
        ("Thu, 14 May 2026 10:00:00 +0200", "2026-05-14T08:00:00+00:00"),
        ("D:20260514100000+02'00'", "2026-05-14T08:00:00+00:00"),
        ("Friday 6/30/17 at 14:00 UTC", "2017-06-30T00:00:00+00:00"),
        ("3/5/2026", None),
        ("2026-02-30", None),
        ("2026-13-01", None),
        ("2026", None),
        ("soon", None),
        ("TBD", None),
    ],
)
def test_when_it_was(value: str, iso: str | None) -> None:
    time = told(date=value).time
    assert (time.isoformat() if time else None) == iso


def test_the_last_change_counts_more_than_the_making() -> None:
    time = told(**{"creation-date": "2026-05-01", "last_updated": "2026-04-01"}).time
    assert time is not None
    assert time.month == 4


@pytest.mark.parametrize(
    "title", ["Untitled", "Document1", "PowerPoint Presentation", "Microsoft Word - plan.doc", " "]
)
def test_titles_that_programs_make_up(title: str) -> None:
    assert told(title=title).title == "x"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("a/2026-05-14-team_retro.md", "2026-05-14 team retro"),
        ("frog-count/README.md", "frog count"),
        ("README.md", "README"),
        ("frog-count/index.html", "frog count"),
        ("___.md", "___"),
    ],
)
def test_titles_from_names(name: str, title: str) -> None:
    assert readable(name) == title


def test_values_are_never_anything_but_text(tmp_path: Path) -> None:
    """YAML would make dates, numbers and truths of them."""
    head = {"author": "on", "version": "1.10", "since": "2026-05-14", "draft": "no", "build": "0777"}
    (tmp_path / "x.md").write_text(
        "---\n" + "".join(f"{key}: {value}\n" for key, value in head.items()) + "---\nWords.\n"
    )
    (document, _) = FilesIndexer().read(tmp_path, SOURCE)
    assert isinstance(document, Document)
    assert json.loads(json.dumps(dict(document.facets))) == {k: v for k, v in head.items() if k != "author"}
