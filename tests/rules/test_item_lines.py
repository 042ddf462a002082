"""What an indexer reads survives the way through JSON, whatever is in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import (
    Contribution,
    Coverage,
    Document,
    Handle,
    Kind,
    Part,
    Profile,
    ReadFailure,
    Reason,
    Role,
    Room,
    Scope,
    SiloName,
    Source,
)
from sensemake.reading.lines import answer, answered
from sensemake.wire import item_json, item_of

SOURCE = Source(SiloName("silo"), "source", "files", "/somewhere", {"include_private": "yes"})
TEXT = st.text(st.characters() | st.sampled_from("\ud800\udfff\0\n\u2028\x1f"), max_size=20)
ZONES = st.just(UTC) | st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
NAIVE = datetime.fromisoformat("2000-01-01T00:00")
TIMES = st.none() | st.datetimes(NAIVE.replace(year=2), NAIVE.replace(year=9998), timezones=ZONES)
HANDLES = st.builds(Handle, TEXT.filter(lambda t: ":" not in t), TEXT)
MAYBE = st.none() | TEXT
PARTS = st.builds(
    Part,
    text=TEXT,
    author=st.none() | HANDLES,
    role=st.sampled_from(Role),
    time=TIMES,
    locator=TEXT,
    headings=st.lists(TEXT, max_size=3).map(tuple),
    mentions=st.lists(HANDLES, max_size=3).map(tuple),
)
DOCUMENTS = st.builds(
    Document,
    source=st.just(SOURCE),
    uri=TEXT,
    kind=st.sampled_from(Kind),
    title=TEXT,
    parts=st.lists(PARTS, max_size=3).map(tuple),
    time=TIMES,
    path=TEXT,
    url=MAYBE,
    language=MAYBE,
    contributions=st.lists(st.builds(Contribution, HANDLES, st.sampled_from(Role)), max_size=3).map(tuple),
    facets=st.dictionaries(TEXT, TEXT, max_size=3),
    profiles=st.lists(st.builds(Profile, HANDLES, MAYBE, MAYBE, MAYBE, st.booleans()), max_size=2).map(tuple),
    room=st.none() | st.builds(Room, TEXT, st.frozensets(TEXT, max_size=3), TEXT),
)
FAILURES = st.builds(ReadFailure, TEXT, st.sampled_from(Reason), TEXT, TEXT, TEXT, TEXT)
COVERAGES = st.builds(Coverage, st.lists(st.builds(Scope, TEXT, TIMES, TIMES, TEXT), max_size=3).map(tuple))


@settings(max_examples=200)
@given(DOCUMENTS | FAILURES | COVERAGES)
def test_every_item_comes_back_as_it_was(item: Document | ReadFailure | Coverage) -> None:
    line = json.dumps(item_json(item))
    assert "\n" not in line
    assert item_of(json.loads(line), SOURCE) == item
    told = answer(item)
    assert told.count(b"\n") == 1
    assert item_of(answered(told), SOURCE) == item


@pytest.mark.parametrize(
    "change",
    [
        {"type": "pickle"},
        {"type": None},
        {"kind": "spell"},
        {"title": 5},
        {"title": None},
        {"time": "2026-05-01T09:30:00"},
        {"time": "soon"},
        {"facets": ["a"]},
        {"facets": {"a": 1}},
        {"parts": [{"text": "words"}]},
        {"parts": 5},
        {"room": {"name": "x", "readers": [1], "key": ""}},
    ],
)
def test_what_nothing_of_ours_made_is_refused(change: dict[str, object]) -> None:
    value = {**item_json(Document(SOURCE, "u", Kind.PAGE, "t", (Part("words"),))), **change}
    with pytest.raises(ValueError, match=r"not an item|not a valid|a time|Invalid isoformat"):
        item_of(value, SOURCE)
