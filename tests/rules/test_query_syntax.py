"""What is typed into the text box: operators are read, anything else stays a word, nothing is an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import Filters, Kind
from sensemake.rules.analysis import plain
from sensemake.rules.query_syntax import OPERATORS, Asked, combined, parse, prose, sequences

MAY = datetime(2026, 5, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("how do we read the tables", Asked("how do we read the tables")),
        ('the "tide tables" at dawn', Asked("the tide tables at dawn", ("tide tables",))),
        ("“tide tables” «high tide»", Asked("tide tables high tide", ("tide tables", "high tide"))),
        ("tide -budget", Asked("tide", without=("budget",))),
        ('tide -"high tide"', Asked("tide", without=("high tide",))),
        ("tide author:ada", Asked("tide", filters=Filters(authors=("ada",)))),
        ('tide Author:"Ada Alder"', Asked("tide", filters=Filters(authors=("Ada Alder",)))),
        ("tide in:handbook in:board/#room", Asked("tide", filters=Filters(places=("handbook", "board/#room")))),
        ("tide kind:Page kind:mail", Asked("tide", filters=Filters(kinds=(Kind.PAGE, Kind.MAIL)))),
        ("gezeiten lang:DE", Asked("gezeiten", filters=Filters(languages=("de",)))),
        ("tide before:2026-05-01", Asked("tide", filters=Filters(until=MAY - TICK))),
        ("tide after:2026-04", Asked("tide", filters=Filters(since=MAY))),
        ("tide after:2025", Asked("tide", filters=Filters(since=datetime(2026, 1, 1, tzinfo=UTC)))),
        ("after:2026-04-29 tide after:2026-04-30", Asked("tide", filters=Filters(since=MAY))),
        ("-budget", Asked("", without=("budget",))),
    ],
)
def test_operators_are_read(typed: str, asked: Asked) -> None:
    assert parse(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "https://example.org/a?b=c", "foo:bar", "kind:nonsense", "before:yesterday", "after:2026-13", "after:9999",
        "after:2026-02-30", "author: ada", 'in:""', "lang:german", "5-pound weights", "at -5 degrees", "git --force",
        "a -> b", "- - -", 'a 5" pipe and 6" hose', 'an "unclosed phrase', "-author:ada", "a  b\tc\n", "", "\x00",
    ],
)  # fmt: skip
def test_everything_else_stays_words(typed: str) -> None:
    assert parse(typed) == Asked(typed)


PIECES = st.sampled_from([
    *(f"{operator}:" for operator in OPERATORS), '"', "“", "”", "„", "«", "»", "-", " ", ":", "tide", "budget", "page",
    "2026", "-05", "-01", "en", "0000", "9999-12-31", "\ud800", "東京", "\n", "é",
])  # fmt: skip
TYPED = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@given(TYPED)
@settings(max_examples=300)
def test_any_text_is_read_and_no_word_is_lost(typed: str) -> None:
    asked = parse(typed)
    filters = asked.filters
    taken = (*asked.phrases, *asked.without, *filters.authors, *filters.places, *filters.kinds, *filters.languages)
    said = set(plain(" ".join((asked.text, *taken, *OPERATORS))))
    assert {word for word in plain(typed) if not word.isdecimal()} <= said
    sequences(asked.phrases + asked.without)


@given(st.text(alphabet=st.characters(exclude_characters='"“„«-:'), max_size=40))
@settings(max_examples=200)
def test_a_text_without_operators_is_left_as_it_is(typed: str) -> None:
    assert parse(typed) == Asked(typed)


@given(TYPED)
@settings(max_examples=300)
def test_a_sentence_asks_for_nothing_but_its_words(typed: str) -> None:
    said = prose(typed)
    assert parse(said) == Asked(said)
    assert plain(said) == plain(typed)


FILTERS = st.builds(
    Filters,
    silos=st.lists(st.sampled_from("ab")).map(tuple),
    since=st.none() | st.datetimes(timezones=st.just(UTC)),
    until=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(FILTERS, FILTERS)
@settings(max_examples=50)
def test_flags_and_operators_combine(beside: Filters, typed: Filters) -> None:
    both = combined(beside, typed)
    assert combined(beside, Filters()) == beside == combined(Filters(), beside)
    assert both.silos == beside.silos + typed.silos
    for one in (beside, typed):
        assert one.since is None or (both.since is not None and both.since >= one.since)
        assert one.until is None or (both.until is not None and both.until <= one.until)
