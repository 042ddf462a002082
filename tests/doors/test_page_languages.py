"""The page speaks five languages: every sentence in each, with the same places, and the one that the browser wants."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from fake_workspace import FakeWorkspace
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from sensemake.api.app import create_app
from sensemake.api.speaking import dictionaries, speaker

PLACE = re.compile(r"\{\w+\}")


def test_every_language_has_every_sentence_with_the_same_places() -> None:
    assert set(dictionaries()) == {"en", "nl", "de", "fr", "sv"}
    english = {key: sorted(PLACE.findall(said)) for key, said in dictionaries()["en"].items()}
    for language, words in dictionaries().items():
        assert {key: sorted(PLACE.findall(said)) for key, said in words.items()} == english, language
        assert all(words.values()), language


def test_every_sentence_is_said_somewhere_and_none_is_missing() -> None:
    package = files("sensemake")
    places = [
        package.joinpath("widget", "page"),
        package.joinpath("api", "templates"),
        package.joinpath("api", "routes"),
    ]
    sources = [each for place in places for each in place.iterdir() if each.name.endswith((".js", ".html", ".py"))]
    text = "\n".join(each.read_text(encoding="utf-8") for each in sources)
    keys = set(dictionaries()["en"])
    said = set(re.findall(r"""\bsay\(\s*"([\w.]+)\"""", text))
    assert said <= keys
    counted = {f"{key}.{form}" for key in re.findall(r'\bcount\("(\w+)"', text) for form in ("one", "other")}
    assert counted <= keys
    by_name = re.compile(r"(status|template)\.|(strong|medium|weak)(Evidence)?$|by(Meaning|Words)$")
    assert {key for key in keys - said - counted if not by_name.match(key)} == set()


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fi, sv;q=0.5, en;q=0.4", "sv"),
        ("en;q=0.2, fr;q=0.7", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("pt-BR, *;q=0.5", "en"),
        ("fr;q=much, nl", "nl"),
    ],
)
def test_the_most_wanted_language_that_we_speak(accepted: str, code: str) -> None:
    assert speaker(accepted).code == code


@given(st.text(max_size=60))
def test_any_header_has_a_language(header: str) -> None:
    assert speaker(header).code in dictionaries()


def test_the_page_is_made_in_it() -> None:
    with TestClient(create_app(FakeWorkspace()), "http://127.0.0.1:8765") as http:  # type: ignore[arg-type]
        page = http.get("/", headers={"Accept-Language": "nl-BE, en;q=0.5"})
        assert '<html lang="nl">' in page.text
        assert "Wat wil je weten?" in page.text
        assert 'href="/api/v1/reports?format=html&amp;language=nl"' in page.text
        assert "Accept-Language" in page.headers["vary"]
        found = http.post("/", data={"query": "wipers"}, headers={"Accept-Language": "de"})
        assert re.search(r"gefunden nach (Bedeutung|Wörtern) \(Nr\. \d+\)", found.text)
        asked = http.post("/", data={"query": " "}, headers={"Accept-Language": "fr"})
        assert "Posez une question de 1 à 1 000 caractères." in asked.text
        framed = http.get("/embed?lang=sv")
        assert 'ett skript här; <a href="/" target="_blank">söksidan</a> gör det inte' in framed.text
