"""The report of a map: every word and number in it has a source that the audience may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from make import day, source
from sensemake.jobs import report
from sensemake.jobs.report import Material
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
    ) -> ReportJSON:
        def people(passage: Passage) -> set[PersonId]:
            return {PersonId(str(h)) for h in passage.authors if h.value not in unlisted}

        material = Material(self.passages, self.documents, people, {"encrypted": 2}, "0.1.0")
        return report.build(self.themes, material, last=last, since=since, until=until)


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
    text = "Hello all.\nWho owns the gateways now?"
    (found,) = World([question(text)]).report()["questions"]
    assert found["text"] == "Who owns the gateways now?"
    (found,) = World([question(text, "me too", role=Role.WROTE)]).report()["questions"]
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
