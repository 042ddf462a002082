"""Themes in a language that the model does not speak: by their words, with names in that language."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np

from make import day, passage
from sensemake.clusterers.agglomerative import AgglomerativeClusterer
from sensemake.embedders import lsa
from sensemake.jobs import themes
from sensemake.jobs.theme_draft import Material
from sensemake.jobs.theme_names import Tools
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Passage, SiloName
from sensemake.testing.clusterer import blobs
from sensemake.workspace import unspoken

SAUNA = (
    "Saunan kiuas lämmitetään koivuhaloilla ja löylyä heitetään vasta kun kivet ovat kuumat",
    "Kiukaan kivet vaihdetaan keväällä, jotta saunan löyly pysyy pehmeänä",
    "Rantasaunan kiuas savuttaa, joten löylyä ei heitetä ennen kuin hormi on nuohottu",
    "Yhteinen sauna varataan listasta ja kiuas sammutetaan viimeisen löylyn jälkeen",
    "Uusi kiuas tarvitsee enemmän kiviä, ja saunan löyly on siksi kosteampi",
    "Löylyä varten saunan ämpäri täytetään ja kiukaan luukku suljetaan",
)
SKIING = (
    "Hiihtoladut ajetaan aamulla ja sukset voidellaan pakkasen mukaan",
    "Suksien voitelu epäonnistui, koska ladut olivat jäisiä",
    "Hiihtokoulun lapset saavat sukset lainaksi ja kiertävät lyhyen ladun",
    "Ladun varrella on levähdyspaikka, jossa sukset nojataan telineeseen",
    "Pitkä latu valaistaan illalla, ja sukset kannattaa voidella uudelleen",
    "Latukone rikkoutui, eikä sukset jalassa päässyt mäen yli, kun ladut olivat ummessa",
)
BERRIES = (
    "Mustikat poimitaan elokuussa ja marjat pakastetaan samana iltana",
    "Marjoja riittää suon laidalla, mutta mustikat ovat vielä raakoja",
    "Talkoissa poimitaan mustikoita ämpäreihin ja puhdistetaan marjat koneella",
    "Mustikat myydään torilla, ja ylimääräiset marjat keitetään hilloksi",
    "Hyvänä marjavuonna mustikoita poimitaan kaksi ämpärillistä päivässä",
    "Poimitut marjat punnitaan ja mustikat jaetaan tasan",
)


def finnish() -> list[Passage]:
    texts = [(n, text) for n, text in enumerate(SAUNA + SKIING + BERRIES)]
    return [replace(passage(100 + n, text, on=n), language="fi", title="") for n, text in texts]


def english() -> tuple[list[Passage], np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    vectors, truth = blobs(2, 10)
    named = ("life jackets on boats", "copper mesh wipers")
    made = [replace(passage(n, f"Note {n} on {named[t]}", on=n), language="en") for n, t in enumerate(truth)]
    return made, np.asarray(vectors, np.float32)


def test_texts_of_one_subject_are_nearer_by_their_stems() -> None:
    rows = lsa.vectors([(p.embedded, "fi") for p in finnish()])
    near = (rows @ rows.T)[~np.eye(18, dtype=bool)].reshape(18, 17)
    same = (np.repeat(np.arange(3), 6)[:, None] == np.repeat(np.arange(3), 6))[~np.eye(18, dtype=bool)].reshape(18, 17)
    assert near[same].mean() > 5 * max(near[~same].mean(), 0.01)
    assert np.array_equal(rows, lsa.vectors([(p.embedded, "fi") for p in finnish()]))


def test_texts_that_share_no_word_are_nowhere() -> None:
    assert not lsa.vectors([("yksi", "fi"), ("kaksi", "fi")]).any()
    assert lsa.vectors([]).shape[0] == 0


def test_only_a_language_with_enough_to_say_is_taken_out_of_the_model() -> None:
    some = [*english()[0], *finnish()]
    assert unspoken.languages(some, "bundled") == {"fi"}
    assert unspoken.languages(some, "bundled:int8") == unspoken.languages(some, "bundled:fp32") == {"fi"}
    assert unspoken.languages(some[:-10], "bundled") == frozenset()
    assert unspoken.languages(some, "a model of their own") == frozenset()


def test_each_language_has_its_own_themes_with_names_in_it() -> None:
    ours, rows = english()
    theirs = finnish()
    # What a model makes of a language that it does not speak: all much alike, and like nothing it knows.
    blur = np.random.default_rng(1).standard_normal((18, rows.shape[1])) * 0.05 + rows.mean(axis=0)
    vectors = dict(zip([p.key for p in [*ours, *theirs]], np.vstack([rows, blur]).astype(np.float32), strict=True))
    numbers = count()
    found = themes.build(
        Material(
            silos=frozenset({SiloName("handbook")}),
            state="1",
            model="m",
            passages=[*ours, *theirs],
            vectors=unspoken.joined([*ours, *theirs], vectors, {"fi"}),
            people=lambda _: (),
        ),
        Tools(lambda _: AgglomerativeClusterer(), KeyphraseLabeller(), lambda: f"t{next(numbers)}"),
        last=None,
        built_at=day(1),
    )
    of = {m.passage: t.id for t in found.themes for m in t.members}
    for subject in range(3):
        homes = [of[p.id] for p in theirs[6 * subject : 6 * subject + 6] if p.id in of]
        assert len(homes) >= 4
        assert len(set(homes)) == 1
    assert not {of.get(p.id) for p in theirs} & {of[p.id] for p in ours if p.id in of}
    labels = " ".join(t.label for t in found.themes).casefold()
    assert all(
        any(word in labels for word in words) for words in (("löyly", "kiu"), ("suks", "lad"), ("mustik", "marj"))
    )
    assert not {" ja ", " on ", " and "} & {f" {word} " for word in labels.split()}
