"""Names that a language model wrote: when it is asked, what it may see, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from test_making_themes import BUILT, world

from sensemake.clusterers.agglomerative import AgglomerativeClusterer
from sensemake.jobs import themes
from sensemake.jobs.theme_draft import Material
from sensemake.jobs.theme_names import PLAIN, SILENT, Tools
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Kind, Passage, PersonId, SiloName, ThemeMap
from sensemake.protocols import ThemeEdit

WORLD = world(12)


@dataclass
class Writer:
    """Gives its answers in turn, and keeps what it saw."""

    answers: list[str | None]
    summaries: list[str | None] = field(default_factory=lambda: [None])
    saw: list[tuple[tuple[str, ...], tuple[Passage, ...]]] = field(default_factory=list)
    summed: list[tuple[str, tuple[Passage, ...]]] = field(default_factory=list)
    name: str = "small"

    def write(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str | None:
        self.saw.append((tuple(keyphrases), tuple(passages)))
        return self.answers[(len(self.saw) - 1) % len(self.answers)]

    def summarise(self, label: str, passages: Sequence[Passage]) -> str | None:
        self.summed.append((label, tuple(passages)))
        return self.summaries[(len(self.summed) - 1) % len(self.summaries)]


def build(
    writer: Writer | None,
    *,
    passages: Sequence[Passage] = WORLD[0],
    last: ThemeMap | None = None,
    edits: Sequence[ThemeEdit] = (),
    summaries: bool = False,
    names: Sequence[str] = (),
    may_leave: Callable[[Passage], bool] = lambda passage: passage.kind is not Kind.REFLECTION,
) -> ThemeMap:
    numbers = count(0 if last is None else 1_000)
    material = Material(
        silos=frozenset({SiloName("handbook")}),
        state="1",
        model="blobs",
        passages=passages,
        vectors=WORLD[1],
        people=lambda p: {PersonId(str(handle)) for handle in p.authors},
        names=names,
        may_leave=may_leave,
    )
    tools = Tools(
        lambda _: AgglomerativeClusterer(),
        KeyphraseLabeller(),
        lambda: f"id{next(numbers)}",
        writer,
        summaries=summaries,
    )
    return themes.build(material, tools, last=last, built_at=BUILT, edits=edits)


def test_a_theme_is_named_once_and_what_was_seen_is_kept() -> None:
    writer = Writer(["One", "Two", "Three", "Four"])
    made = build(writer)
    assert {t.label for t in made.themes} == {"One", "Two", "Three", "Four"}
    seen = {tuple(p.id for p in passages) for _, passages in writer.saw}
    assert {t.written.saw for t in made.themes if t.written} == seen
    again = build(writer, last=made)
    assert len(writer.saw) == 4
    assert [(t.label, t.written) for t in again.themes] == [(t.label, t.written) for t in made.themes]


@pytest.mark.parametrize("answers", [[None], ["The same"]])
def test_no_answer_and_a_name_that_is_taken_leave_the_plain_name(answers: list[str | None]) -> None:
    made = build(Writer(answers))
    plain = build(None)
    assert sum(t.written is None for t in made.themes) >= 3
    assert {t.label for t in made.themes if t.written is None} <= {t.label for t in plain.themes}


def test_what_a_person_said_stands_and_is_not_marked() -> None:
    made = build(Writer(["One", "Two", "Three", "Four"]))
    edit = ThemeEdit(1, BUILT, "ana", "rename", made.themes[0].id, {"label": "Mine"})
    writer = Writer([None])
    named = next(t for t in build(writer, last=made, edits=[edit]).themes if t.id == made.themes[0].id)
    assert (named.label, named.written) == ("Mine", None)
    assert writer.saw == []


def test_a_plain_name_is_written_when_a_writer_comes() -> None:
    made = build(None)
    after = build(Writer(["One", "Two", "Three", "Four"]), last=made)
    assert {t.label for t in after.themes} == {"One", "Two", "Three", "Four"}
    kept = build(Writer([None]), last=made)
    assert {t.id: t.label for t in kept.themes} == {t.id: t.label for t in made.themes}


def test_reflections_do_not_leave_nor_do_their_words() -> None:
    mixed = [
        replace(p, kind=Kind.REFLECTION, text=f"{p.text} confidentially") if n % 2 else p
        for n, p in enumerate(WORLD[0])
    ]
    writer = Writer([None])
    build(writer, passages=mixed)
    assert writer.saw
    for phrases, passages in writer.saw:
        assert all(p.kind is not Kind.REFLECTION for p in passages)
        assert not any("confidential" in phrase for phrase in phrases)
    alone = Writer(["One"])
    build(alone, passages=[replace(p, kind=Kind.REFLECTION) for p in WORLD[0]])
    assert alone.saw == []
    assert alone.summed == []


# ── summaries ────────────────────────────────────────────────────────────────────────────────────

NAMED = ["One", "Two", "Three", "Four"]
SUMMED: list[str | None] = [f"All of it is about {name}." for name in NAMED]


def summed(**how: Any) -> tuple[Writer, ThemeMap]:
    writer = Writer(list(NAMED), list(SUMMED))
    return writer, build(writer, summaries=True, **how)


def test_a_theme_is_summed_up_once_and_what_was_seen_is_kept() -> None:
    writer, made = summed()
    assert [label for label, _ in writer.summed] == NAMED
    seen = {f"All of it is about {label}.": tuple(p.id for p in passages) for label, passages in writer.summed}
    assert {t.summary.text: t.summary.saw for t in made.themes if t.summary} == seen
    assert {t.summary and t.summary.documents for t in made.themes} == {12}
    again, same = summed(last=made)
    assert again.summed == []
    assert [t.summary for t in same.themes] == [t.summary for t in made.themes]
    assert [t.summary for t in build(None, last=made).themes] == [t.summary for t in made.themes]


def test_nothing_is_summed_up_unless_asked() -> None:
    writer = Writer(list(NAMED), list(SUMMED))
    made = build(writer)
    assert writer.summed == []
    assert {t.summary for t in made.themes} == {None}
    assert SILENT not in made.settings


def test_what_was_not_answered_is_counted_and_asked_for_again() -> None:
    made = build(Writer([None], [None]), summaries=True)
    assert (made.settings[PLAIN], made.settings[SILENT]) == ("4", "4")
    assert {t.label for t in made.themes} == {t.label for t in build(None).themes}
    _, after = summed(last=made)
    assert (after.settings[PLAIN], after.settings[SILENT]) == ("0", "0")
    assert all(t.summary and t.written for t in after.themes)


def test_a_plain_name_does_not_leave() -> None:
    writer = Writer([None], list(SUMMED))
    build(writer, summaries=True)
    assert {label for label, _ in writer.summed} == {""}


def test_a_theme_that_has_outgrown_its_summary_is_summed_up_anew() -> None:
    few = [p for n, p in enumerate(WORLD[0]) if n % 3 == 0]
    _, made = summed(passages=few)
    writer, after = summed(last=made)
    assert {t.size for t in made.themes} == {4}
    living = [t for t in after.themes if t.id in {was.id for was in made.themes}]
    assert living
    assert all(t.summary and t.summary.documents == t.size == 12 for t in living)
    assert len(writer.summed) == len(after.themes)


def test_a_sentence_that_names_somebody_is_left_out() -> None:
    writer = Writer(["Ada Alder boats", *NAMED[1:]], ["Boats are read. ada  alder reads them."])
    made = build(writer, summaries=True, names=["Ada Alder"])
    assert {t.summary and t.summary.text for t in made.themes} == {"Boats are read."}
    assert sorted(t.label for t in made.themes if t.written) == sorted(NAMED[1:])


def test_what_a_machine_wrote_from_a_passage_that_is_gone_goes() -> None:
    _, made = summed()
    theme = made.themes[0]
    assert theme.summary is not None
    left = [p for p in WORLD[0] if p.id != theme.summary.saw[0]]
    found = {t.id: t for t in build(None, passages=left, last=made).themes}
    after = found[theme.id]
    assert (after.written, after.summary) == (None, None)
    assert after.label == theme.plain
    others = [t for t in made.themes if t.id != theme.id]
    assert [(found[t.id].label, found[t.id].summary) for t in others] == [(t.label, t.summary) for t in others]


def test_a_reflection_that_may_no_longer_leave_takes_back_what_was_written() -> None:
    thoughts = [replace(p, kind=Kind.REFLECTION) for p in WORLD[0]]
    _, made = summed(passages=thoughts, may_leave=lambda _: True)
    assert all(t.summary and t.written for t in made.themes)
    after = build(None, passages=thoughts, last=made)
    assert {(t.written, t.summary) for t in after.themes} == {(None, None)}
    assert {t.label for t in after.themes} == {t.plain for t in made.themes}
