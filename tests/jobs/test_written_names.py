"""Names that a language model wrote: when it is asked, what it may see, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from test_making_themes import BUILT, world

from sensemake.clusterers.agglomerative import AgglomerativeClusterer
from sensemake.jobs import themes
from sensemake.jobs.themes import Material, Tools
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Kind, Passage, PersonId, SiloName, ThemeMap
from sensemake.protocols import ThemeEdit

WORLD = world(12)


@dataclass
class Writer:
    """Gives its answers in turn, and keeps what it saw."""

    answers: list[str | None]
    saw: list[tuple[tuple[str, ...], tuple[Passage, ...]]] = field(default_factory=list)
    name: str = "small"

    def write(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str | None:
        self.saw.append((tuple(keyphrases), tuple(passages)))
        return self.answers[(len(self.saw) - 1) % len(self.answers)]


def build(
    writer: Writer | None,
    *,
    passages: Sequence[Passage] = WORLD[0],
    last: ThemeMap | None = None,
    edits: Sequence[ThemeEdit] = (),
) -> ThemeMap:
    numbers = count(0 if last is None else 1_000)
    material = Material(
        silos=frozenset({SiloName("handbook")}),
        state="1",
        model="blobs",
        passages=passages,
        vectors=WORLD[1],
        people=lambda p: {PersonId(str(handle)) for handle in p.authors},
    )
    tools = Tools(lambda _: AgglomerativeClusterer(), KeyphraseLabeller(), lambda: f"id{next(numbers)}", writer)
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
