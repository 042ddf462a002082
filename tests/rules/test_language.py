"""Telling languages apart: of passages surely or not at all, of questions among those that are there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules.language import detect, likely

SAID = {
    "en": "The probe hangs too deep, so it misses the algae that float near the surface.",
    "de": "Die Sonde hängt zu tief, deshalb sieht sie die Algen an der Oberfläche nicht.",
    "fr": "La sonde est trop profonde et ne voit pas les algues qui flottent à la surface.",
    "nl": "De sonde hangt te diep en mist daardoor de algen die aan het oppervlak drijven.",
}


@pytest.mark.parametrize("code", SAID)
def test_a_sentence_is_told(code: str) -> None:
    assert detect(SAID[code]) == code


@pytest.mark.parametrize("text", ["", "ok thanks", "v1.21 2026-01-02 12:30", "\ud800" * 40, "- " * 400])
def test_what_cannot_be_told_is_not(text: str) -> None:
    assert detect(text) is None


@given(st.text(max_size=300))
@settings(max_examples=50)
def test_any_text_is_taken(text: str) -> None:
    code = detect(text)
    assert code is None or (code.isascii() and code.islower())


def test_a_question_is_in_a_language_that_is_there() -> None:
    assert likely("Wie tief hängt die Sonde?", {"en", "de"})[0] == "de"
    assert likely("how deep is the probe", {"en", "de"})[0] == "en"
    assert likely("Sonde", {"de"}) == ("de",)
    assert likely("Sonde", set()) == ()
    assert likely("Sonde", {"qx", "qy"}) == ("qx", "qy"), "codes that nobody knows are all possible"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("why did the gateways drop out at night", ("en",)),
        ("wie lange hält der Wischer und was kostet er", ("de",)),
        ("wat hebben we van de storing geleerd en wie weet er meer", ("nl",)),
    ],
)
def test_small_words_tell_the_language_of_a_question(text: str, told: tuple[str, ...]) -> None:
    assert likely(text, ["de", "en", "nl"]) == told
