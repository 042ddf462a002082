"""What came since a map was made, put into its themes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from test_making_themes import build, world

from make import passage
from sensemake.jobs import theme_placing


def test_a_new_passage_goes_to_the_theme_it_is_like_and_one_that_is_gone_leaves() -> None:
    passages, vectors = world(12)
    first = build(passages, vectors)
    theme = first.themes[0]
    of = next(p for p in passages if p.id == theme.members[0].passage)
    new, odd = passage(900, "like it"), passage(901, "like nothing")
    there = {new.key: vectors[of.key], odd.key: -np.sum(list(vectors.values()), axis=0).astype(np.float32)}
    there[odd.key] /= np.linalg.norm(there[odd.key])
    found = theme_placing.placed(first, [new, odd], {of.id}, there)
    after = next(t for t in found.themes if t.id == theme.id)
    assert new.id in {m.passage for m in after.members}
    assert of.id not in {m.passage for m in after.members}
    assert odd.id not in {m.passage for t in found.themes for m in t.members}
    assert found.settings["placed"] == "1"
    assert found.loose == first.loose + 1
    assert [t.id for t in found.themes] == [t.id for t in first.themes]


def test_nothing_new_changes_nothing() -> None:
    passages, vectors = world(12)
    first = build(passages, vectors)
    assert theme_placing.placed(first, passages, (), vectors) == first
    old = replace(first, middle=())
    assert theme_placing.placed(old, [passage(900, "x")], (), vectors).themes == first.themes
