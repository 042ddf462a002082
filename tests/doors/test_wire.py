"""The JSON contract: every field of it, of the right type, and no score in any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_workspace import DOCUMENTS, MAP, OWNER, PERSON, FakeWorkspace
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sensemake import wire
from sensemake.errors import UsageError
from sensemake.model import IngestReport, Query, ReadFailure, Reason, Silo, SiloName

CONTRACT = {
    "search": "query abstained nearest degraded next_cursor changed hits",
    "search.nearest": "themes people written",
    "search.hits": "rank passage_id document_id title headings text highlights silo source kind language locator url "
    "authors time similar_count band why pinned",
    "search.hits.why": "dense_rank lexical_rank",
    "experts": "topic abstained experts left_out",
    "experts.experts": "rank person band silos last_active evidence",
    "experts.experts.person": "id name handles",
    "experts.experts.evidence": "role text title silo time url passage_id document_id",
    "themes": "map_id built_at settings outlier_ratio stability loose themes",
    "loose": "loose documents next_cursor changed",
    "themes.themes": "id label keyphrases size people silos level parent status events members",
    "ingest": "documents passages embedded unchanged removed failures seconds",
    "ingest.failures": "path locator reason detail",
}
"""What DESIGN promises; adding is free."""

HOME = FakeWorkspace()
STATUS = HOME.sources(OWNER)[0]
FAILURE = ReadFailure("a.pdf", Reason.ENCRYPTED, "a password is needed", "page=1")
ANSWERS: dict[str, tuple[Any, Any]] = {
    "search": (wire.search_json(HOME.search(Query("tide"), OWNER)), wire.SearchJSON),
    "nothing": (wire.search_json(HOME.search(Query("zzz"), OWNER)), wire.SearchJSON),
    "experts": (wire.experts_json(HOME.who(Query("tide"), OWNER)), wire.ExpertsJSON),
    "themes": (wire.themes_json(MAP), wire.ThemesJSON),
    "loose": (wire.loose_notes_json(HOME.loose(OWNER)), wire.LooseNotesJSON),
    "theme": (wire.theme_page_json(HOME.theme("t1", OWNER)), wire.ThemePageJSON),
    "ingest": (wire.ingest_json(IngestReport(1, 2, 3, 4, 5, (FAILURE,), 0.5, ("careful",))), wire.IngestJSON),
    "document": (wire.document_json(DOCUMENTS[0]), wire.DocumentJSON),
    "silos": (wire.silos_json([Silo(SiloName("a"), frozenset("xy"))], with_readers=True), wire.SilosJSON),
    "sources": (
        wire.source_json(
            STATUS.source, documents=STATUS.documents, last_read=STATUS.last_read, failures=STATUS.failures
        ),
        wire.SourceJSON,
    ),
    "suggestions": (wire.suggestions_json("ti", HOME.suggest("ti", OWNER)), wire.SuggestionsJSON),
    "pins": (wire.pins_json(HOME.pins(OWNER)), wire.PinsJSON),
    "insights": (wire.insights_json(HOME.insights(OWNER)), wire.InsightsJSON),
    "profile": (wire.profile_json(HOME.profile("ada", OWNER)), wire.ProfileJSON),
    "bridges": (wire.bridges_json(HOME.bridges(OWNER, names=True)), wire.BridgesJSON),
    "routing": (wire.routing_json(HOME.ask(Query("tide"), OWNER)), wire.RoutingJSON),
    "person": (wire.directory_person_json(PERSON), wire.DirectoryPersonJSON),
}


def at(answer: object, path: str) -> dict[str, Any]:
    """The (first) object at a dotted path."""
    found: Any = answer
    for step in path.split(".")[1:]:
        found = found[step][0] if isinstance(found[step], list) else found[step]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", CONTRACT)
def test_the_contract_holds_field_by_field(path: str) -> None:
    answer, _ = ANSWERS[path.partition(".")[0]]
    assert set(CONTRACT[path].split()) <= set(at(answer, path))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_exactly_its_shape(name: str) -> None:
    answer, shape = ANSWERS[name]
    assert TypeAdapter(shape).validate_json(json.dumps(answer), strict=True) == answer


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


@pytest.mark.parametrize("name", ANSWERS)
def test_no_score_leaves(name: str) -> None:
    answer, _ = ANSWERS[name]
    # How far a passage is its theme's is told on the theme's own page, and says nothing of anybody.
    kept = {"strength"} if name == "theme" else set()
    assert not {"score", "weight", "strength", "centroid", "digest", "secret"} & set(keys(answer)) - kept


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
@settings(max_examples=50)
def test_a_time_survives_the_wire(moment: datetime) -> None:
    written = wire.stamp(moment)
    assert written.endswith("Z")
    assert datetime.fromisoformat(written) == moment.astimezone(UTC)


@given(st.dates())
@settings(max_examples=50)
def test_a_date_means_all_of_its_day(day: Any) -> None:
    first, last = wire.since(day.isoformat()), wire.until(day.isoformat())
    assert (first.date(), last.date()) == (day, day)
    assert last - first == timedelta(days=1) - timedelta(microseconds=1)


def test_a_time_of_day_is_taken_as_it_is() -> None:
    assert wire.since("2026-05-01T09:30:00+02:00") == datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    assert wire.until("2026-05-01T09:30:00") == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "2026-5-1", "9999-12-31T23:59:59-23:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        wire.since(text)
