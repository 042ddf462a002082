"""The report's words in five languages, its tables, and its published schema."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema_rs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_golden import FIRST, SMALL

from sensemake import renderers
from sensemake.errors import UsageError
from sensemake.jobs.report_schema import report_schema
from sensemake.model import Kind, Reason, Status
from sensemake.renderers import _words
from sensemake.renderers.table import cell
from sensemake.rules import prompts

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
FORMS = ("html", "md", "themes.csv", "quotes.csv")


# ── words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", _words.table())
def test_every_key_is_in_every_language_with_the_same_gaps(key: str) -> None:
    said = _words.table()[key]
    assert tuple(said) == _words.LANGUAGES
    kinds = {type(text) for text in said.values()}
    assert len(kinds) == 1
    gaps = {language: _gaps(text) for language, text in said.items()}
    assert all(found == gaps["en"] for found in gaps.values()), gaps
    assert all(text for text in said.values())


def _gaps(text: str | list[str]) -> list[set[str]]:
    texts = [text] if isinstance(text, str) else text
    assert len(texts) in (1, 2)
    return [{name for _, name, _, _ in Formatter().parse(each) if name} for each in texts]


def test_no_sentence_is_left_in_english() -> None:
    for key, said in _words.table().items():
        if isinstance(said["en"], str) and len(said["en"].split()) > 3:
            assert len(set(said.values())) == len(_words.LANGUAGES), key


def test_everything_that_a_report_names_by_a_key_has_words() -> None:
    known = _words.table()
    for name in (*Status, *prompts.LEVELS, *(f"kind_{k}" for k in Kind), *(f"reason_{r}" for r in Reason)):
        assert str(name) in known
    for status in Status:
        for silos in ([], ["a"], ["a", "b"]):
            for differing in (True, False):
                asked = prompts.for_theme("T", [], silos, status=status, differing=differing, asking=differing)
                assert all(prompt.key in known for prompt in asked)


def test_no_key_is_without_use() -> None:
    folder = Path(renderers.__file__).parent
    told = "".join(path.read_text() for path in (*folder.glob("*.py"), *folder.glob("templates/*.j2")))
    made = ("kind_", "reason_", "limit_", "change_", "session_", "reflective", "interpretive", "decisional", *Status)
    sections = ("themes", "changes", "pages", "map", "quiet", "questions", "outcomes", "coverage", "method", "sources")
    for key in _words.table():
        assert key.startswith(made) or key in (*sections, "gone") or f'"{key}"' in told, key


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("en", ["0 people", "1 person", "2 people", "1,234 people"]),
        ("nl", ["0 mensen", "1 persoon", "2 mensen", "1.234 mensen"]),
        ("de", ["0 Personen", "1 Person", "2 Personen", "1.234 Personen"]),
        ("fr", ["0 personne", "1 personne", "2 personnes", "1\u202f234 personnes"]),
        ("sv", ["0 personer", "1 person", "2 personer", "1\u00a0234 personer"]),
    ],
)
def test_numbers_are_said_as_the_language_says_them(language: str, counts: list[str]) -> None:
    words = _words.Words(language)
    assert [words.many(n, "people") for n in (0, 1, 2, 1234)] == counts


def test_dates_are_said_as_the_language_says_them() -> None:
    said = [_words.Words(language).day("2026-03-01T00:00:00Z") for language in _words.LANGUAGES]
    assert said == ["1 March 2026", "1 maart 2026", "1 März 2026", "1 mars 2026", "1 mars 2026"]
    assert _words.Words("fr").month("2026-08") == "août 2026"


def test_quotes_stay_as_they_were_said() -> None:
    for language in _words.LANGUAGES:
        page = renderers.of("html", language).render(SMALL)
        assert f'<html lang="{language}">' in page
        assert "De wisser houdt de lens niet schoon." in page
        assert ('lang="nl"' in page.split("<body>")[1]) is (language != "nl")


def test_an_unknown_language_or_form_is_refused() -> None:
    with pytest.raises(UsageError, match="en, nl, de, fr, sv"):
        renderers.of("html", "tlh")
    with pytest.raises(UsageError, match=r"themes\.csv"):
        renderers.of("pdf")


def test_a_name_that_looks_like_a_gap_is_not_filled() -> None:
    assert _words.Words("en").say("bridges", one="{other}", other="x") == "near to what {other} and x say"


# ── tables ───────────────────────────────────────────────────────────────────────────────────────

RISKY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", " =1", "\ufeff=1", "\u00a0@x", "|cmd", "%x")


@pytest.mark.parametrize("text", RISKY)
def test_what_a_spreadsheet_would_calculate_is_text(text: str) -> None:
    safe = cell(text)
    assert isinstance(safe, str)
    assert safe.startswith("'")


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_no_cell_is_a_formula(text: str) -> None:
    safe = cell(text)
    assert isinstance(safe, str)
    assert not re.match(r"[\s\u200b\ufeff]*[=+\-@\t\r＝＋－＠]", safe)  # noqa: RUF001 -- full-width ones too
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    held = re.sub(r"[\x00-\x08\x0b-\x1f]", "", safe)
    sheet["A1"] = held
    assert sheet["A1"].data_type != "f"


def test_numbers_stay_numbers() -> None:
    assert cell(-3) == -3
    rows = read("themes.csv", SMALL)
    assert [(row["people"], row["documents"], row["passages"]) for row in rows] == [("9", "12", "31"), ("1", "3", "3")]


def read(form: str, report: Any) -> list[dict[str, str]]:
    text = renderers.of(form).render(report)
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_every_quote_is_a_row() -> None:
    rows = read("quotes.csv", SMALL)
    assert [row["shown_as"] for row in rows] == ["sentence", "quotes", "quotes", "bridging", "view 1a", "view 1b", "question"]
    assert rows[0]["quote"] == "A wiper that sticks in front of the lens is worse than slime."
    assert read("quotes.csv", FIRST) == []


# ── the schema ───────────────────────────────────────────────────────────────────────────────────


def test_the_published_schema_is_the_shape() -> None:
    """To write it anew: sensemake report --schema > docs/report.schema.json."""
    assert json.loads(SCHEMA.read_text()) == report_schema()


@pytest.mark.parametrize("report", [SMALL, FIRST])
def test_reports_hold_to_the_schema(report: Any) -> None:
    assert jsonschema_rs.meta.is_valid(report_schema())
    jsonschema_rs.validator_for(report_schema()).validate(report)


def test_what_is_missing_or_unknown_does_not_hold_to_it() -> None:
    validator = jsonschema_rs.validator_for(report_schema())
    less = {name: value for name, value in SMALL.items() if name != "coverage"}
    assert not validator.is_valid(less)
    assert not validator.is_valid({**SMALL, "score": 1})
    assert not validator.is_valid({**SMALL, "themes": [{**SMALL["themes"][0], "status": "hot"}]})
