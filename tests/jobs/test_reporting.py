"""The report of a map: every word and number in it has a source that the audience may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import jsonschema_rs
import numpy as np
import pytest

from make import day, source
from sensemake.jobs import report
from sensemake.jobs.report import Material
from sensemake.jobs.report_schema import report_schema
from sensemake.jobs.report_shape import ReportJSON
from sensemake.model import (
    Contribution,
    Document,
    DocumentId,
    Handle,
    Kind,
    MapId,
    Membership,
    Part,
    Passage,
    Person,
    PersonId,
    Role,
    SiloName,
    Span,
    Status,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
)
from sensemake.rules import chunking

SCHEMA = jsonschema_rs.validator_for(report_schema())
SAID = [
    "The wiper on the optical probe got stuck with duckweed again.",
    "A copper mesh keeps the slime off for six weeks at least.",
    "We should compare wipers and copper mesh at the same station.",
    "Nobody has cleaned the wiper at the mill since the summer.",
    "The lens was clean where the wiper ran every ten minutes.",
    "Copper mesh costs four euros and takes five minutes to fit.",
]


def page(number: int, text: str, *, silo: str = "handbook", kind: Kind = Kind.PAGE, **facets: str) -> Document:
    author = Handle("user", f"u{number}")
    return Document(
        source(silo),
        f"pages/{number}.md",
        kind,
        f"Page {number}",
        (Part(text, author=author, time=day(10 * number)),),
        time=day(10 * number),
        url=f"https://wiki.example/{number}",
        facets=facets,
    )


DOCUMENTS = [page(n, text, silo=("handbook", "chat")[n % 2]) for n, text in enumerate(SAID)]


class World:
    """Documents with one theme over all of them."""

    def __init__(self, documents: list[Document], **changes: Any) -> None:
        self.documents = {d.id: d for d in documents}
        self.passages = [p for d in documents for p in chunking.split(d)]
        members = tuple(Membership(p.id, p.document, 0.9 - n / 100) for n, p in enumerate(self.passages))
        keyphrases = ("wiper", "copper mesh", "duckweed")
        theme = Theme(ThemeId("t1"), "Wipers and copper mesh", keyphrases, members, 6, (), ())
        self.themes = ThemeMap(
            MapId("m1"),
            day(300),
            frozenset({SiloName("handbook"), SiloName("chat")}),
            "7",
            {"model": "hashing"},
            (replace(theme, **changes),) if members else (),
            3,
            0.25,
        )

    def report(
        self,
        *,
        last: ThemeMap | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        unlisted: frozenset[str] = frozenset(),
        **more: Any,
    ) -> ReportJSON:
        def people(passage: Passage) -> set[PersonId]:
            return {PersonId(str(h)) for h in passage.authors if h.value not in unlisted}

        material = Material(self.passages, self.documents, people, {"encrypted": 2}, "0.1.0", **more)
        found = report.build(self.themes, material, last=last, since=since, until=until)
        SCHEMA.validate(found)
        return found


def quotes(node: object) -> Iterator[Mapping[str, Any]]:
    """Everything in a report that claims to be somebody's words."""
    if isinstance(node, dict):
        if "passage_id" in node:
            yield node
        for value in node.values():
            yield from quotes(value)
    elif isinstance(node, list):
        for value in node:
            yield from quotes(value)


def test_every_quote_is_word_for_word_and_leads_to_its_source() -> None:
    world = World(DOCUMENTS)
    texts = {p.id: p for p in world.passages}
    found = list(quotes(world.report()))
    assert len(found) >= 6
    for quote in found:
        passage = texts[quote["passage_id"]]
        assert quote["text"] in passage.text
        assert quote["document_id"] == passage.document
        assert quote["url"] == world.documents[passage.document].url


def test_a_card_counts_people_documents_and_silos() -> None:
    (card,) = World(DOCUMENTS).report()["cards"]
    assert (card["people"], card["documents"], card["items"], card["low_sample"]) == (6, 6, 6, True)
    assert card["silos"] == [{"name": "chat", "count": 3}, {"name": "handbook", "count": 3}]
    assert [m["count"] for m in card["months"]] == [3, 3]
    assert card["sentence"] is not None


def test_quotes_are_by_different_people_from_different_documents_and_from_all_silos() -> None:
    same = [replace(d, parts=(replace(d.parts[0], author=Handle("user", "one")),)) for d in DOCUMENTS[:5]]
    (theme,) = World([*same, DOCUMENTS[5]]).report()["themes"]
    shown = [theme["sentence"], *theme["quotes"]]
    assert len(shown) == 2
    (theme,) = World(DOCUMENTS).report()["themes"]
    shown = [theme["sentence"], *theme["quotes"]]
    assert len({q["document_id"] for q in shown if q}) == len(shown) == 6
    assert {q["silo"] for q in shown[:2] if q} == {"handbook", "chat"}


def test_of_a_reflection_nothing_is_shown_without_consent() -> None:
    told = "I was afraid to say that the wiper had been stuck for weeks."
    quiet = page(9, told, kind=Kind.REFLECTION)
    assert told not in str(World([*DOCUMENTS[:3], quiet]).report())
    assert "Page 9" not in str(World([*DOCUMENTS[:3], quiet]).report())
    agreed = page(9, told, kind=Kind.REFLECTION, consent="quote")
    assert told in str(World([*DOCUMENTS[:3], agreed]).report())


def test_a_theme_of_reflections_alone_has_no_words() -> None:
    alone = [page(n, text, kind=Kind.REFLECTION) for n, text in enumerate(SAID)]
    (theme,) = World(alone).report()["themes"]
    assert (theme["sentence"], theme["quotes"], theme["related"]) == (None, [], [])


def test_words_that_two_people_share_are_not_quoted() -> None:
    document = DOCUMENTS[0]
    (passage,) = chunking.split(document)
    half = len(passage.text) // 2
    one, two = (Contribution(Handle("user", name), Role.WROTE) for name in ("a", "b"))
    world = World([document])
    world.passages = [
        replace(passage, contributions=(one, two), spans=(Span(0, half, one), Span(half, len(passage.text), two)))
    ]
    assert world.report()["themes"][0]["sentence"] is None


def test_nobody_who_is_unlisted_is_counted() -> None:
    found = World(DOCUMENTS).report(unlisted=frozenset({"u0"}))
    assert found["cards"][0]["people"] == 5
    assert found["coverage"]["people"] == 5
    assert found["coverage"]["unattributed"] == 1


def test_no_name_is_in_a_report() -> None:
    assert "user:u" not in str(World(DOCUMENTS).report())


def test_what_is_later_than_the_period_is_not_in_it() -> None:
    found = World(DOCUMENTS).report(until=day(25))
    assert found["cards"][0]["documents"] == 3
    assert found["coverage"]["documents"] == 3
    assert found["until"] == "2026-04-26T09:00:00Z"
    assert SAID[5] not in str(found)


def test_what_is_earlier_counts_but_not_for_the_period() -> None:
    found = World(DOCUMENTS).report(since=day(35))
    (card,) = found["cards"]
    assert (card["documents"], card["documents_in_period"]) == (6, 2)
    assert found["coverage"]["silent"] == []
    assert World(DOCUMENTS).report(since=day(45))["coverage"]["silent"] == ["handbook"]


def test_what_is_missing_is_said() -> None:
    undated = replace(DOCUMENTS[0], time=None, parts=(Part(SAID[0]),))
    coverage = World([undated, *DOCUMENTS[1:]]).report()["coverage"]
    assert (coverage["undated"], coverage["unattributed"]) == (1, 1)
    assert coverage["unread"] == [{"name": "encrypted", "count": 2}]
    assert [s["silo"] for s in coverage["silos"]] == ["chat", "handbook"]


def question(text: str, *answers: str, role: Role = Role.ANSWERED) -> Document:
    asked = Part(text, author=Handle("slack", "U1"), role=Role.ASKED, time=day(3))
    said = tuple(Part(a, author=Handle("slack", "U2"), role=role, time=day(4)) for a in answers)
    return Document(source("chat"), "chat/q", Kind.CONVERSATION, "#field", (asked, *said), time=day(3))


def test_a_question_that_nobody_answered_is_open() -> None:
    text = "Hello all.\nWho owns the gateways at the mill now?"
    (found,) = World([question(text)]).report()["questions"]
    assert found["text"] == "Who owns the gateways at the mill now?"
    assert World([question(text, "me too", role=Role.WROTE)]).report()["questions"] == []
    assert World([question(text, "Nele does.")]).report()["questions"] == []


def test_a_document_that_asks_is_open_until_it_is_answered() -> None:
    asking = page(1, "We have talked about this since May.", kind=Kind.QUESTION)
    (found,) = World([asking]).report()["questions"]
    assert found["text"] == "Page 1"
    answered = replace(asking, parts=(*asking.parts, Part("Yes.", role=Role.ANSWERED)))
    assert World([answered]).report()["questions"] == []


def test_without_an_earlier_map_nothing_has_changed() -> None:
    found = World(DOCUMENTS).report()
    assert (found["compared"], found["changes"]) == (False, [])


def test_changes_are_told_with_their_numbers_and_documents() -> None:
    events = (
        ThemeEvent("growing", {"documents": 6.0, "before": 2.0, "came": 4.0, "left": 0.0}),
        ThemeEvent("merged", {"moved": 2.0, "of": 2.0}, (ThemeId("t0"),)),
    )
    world = World(DOCUMENTS, status=Status.GROWING, events=events)
    earlier = [Theme(ThemeId(i), label, (), (), 2, (), ()) for i, label in (("t0", "Slime"), ("t9", "The move"))]
    world.themes = replace(world.themes, gone=(ThemeId("t0"), ThemeId("t9")))
    found = world.report(last=replace(world.themes, themes=tuple(earlier)))
    assert [(c["event"], c["label"], c["related"]) for c in found["changes"]] == [
        ("growing", "Wipers and copper mesh", []),
        ("merged", "Wipers and copper mesh", ["Slime"]),
        ("gone", "The move", []),
    ]
    assert found["changes"][0]["numbers"]["came"] == 4.0
    assert set(found["changes"][0]["documents"]) == set(world.documents)


def test_the_clock_is_not_in_a_report() -> None:
    world = World(DOCUMENTS)
    first = world.report()
    world.themes = replace(world.themes, built_at=day(999))
    assert world.report() == first


def test_the_order_of_what_is_given_changes_nothing() -> None:
    world = World(DOCUMENTS)
    first = world.report()
    world.passages.reverse()
    world.documents = dict(reversed(world.documents.items()))
    assert world.report() == first


@pytest.mark.parametrize("documents", [[], [replace(DOCUMENTS[0], parts=(Part(""),))]])
def test_nothing_to_report_is_a_report(documents: list[Document]) -> None:
    found = World(documents).report()
    assert (found["cards"], found["themes"], found["questions"]) == ([], [], [])
    assert found["coverage"]["documents"] == 0


def test_a_theme_of_documents_that_are_gone_is_left_out() -> None:
    world = World(DOCUMENTS)
    world.documents = {}
    found = world.report()
    assert (found["cards"], found["coverage"]["documents"]) == ([], 0)


def test_quiet_signals_are_small_themes_that_rise() -> None:
    world = World(DOCUMENTS)
    (theme,) = world.themes.themes
    others = tuple(replace(theme, id=ThemeId(f"s{n}"), label=f"Theme {n}") for n in range(8))
    rising = replace(theme, id=ThemeId("r"), label="Z rising", status=Status.GROWING, members=theme.members[:3])
    world.themes = replace(world.themes, themes=(*others, rising))
    found = world.report()
    assert len(found["cards"]) == 7
    assert [card["label"] for card in found["quiet"]][-1] == "Z rising"


def test_documents_are_named_by_their_ids() -> None:
    world = World(DOCUMENTS)
    (theme,) = world.report()["themes"]
    assert {DocumentId(d["document_id"]) for d in theme["related"]} <= set(world.documents)


# ── people, views, bridges, outcomes, the map ────────────────────────────────────────────────────


def author(theme: Theme, passage: Passage) -> list[Person]:
    return [Person(PersonId(h.value), f"Name of {h.value}") for h in sorted(passage.authors)]


def test_people_to_ask_are_named_with_what_says_so_in_the_order_of_names() -> None:
    twice = replace(page(7, "A wiper on the probe needs a spare."), parts=(Part("Wiper.", Handle("user", "u5")),))
    (theme,) = World([*DOCUMENTS, twice]).report(askable=author)["themes"]
    names = [person["name"] for person in theme["people_to_ask"]]
    assert len(names) == 4
    assert names == sorted(names)
    assert "Name of u5" in names
    assert all(len(person["documents"]) == 1 for person in theme["people_to_ask"])
    assert "score" not in str(theme["people_to_ask"])


def test_nobody_is_named_for_a_reflection_that_may_not_be_quoted() -> None:
    alone = [page(n, text, kind=Kind.REFLECTION) for n, text in enumerate(SAID)]
    (theme,) = World(alone).report(askable=author)["themes"]
    assert theme["people_to_ask"] == []
    agreed = [page(n, text, kind=Kind.REFLECTION, consent="yes") for n, text in enumerate(SAID)]
    (theme,) = World(agreed).report(askable=author)["themes"]
    assert theme["people_to_ask"] != []


DIFFER = [
    page(1, "A copper mesh keeps the lens of the probe clean for weeks."),
    page(2, "A copper mesh never keeps the lens of the probe clean in summer.", silo="chat"),
]


def test_passages_that_differ_stand_side_by_side() -> None:
    (theme,) = World(DIFFER).report()["themes"]
    (pair,) = theme["views"]
    assert {pair["one"]["text"], pair["other"]["text"]} == {d.parts[0].text for d in DIFFER}
    assert pair["signs"] == ["negation"]
    assert theme["prompts"][1]["key"] == "interpretive_views"


def test_one_person_and_a_reflection_without_consent_make_no_pair() -> None:
    same = [replace(d, parts=(replace(d.parts[0], author=Handle("user", "one")),)) for d in DIFFER]
    assert World(same).report()["themes"][0]["views"] == []
    told = [DIFFER[0], replace(DIFFER[1], kind=Kind.REFLECTION)]
    assert World(told).report()["themes"][0]["views"] == []


def test_a_quote_between_two_silos_is_near_to_both() -> None:
    extra = [page(n, f"The wiper and the copper mesh were seen on day {n} by somebody.") for n in range(10, 16)]
    world = World([*DOCUMENTS, *extra])
    ways = {p.key: np.array([n % 2, 1 - n % 2], np.float32) for n, p in enumerate(world.passages)}
    middle = world.passages[-1]
    ways[middle.key] = np.array([0.7, 0.714], np.float32)
    (theme,) = world.report(vectors=lambda keys: {k: ways[k] for k in keys})["themes"]
    first = theme["bridging"][0]
    assert (first["passage_id"], first["between"]) == (middle.id, ["chat", "handbook"])
    assert World(DOCUMENTS).report()["themes"][0]["bridging"] == []


def test_what_was_tried_and_decided_is_told_with_its_themes() -> None:
    tried = page(6, "We tried one wiper in two.\n\nEvery second wiper was enough in the end.", kind=Kind.EXPERIMENT)
    decided = page(7, "We buy copper mesh for all the stations at once.", kind=Kind.DECISION)
    outcomes = World([*DOCUMENTS, tried, decided]).report()["outcomes"]
    assert [(o["kind"], o["themes"]) for o in outcomes] == [("decision", ["t1"]), ("experiment", ["t1"])]
    assert [o["showed"]["text"] for o in outcomes if o["showed"]] == [
        "We buy copper mesh for all the stations at once.",
        "Every second wiper was enough in the end.",
    ]
    assert World([*DOCUMENTS, tried]).report(since=day(65))["outcomes"] == []


def test_questions_that_are_handed_in_are_shown_when_they_are_there_to_be_read() -> None:
    world = World(DOCUMENTS)
    first = world.passages[0]
    asked = [(first.id, "The wiper"), (first.id, "Not in it"), ("nowhere", "The wiper")]
    (found,) = world.report(asked=asked)["questions"]
    assert (found["text"], found["passage_id"]) == ("The wiper", first.id)
    assert world.report(asked=[])["questions"] == []


def test_the_map_shows_where_a_theme_was() -> None:
    world = World(DOCUMENTS)
    (theme,) = world.themes.themes
    others = tuple(replace(theme, id=ThemeId(f"t{n}"), place=(float(n), 0.0)) for n in range(3))
    world.themes = replace(world.themes, themes=others)
    before = replace(world.themes, themes=(replace(others[1], place=(1.0, 1.0)),))
    places = {place["theme_id"]: place for place in world.report(last=before)["map"]}
    assert [places[f"t{n}"]["x"] for n in range(3)] == [0.0, 0.5, 1.0]
    assert places["t1"]["was"] == [0.5, 0.25]
    assert places["t1"]["moved"] == 50
    assert places["t0"]["was"] is None
    assert all(0 <= place["y"] <= 1 for place in places.values())


def test_a_map_from_before_there_were_places_is_laid_out() -> None:
    world = World(DOCUMENTS)
    (theme,) = world.themes.themes
    some = tuple(replace(theme, id=ThemeId(f"t{n}"), centroid=tuple(float(x) for x in np.eye(4)[n])) for n in range(4))
    world.themes = replace(world.themes, themes=some)
    places = world.report()["map"]
    assert len({(place["x"], place["y"]) for place in places}) == 4
    assert all(len(place["near"]) == 3 for place in places)


def test_months_without_a_word_are_told() -> None:
    gap = [page(0, SAID[0]), page(7, SAID[1])]
    coverage = World(gap).report()["coverage"]
    assert coverage["missing_months"] == ["2026-05"]
    assert (coverage["months"], [s["months"] for s in coverage["silos"]]) == (3, [0, 2])
    assert World(gap).report(since=day(20))["coverage"]["documents_in_period"] == 1
