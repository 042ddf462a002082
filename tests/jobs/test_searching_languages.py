"""Passages of several languages in one home: each is found by the words of its own language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Filters, Query
from sensemake.workspace import Workspace

PAGES = {
    "houses": "The old houses near the harbour were sold last winter and nobody lives in them now.",
    "boats": "The boats go out with two people, and the tide tables are read before they leave.",
    "haeuser": "Die alten Häuser am Hafen wurden im letzten Winter verkauft, und niemand wohnt darin.",
    "boote": "Die Boote fahren mit zwei Leuten hinaus, und vorher werden die Gezeitentafeln gelesen.",
}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, text in PAGES.items():
        (pages / f"{name}.txt").write_text(text, encoding="utf-8")
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        workspace.ingest([pages], "handbook", workspace.owner())
        yield workspace


def first(ws: Workspace, text: str, *languages: str) -> tuple[str, str | None]:
    hit = ws.search(Query(text, filters=Filters(languages=languages)), ws.owner()).hits[0]
    return hit.document.uri.removeprefix("pages/").removesuffix(".txt"), hit.passage.language


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Wer wohnt im Haus am Hafen?", ("haeuser", "de")),
        ("who lives in the house by the harbour", ("houses", "en")),
        ("Boot Gezeitentafel", ("boote", "de")),
        ("boat tide table", ("boats", "en")),
    ],
)
def test_a_word_is_found_in_another_form_of_its_own_language(
    ws: Workspace, question: str, found: tuple[str, str]
) -> None:
    assert first(ws, question) == found


def test_a_language_can_be_asked_for(ws: Workspace) -> None:
    assert first(ws, "Hafen", "de") == ("haeuser", "de")
    assert first(ws, "boat", "en") == ("boats", "en")


def test_what_was_found_is_shown_in_its_own_words(ws: Workspace) -> None:
    hit = ws.search(Query("Wer wohnt im Haus am Hafen?"), ws.owner()).hits[0]
    assert {hit.passage.text[start:end] for start, end in hit.highlights} == {"Häuser", "Hafen", "wohnt"}
