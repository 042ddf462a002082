"""Words that name people where a speaker or an author stands, and words that do not though they once stand there."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules.bylines import name_words


@pytest.mark.parametrize(
    "text",
    [
        "Attendees:\n- Mira Holm, Lake Works\n- Tomas Ek (remote)\n\nAgenda:\n- The pumps",
        "Host: Mira Holm\nNote taker: Tomas Ek\nThe pumps are late.",
        "# Participants\n\nMira Holm\n\nTomas Ek\n\n# Pumps\nThey are late.",
        "Authors: Mira Holm and Tomas Ek",
        "Anwesend: Mira Holm, Tomas Ek",
        "Présents : Mira Holm et Tomas Ek",
        "The pumps are late\n\nSigned-off-by: Mira Holm <m@lake.example>\nReviewed-by: Tomas Ek <t@lake.example>",
        "Thanks to Mira Holm <m@lake.example> for it, and Tomas Ek (t@lake.example) for more.",
        "- [Mira Holm] the pumps are late\n- [Tomas Ek] they are",
    ],
)
def test_who_stands_where_a_speaker_or_an_author_stands_is_a_name(text: str) -> None:
    assert {"Mira", "Holm", "Tomas", "Ek"} <= name_words([text])
    assert not {"pumps", "Pumps", "late", "Lake", "Agenda", "Works"} & name_words([text])


def test_a_handle_is_a_name_and_a_part_of_an_address_a_team_a_bot_or_code_is_none() -> None:
    found = name_words(["thanks @miraholm, ask @tek.", "who? (@ottolind)"])
    assert found == {"miraholm", "tek", "ottolind"}
    others = "write to help@pumps.example, @lake/pumps, @pumps_bot\n@dataclass\nclass Pump:\n@retry(3)\n`@wiper`"
    assert name_words([others]) == set()


def test_a_row_with_some_known_names_holds_names() -> None:
    row = "Mira Holm\nTomas Ek, Lake Works\n- Otto Lind"
    assert name_words([row]) == set()
    assert {"Tomas", "Otto", "Lind"} <= name_words([row], known={"Mira Holm"})
    assert name_words(["Copper Mesh\nAlert Budget\nLife Jackets"], known={"Mira Holm"}) == set()


def test_a_product_that_is_once_listed_with_people_stays_what_it_is() -> None:
    texts = [
        "Owners: Mira Holm, Heron",
        "Heron reads the tide.",
        "We updated Heron twice.",
        "@tide is who I asked",
        "the tide",
    ]
    assert name_words(texts) == {"Mira", "Holm"}


def test_short_words_in_capitals_are_no_names() -> None:
    assert name_words(["Host: TBD\nAttendees: Mira Holm, IT"]) == {"Mira", "Holm"}


WORDS = ["the", "Pumps", "run", "by", "Mira", "tide", "Lake", "from", "Host", ":", "-", "@", "\n", "[", "]", ","]


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), max_size=6), st.randoms(use_true_random=False)
)
def test_the_order_of_texts_changes_nothing_and_only_their_words_are_taken(
    texts: list[str], shuffler: random.Random
) -> None:
    found = name_words(texts)
    assert name_words(shuffler.sample(texts, len(texts))) == found
    assert found <= {word for text in texts for word in text.split()}


@given(st.lists(st.text(alphabet="abcäß éμ .,", max_size=80), max_size=5))
def test_prose_in_small_letters_names_nobody(texts: list[str]) -> None:
    assert name_words(texts) == set()
