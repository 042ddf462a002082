"""Themes, from passages to a dated map: through the job, with the built-in clusterer and labeller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from make import day, passage
from sensemake.clusterers.agglomerative import AgglomerativeClusterer
from sensemake.clusterers.louvain import LouvainClusterer
from sensemake.jobs import themes
from sensemake.jobs.theme_draft import Material
from sensemake.jobs.theme_names import Tools
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Kind, Passage, PersonId, Role, SiloName, Status, TextKey, ThemeMap, Vector, Vectors
from sensemake.protocols import Clusterer, Clustering, ThemeEdit
from sensemake.testing.clusterer import blobs, noise

SUBJECTS = [
    "blue-green algae in the lake",
    "life jackets on every boat",
    "the alert budget at night",
    "copper mesh wipers",
]
BUILT = day(200)


def world(
    each: int = 8, *, subjects: int = 4, kind: Kind = Kind.PAGE, by: Callable[[int], str] = lambda n: f"user:u{n}"
) -> tuple[list[Passage], dict[TextKey, Vector]]:
    """A document of one passage for each vector of a blob."""
    vectors, truth = blobs(subjects, each)
    made = [
        passage(n, f"Note {n} about {SUBJECTS[subject]}", by=[(by(n), Role.WROTE)], kind=kind, on=n)
        for n, subject in enumerate(truth)
    ]
    return made, {p.key: v for p, v in zip(made, vectors, strict=True)}


def build(
    passages: Sequence[Passage],
    vectors: dict[TextKey, Vector],
    *,
    last: ThemeMap | None = None,
    state: str = "1",
    edits: Sequence[ThemeEdit] = (),
    names: Sequence[str] = (),
    built_at: datetime = BUILT,
    clusterer: Clusterer | None = None,
) -> ThemeMap:
    numbers = count(0 if last is None else 1000 + 1000 * int(last.id.removeprefix("id")))
    material = Material(
        silos=frozenset({SiloName("handbook")}),
        state=state,
        model="blobs",
        passages=passages,
        vectors=vectors,
        people=lambda p: {PersonId(str(handle)) for handle in p.authors},
        names=names,
    )
    tools = Tools(lambda _: clusterer or AgglomerativeClusterer(), KeyphraseLabeller(), lambda: f"id{next(numbers)}")
    return themes.build(material, tools, last=last, built_at=built_at, edits=edits)


def labels(themes_map: ThemeMap) -> set[str]:
    return {theme.label for theme in themes_map.themes}


def test_what_documents_share_becomes_a_theme_with_a_name() -> None:
    made = build(*world())
    assert len(made.themes) == 4
    assert labels(made) == {"Blue-green algae", "Life jackets", "Alert budget", "Copper mesh wipers"}
    assert {theme.size for theme in made.themes} == {8}
    assert {theme.people for theme in made.themes} == {8}
    assert made.loose == 0
    assert made.settings["model"] == "blobs"


def test_no_passages_make_an_empty_map() -> None:
    made = build([], {})
    assert (made.themes, made.loose, made.outlier_ratio, made.stability) == ((), 0, 0.0, None)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 20, 60, 100])
def test_shapeless_passages_are_loose(size: int) -> None:
    made = [passage(n, f"words {n}") for n in range(size)]
    found = build(made, {p.key: v for p, v in zip(made, noise(size), strict=True)})
    assert found.themes == ()
    assert found.loose == size


def test_much_talk_about_nothing_does_not_hide_what_pages_are_about() -> None:
    pages, vectors = world()
    # So much that all together show no groups, as in a corpus that is mostly chat.
    talk = [passage(100 + n, f"words {n}", kind=Kind.CONVERSATION) for n in range(400)]
    vectors |= {p.key: v for p, v in zip(talk, noise(400), strict=True)}
    found = build([*pages, *talk], vectors)
    assert labels(found) == {"Blue-green algae", "Life jackets", "Alert budget", "Copper mesh wipers"}
    assert found.settings["talk"] == "joined"
    assert found.loose >= 300
    assert not build(talk, vectors).themes
    assert "talk" not in build(pages, vectors).settings


def chat(*, mixed: bool) -> tuple[list[Passage], dict[TextKey, Vector]]:
    """Conversations so near to each other that vectors alone do not tell their groups from chance; `mixed`, with
    everybody's words."""
    random = np.random.default_rng(5)
    vectors, truth = blobs(6, 60, spread=3.0)
    own = [[f"{head}{tail}" for tail in ("light", "stone", "wind", "gate", "marsh")] for head in "lmnprs"]
    every = [word for words in own for word in words]
    made = [
        passage(
            n,
            " ".join([*random.choice(every if mixed else own[subject], 3), *random.choice(every, 1)]),
            kind=Kind.CONVERSATION,
        )
        for n, subject in enumerate(truth)
    ]
    return made, {p.key: v for p, v in zip(made, vectors, strict=True)}


def test_talk_alone_has_the_themes_that_its_words_speak_for() -> None:
    found = build(*chat(mixed=False), clusterer=LouvainClusterer())
    assert 3 <= len(found.themes) <= 6
    assert found.settings["talk"] == "by words"


def test_talk_of_mixed_words_has_none() -> None:
    found = build(*chat(mixed=True), clusterer=LouvainClusterer())
    assert found.themes == ()
    assert "talk" not in found.settings


def test_groups_little_beyond_chance_go_when_their_words_gainsay_them() -> None:
    for mixed, there in ((True, False), (False, True)):
        made, _ = chat(mixed=mixed)
        vectors, _ = blobs(6, 60, spread=2.5)
        found = build(made, {p.key: v for p, v in zip(made, vectors, strict=True)}, clusterer=LouvainClusterer())
        assert bool(found.themes) == there


def test_a_passage_without_a_vector_is_loose() -> None:
    passages, vectors = world()
    del vectors[passages[0].key]
    found = build(passages, vectors)
    assert found.loose == 1
    assert found.outlier_ratio == pytest.approx(1 / 32, abs=1e-4)


def test_many_passages_of_two_documents_are_no_theme() -> None:
    passages, vectors = world(24)
    long = [replace(p, document=passages[n % 2].document, ordinal=n) if n < 24 else p for n, p in enumerate(passages)]
    assert len(build(passages, vectors).themes) == 4
    assert len(build(long, vectors).themes) == 3


def test_a_long_document_may_be_in_several_themes() -> None:
    passages, vectors = world()
    heads = {first + n: 2 * first + n for first in (0, 8, 16, 24) for n in range(4)}
    mixed = [
        replace(p, document=passages[0].document, ordinal=heads[n]) if n in heads else p for n, p in enumerate(passages)
    ]
    found = build(mixed, vectors)
    assert sum(passages[0].document in theme.documents for theme in found.themes) >= 2


def test_a_theme_of_reflections_by_four_people_is_not_shown() -> None:
    few = world(kind=Kind.REFLECTION, by=lambda n: f"user:u{n % 4}")
    assert build(*few).themes == ()
    assert build(*few).loose == 32
    five = world(kind=Kind.REFLECTION, by=lambda n: f"user:u{n % 5}")
    assert len(build(*five).themes) == 4


def test_names_of_people_are_in_no_label() -> None:
    made = build(*world(), names=["Blue-Green", "algae"])
    assert not any("algae" in label.casefold() for label in labels(made))


def test_the_order_of_passages_changes_nothing() -> None:
    passages, vectors = world()
    assert build(passages, vectors) == build(passages[::-1], dict(reversed(vectors.items())))


def test_no_clock_but_the_one_given_is_in_a_map() -> None:
    first, later = build(*world()), build(*world(), built_at=day(300))
    assert replace(later, built_at=first.built_at) == first


def test_the_next_map_keeps_ids_and_labels() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    again = build(passages, vectors, last=first, state="2")
    assert {t.id: t.label for t in again.themes} == {t.id: t.label for t in first.themes}
    assert {t.status for t in again.themes} == {Status.STEADY}
    assert again.stability == 1.0
    assert again.gone == ()


def test_building_again_at_the_same_state_keeps_how_themes_moved() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    again = build(passages, vectors, last=first, state=first.state)
    assert {t.id: t.status for t in again.themes} == {t.id: t.status for t in first.themes}
    assert {t.status for t in first.themes} != {Status.STEADY}


def test_a_new_subject_is_a_new_theme_beside_the_old() -> None:
    passages, vectors = world()
    first = build(passages[:24], vectors)
    second = build(passages, vectors, last=first, state="2")
    assert {t.id for t in first.themes} < {t.id for t in second.themes}
    assert [t.status for t in second.themes if t.id not in {f.id for f in first.themes}] == [Status.NEW]


def test_a_theme_that_left_is_gone() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    second = build(passages[8:], vectors, last=first, state="2")
    assert len(second.gone) == 1
    assert set(second.gone) | {t.id for t in second.themes} == {t.id for t in first.themes}


def test_edits_are_replayed() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    one, two, three, _ = sorted(t.id for t in first.themes)
    edits = [
        ThemeEdit(1, BUILT, "vera", "rename", one, {"label": "Safe on the water"}),
        ThemeEdit(2, BUILT, "vera", "merge", two, {"into": one}),
        ThemeEdit(3, BUILT, "vera", "hide", three, {}),
    ]
    second = build(passages, vectors, last=first, state="2", edits=edits)
    third = build(passages, vectors, last=second, state="3", edits=edits)
    for made in (themes.visible(second, edits), themes.visible(third, edits)):
        by_id = {t.id: t for t in made.themes}
        assert by_id[one].label == "Safe on the water"
        assert (by_id[one].size, by_id[one].people) == (16, 16)
        assert two not in by_id
        assert three not in by_id
        assert len(by_id) == 2
        assert made.loose == 8


def test_a_name_that_was_taken_back_is_gone() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    theme = first.themes[0]
    renamed = build(
        passages, vectors, last=first, edits=[ThemeEdit(1, BUILT, "vera", "rename", theme.id, {"label": "Mine"})]
    )
    assert "Mine" in labels(renamed)
    again = build(passages, vectors, last=renamed)
    assert {t.id: t.label for t in again.themes} == {t.id: t.label for t in first.themes}


def test_taking_back_what_moved_no_passage_groups_nothing_anew() -> None:
    passages, vectors = world(20)
    tenth = part(passages, lambda n: n % 10 != 0)
    first = build(tenth, vectors)
    one, two, *_ = sorted(t.id for t in first.themes)
    hide = ThemeEdit(1, BUILT, "vera", "hide", one, {})
    hidden = build(passages, vectors, last=first, state="2", edits=[hide])
    back = build(passages, vectors, last=hidden, state="2")
    assert back.settings["fitted"] == hidden.settings["fitted"] == "72"
    assert theme_of(back) == theme_of(hidden)
    merge = ThemeEdit(1, BUILT, "vera", "merge", two, {"into": one})
    merged = build(passages, vectors, last=back, state="2", edits=[merge])
    assert build(passages, vectors, last=merged, state="2").settings["fitted"] == "80"


def test_the_first_themes_of_all_are_told_by_their_dates_and_not_called_new() -> None:
    passages, vectors = world(20)
    few = build(passages[:4], vectors)
    assert not few.themes
    made = build(passages, vectors, last=few, state="2")
    alone = build(passages, vectors)
    assert [(t.documents, t.status) for t in made.themes] == [(t.documents, t.status) for t in alone.themes]
    assert {t.status for t in made.themes} != {Status.NEW}


def test_no_two_themes_have_one_label() -> None:
    vectors, truth = blobs(4, 8)
    same = [passage(n, "always the same words here") for n, _ in enumerate(truth)]
    same = [replace(p, text=f"{p.text} {n}") for n, p in enumerate(same)]
    made = build(same, {p.key: v for p, v in zip(same, vectors, strict=True)})
    assert len(labels(made)) == len(made.themes) == 4


def test_a_centroid_is_the_unit_mean_of_its_members() -> None:
    passages, vectors = world()
    texts = {p.id: p.key for p in passages}
    for theme in build(passages, vectors).themes:
        mean = np.mean([vectors[texts[m.passage]] for m in theme.members], axis=0)
        assert np.allclose(theme.centroid, mean / np.linalg.norm(mean), atol=1e-5)


def test_a_corpus_of_some_size_is_grouped_by_its_neighbours() -> None:
    assert themes.clusterer_name(100) == "agglomerative"
    assert themes.clusterer_name(101) == "louvain"


def test_a_split_holds_on_later_maps() -> None:
    passages, vectors = world()
    first = build(passages, vectors)
    one, two, *_ = sorted(t.id for t in first.themes)
    merge = ThemeEdit(1, BUILT, "vera", "merge", two, {"into": one})
    merged = build(passages, vectors, last=first, edits=[merge])
    whole = next(t for t in merged.themes if t.id == one)
    apart = [merge, ThemeEdit(2, BUILT, "vera", "split", one, {})]
    second = build(passages, vectors, last=merged, state="2", edits=apart)
    third = build(passages, vectors, last=second, state="3", edits=apart)
    for made in (second, third):
        halves = [t for t in made.themes if set(t.documents) <= set(whole.documents)]
        assert {t.id for t in halves} > {one}
        assert sorted(d for t in halves for d in t.documents) == sorted(whole.documents)
        assert {frozenset(t.documents) for t in halves} == {
            frozenset(t.documents) for t in first.themes if t.id in {one, two}
        }
    assert {t.id: t.label for t in second.themes} == {t.id: t.label for t in third.themes}


def part(passages: Sequence[Passage], keep: Callable[[int], bool]) -> list[Passage]:
    return [passage for number, passage in enumerate(passages) if keep(number)]


def theme_of(themes_map: ThemeMap) -> dict[str, str]:
    return {member.passage: theme.id for theme in themes_map.themes for member in theme.members}


def test_what_a_tenth_more_or_less_does_not_concern_keeps_its_theme() -> None:
    passages, vectors = world(20)
    most = part(passages, lambda n: n % 10 != 0)
    first = build(most, vectors)
    more = build(passages, vectors, last=first, state="2")
    less = build(part(most, lambda n: n % 7 != 0), vectors, last=first, state="2")
    for later in (more, less):
        before, after = theme_of(first), theme_of(later)
        assert all(after[passage] == before[passage] for passage in before.keys() & after.keys())
    assert set(theme_of(more).values()) == set(theme_of(first).values())
    assert len(theme_of(more)) >= 0.9 * len(passages)


class Told:
    """A clusterer that was told which group each text is in."""

    name = "told"

    def __init__(self, groups: Mapping[TextKey, int], vectors: Mapping[TextKey, Vector]) -> None:
        self.labels = np.array(list(groups.values()), np.int64)
        self.rows = np.array([vectors[key] for key in groups])

    def fit(self, vectors: Vectors) -> Clustering:
        labels = self.labels[(vectors @ self.rows.T).argmax(axis=1)]
        return Clustering(labels, np.ones(len(vectors)), {})


def test_what_comes_joins_the_theme_that_most_of_its_group_is_in_however_tight_that_is() -> None:
    old, vectors = world()
    far = [unit(vector) for vector in np.random.default_rng(8).standard_normal((6, len(vectors[old[0].key])))]
    new = [passage(100 + n, f"A newcomer {n}") for n in range(6)]
    near = unit(np.mean([vectors[p.key] for p in old[:8]], axis=0))
    vectors |= {p.key: unit(near + 1.0 * away).astype(np.float32) for p, away in zip(new, far, strict=True)}
    together = {p.key: 0 if p in new else n // 8 for n, p in enumerate([*old, *new])}
    apart = {p.key: 4 if p in new[:2] else group for p, group in zip([*old, *new], together.values(), strict=True)}
    first = build(old, vectors, clusterer=Told(together, vectors))
    home = theme_of(first)[old[0].id]
    for groups, joined in ((together, 6), (apart, 4)):
        later = build([*old, *new], vectors, last=first, state="2", clusterer=Told(groups, vectors))
        assert [theme_of(later).get(p.id) for p in new] == [None] * (6 - joined) + [home] * joined
        assert {p: theme_of(later)[p] for p in theme_of(first)} == theme_of(first)


def test_a_corpus_that_grew_much_is_grouped_anew() -> None:
    passages, vectors = world(20)
    first = build(part(passages, lambda n: n < 40), vectors)
    later = build(passages, vectors, last=first, state="2")
    assert later.settings["fitted"] == "80"
    assert len(later.themes) == 4
    assert {theme.id for theme in first.themes} < {theme.id for theme in later.themes}


def test_a_pinned_theme_stays_when_all_else_is_grouped_anew() -> None:
    passages, vectors = world(20)
    first = build(part(passages, lambda n: n % 20 < 8), vectors)
    one = first.themes[0]
    odd = replace(first, themes=tuple(replace(t, members=t.members[:4]) if t is one else t for t in first.themes))
    pin = ThemeEdit(1, BUILT, "owner", "pin", one.id, {})
    later = build(passages, vectors, last=odd, state="2", edits=[pin])
    assert one.id in {theme.id for theme in later.themes}
    assert {m.passage for m in odd.themes[0].members} <= {p for p, theme in theme_of(later).items() if theme == one.id}


def test_what_is_in_no_theme_is_told() -> None:
    passages, vectors = world()
    del vectors[passages[0].key]
    assert build(passages, vectors).unplaced == ()
    odd = passage(99, "nothing like it")
    found = build([*passages[1:], odd], {**vectors, odd.key: noise(1, seed=7)[0]})
    assert found.unplaced == (odd.id,)


def test_a_map_says_how_good_it_is() -> None:
    made = build(*world())
    assert float(made.settings["resampled"]) > 0.8
    assert float(made.settings["npmi"]) > 0.5
    assert float(made.settings["diversity"]) > 0.8


def many(each: int = 4) -> tuple[list[Passage], dict[TextKey, Vector]]:
    """Twenty subjects, five next to each other each time: the middle of four directions, and a step aside."""
    wide, _ = blobs(4, 1)
    random = np.random.default_rng(5)
    made, vectors = [], {}
    for subject in range(20):
        middle = wide[subject // 5] + 1.6 * unit(random.standard_normal(wide.shape[1]))
        for _ in range(each):
            p = passage(len(made), f"Note {len(made)} about subject{'abcdefghijklmnopqrst'[subject]} things")
            made.append(p)
            vectors[p.key] = unit(middle + 0.15 * unit(random.standard_normal(wide.shape[1]))).astype(np.float32)
    return made, vectors


def unit(vector: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def test_many_themes_have_broader_ones_that_keep_their_ids_and_names() -> None:
    passages, vectors = many()
    first = build(passages, vectors)
    assert len(first.themes) > 15
    assert first.levels == 2
    assert all(theme.parent in {b.id for b in first.broader} for theme in first.themes)
    for broad in first.broader:
        inside = {m.passage for t in first.themes if t.parent == broad.id for m in t.members}
        assert {m.passage for m in broad.members} == inside
    assert len({t.label for t in (*first.themes, *first.broader)}) == len(first.themes) + len(first.broader)
    named = ThemeEdit(1, BUILT, "ana", "rename", first.broader[0].id, {"label": "The whole lake"})
    again = build(passages, vectors, last=first, edits=[named])
    assert [b.id for b in again.broader] == [b.id for b in first.broader]
    assert again.broader[0].label == "The whole lake"
    assert {t.id: t.parent for t in again.themes} == {t.id: t.parent for t in first.themes}
    fewer = {t.id for t in first.themes if t.parent == first.broader[0].id}
    kept = [p for p in passages if p.id not in {m.passage for t in first.themes if t.id in fewer for m in t.members}]
    after = build(kept, vectors, last=first, state="2")
    assert {b.id for b in after.broader} <= {b.id for b in first.broader} - {first.broader[0].id}


def test_a_hidden_theme_is_in_no_broader_one() -> None:
    first = build(*many())
    gone = first.themes[0]
    shown = themes.visible(first, [ThemeEdit(1, BUILT, "ana", "hide", gone.id, {})])
    inside = {m.passage for b in shown.broader for m in b.members}
    assert not inside & {m.passage for m in gone.members}
    assert {t.parent for t in shown.themes} <= {b.id for b in shown.broader} | {None}


def test_what_lies_between_two_themes_is_told_in_both() -> None:
    passages, vectors = world(12, subjects=2)
    between = vectors[passages[0].key] + vectors[passages[12].key]
    odd = passage(99, "Note 99 about algae on life jackets")
    vectors[odd.key] = unit(1.05 * vectors[passages[0].key] + between).astype(np.float32)
    found = build([*passages, odd], vectors)
    held = [t for t in found.themes if odd.id in {m.passage for m in t.members}]
    assert len(held) <= 1
    for theme in found.themes:
        assert not {m.passage for m in theme.also} & {m.passage for m in theme.members}


def test_passages_of_long_documents_stay_in_their_themes_when_others_come() -> None:
    passages, vectors = world(24)
    # Documents of four passages, one of each subject: their sections lie between the themes.
    mixed = [
        replace(p, document=passages[n % 24].document, ordinal=n // 24) if n % 3 == 0 else p
        for n, p in enumerate(passages)
    ]
    random = np.random.default_rng(4)
    last = build(mixed, vectors)
    for month in range(3):
        new = [passage(1000 + 10 * month + n, f"Note {n} about algae") for n in range(6)]
        for p in new:
            near = vectors[passages[n_of(p) % 96].key]
            vectors[p.key] = unit(near + 0.3 * unit(random.standard_normal(len(near)))).astype(np.float32)
        mixed = [*mixed, *new]
        now = build(mixed, vectors, last=last, state=str(month + 2))
        home = {m.passage: t.id for t in now.themes for m in t.members}
        assert all(home[m.passage] == t.id for t in last.themes for m in t.members)
        last = now


def n_of(p: Passage) -> int:
    return sum(map(ord, p.text)) * 7


def test_what_a_template_asks_of_every_document_makes_no_theme() -> None:
    passages, vectors = world(12)
    asked = {"Summary": passages, "Turning it off": []}
    random = np.random.default_rng(6)
    section = unit(random.standard_normal(96))
    for n, p in enumerate(passages):
        answer = replace(passage(1000 + n, f"Answer {n}"), document=p.document, ordinal=1, headings=("Turning it off",))
        vectors[answer.key] = unit(section + 0.5 * unit(random.standard_normal(96))).astype(np.float32)
        asked["Turning it off"].append(answer)
    made = build([*passages, *asked["Turning it off"]], vectors)
    without = build(passages, vectors)
    assert {frozenset(t.documents) for t in made.themes} == {frozenset(t.documents) for t in without.themes}
    assert made.settings["template"] == "48"
    assert {p.id for p in asked["Turning it off"]} <= set(made.unplaced)
    assert made.loose == 0


def test_a_theme_does_not_grow_by_sections_that_a_heading_asks_for() -> None:
    pages, vectors = world(26)
    middle = unit(np.mean([vectors[p.key] for p in pages[:26]], axis=0))
    random = np.random.default_rng(8)

    def proposal(n: int, *, near: bool) -> list[Passage]:
        """On a subject of its own; what stands under the heading that all have lies in the first theme or does not."""
        about = passage(1000 + n, f"Proposal {n}", on=n)
        plan = replace(passage(2000 + n, f"Plan {n}", on=n), document=about.document, ordinal=1, headings=("Safety",))
        own, other = unit(random.standard_normal(96)), unit(random.standard_normal(96))
        vectors[about.key] = own.astype(np.float32)
        vectors[plan.key] = (unit(middle + 0.5 * other) if near else other).astype(np.float32)
        return [about, plan]

    old = [p for n in range(36) for p in proposal(n, near=n % 3 == 0)]
    came = [p for n in range(36, 56) for p in proposal(n, near=True)]
    there = [*pages[:12], *pages[26:], *old]
    first = build(there, vectors)
    boat = max(first.themes, key=lambda theme: sum(p.document in theme.documents for p in pages[:12]))
    second = build([*there, *came], vectors, last=first, state="2")
    (now,) = [theme for theme in second.themes if theme.id == boat.id]
    assert now.size >= boat.size + 14
    assert now.status is Status.STEADY
    third = build([*there, *pages[12:26]], vectors, last=first, state="2")
    (grown,) = [theme for theme in third.themes if theme.id == boat.id]
    assert grown.status in {Status.GROWING, Status.RETURNING}


def test_a_name_that_is_in_no_directory_is_in_no_label_and_leaves_the_one_that_holds_it() -> None:
    passages, vectors = world()
    minutes = [
        replace(p, text=f"Attendees:\n- Brita Ravn\n- Ola Storm\n\n{p.text}, Brita Ravn will see to it")
        if n < 8
        else replace(p, text=f"{p.text}, beside Copper Lake")
        for n, p in enumerate(passages)
    ]
    vectors = {p.key: vectors[was.key] for p, was in zip(minutes, passages, strict=True)}
    made = build(minutes, vectors)
    told = {word.casefold() for t in made.themes for words in (t.label, *t.keyphrases) for word in words.split()}
    assert not {"brita", "ravn", "ola", "storm"} & told
    assert "copper" in told
    called = replace(
        made, themes=tuple(replace(t, label="Brita Ravn") if n == 0 else t for n, t in enumerate(made.themes))
    )
    again = build(minutes, vectors, last=called, state="2")
    assert labels(again) == labels(made)
    assert {t.id for t in again.themes} == {t.id for t in made.themes}
