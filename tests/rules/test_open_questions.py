"""What is a question that somebody else could answer, and which of them nobody answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import DAY_ZERO, conversation, document
from sensemake.model import Document, Handle, Kind, Part, Role
from sensemake.rules import asking, open_questions
from sensemake.rules.open_questions import Heard

QUESTION = "Who cleans the wiper of the optical probe in winter?"


@pytest.mark.parametrize(
    "sentence",
    [
        QUESTION,
        "hi all, does anybody know where the gateway logs are kept?",
        "The gauge at the mill reads too high, how do we calibrate the sensor?",
        "Weet iemand waar de sleutel van de boot ligt?",
        "Wer reinigt im Winter die optische Sonde?",
        "Quelqu'un sait où se trouve la clé du bateau?",
        "Vem rengör den optiska sonden på vintern?",
        "誰が冬に光学プローブを掃除しますか？",
    ],
)
def test_a_question_that_others_can_answer(sentence: str) -> None:
    assert asking.is_question(sentence)
    assert asking.question_in(f"Good news about the weir.\n{sentence} I looked at the wiki.") == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "How are you all doing today?",
        "The wiper of the optical probe is clean, right?",
        "Isn't the wiper of the optical probe clean by now?",
        "Can somebody please clean the wiper of the probe?",
        "Could you review the page about the optical probe?",
        "Was it cleaned by them?",
        "Why not?",
        'She asked "who cleans the wiper of the probe?"',
        "> Who cleans the wiper of the optical probe in winter?",
        "`who --cleans the wiper of the optical probe?`",
        "See https://wiki.example/who?cleans=the&wiper=of&probe=1",
        "Have you ever wondered who cleans the optical probe?",
        "📣 Who cleans the wiper of the optical probe in winter?",
        "Who cleans the wiper of the optical probe in winter.",
    ],
)
def test_what_only_looks_like_one(sentence: str) -> None:
    assert asking.question_in(sentence) is None


@given(st.text(max_size=300))
def test_a_question_stands_in_its_message_word_for_word(text: str) -> None:
    found = asking.question_in(text)
    assert found is None or (found in text and "\n" not in found)
    assert asking.question_in(f"```\n{text.replace('`', '')}\n```") is None


def chat(*turns: tuple[str, str, float], uri: str = "slack:T/C/1", channel: str = "field") -> Document:
    """Turns are (user, text, days after the first day)."""
    parts = tuple(
        Part(text, Handle("slack", user), time=DAY_ZERO + timedelta(days=at), locator=f"ts={at}")
        for user, text, at in turns
    )
    return replace(conversation([], uri), parts=parts, time=parts[-1].time, facets={"channel": channel})


LATE = chat(("U9", "The weir is closed tomorrow for the painters.", 300), uri="slack:T/C/9", channel="news")
ASKED = chat(("U1", QUESTION, 0))


def left_open(asked: Document, *others: Document) -> str | None:
    found = open_questions.open_in(asked, Heard([asked, *others, LATE]))
    return found.text if found else None


def test_a_question_at_the_end_of_a_conversation_is_open() -> None:
    assert left_open(ASKED) == QUESTION
    assert left_open(chat(("U2", "The probe is wet.", -0.1), ("U1", QUESTION, 0))) == QUESTION
    assert left_open(chat(("U1", QUESTION, 0), ("U1", "https://wiki.example/probe", 0.001))) == QUESTION


@pytest.mark.parametrize(
    "turns",
    [
        [("U2", "Nele does.", 0.1)],
        [("U2", "me too", 0.1)],
        [("U1", "Never mind, it is in the wiki.", 0.1)],
        [("U1", "I guess it is the same as in summer.", 0.1)],
    ],
)
def test_whoever_speaks_after_it_closes_it(turns: Sequence[tuple[str, str, float]]) -> None:
    assert left_open(chat(("U1", QUESTION, 0), *turns)) is None


@pytest.mark.parametrize(
    ("turn", "is_open"),
    [
        (("U2", "Nele does.", 0.5), False),
        (("U2", "That is Nele's work.", 3), False),
        (("U2", "Hello all, a new boat has come.", 3), True),
        (("U2", "Yes, Nele.", 60), False),
        (("U2", "In winter nobody cleans it.", 60), False),
        (("U2", "A new boat has come.", 60), True),
        (("U1", "Found it.", 60), False),
        (("U2", "That is Nele's work.", 200), True),
    ],
)
def test_so_does_an_answer_in_a_later_conversation_of_the_channel(turn: tuple[str, str, float], is_open: bool) -> None:  # noqa: FBT001
    later = chat(turn, uri="slack:T/C/2")
    assert (left_open(ASKED, later) is not None) == is_open
    assert left_open(ASKED, replace(later, facets={"channel": "boats"})) == QUESTION


def test_a_mention_of_whoever_asked_answers_them() -> None:
    later = chat(("U2", "A new boat has come.", 60), uri="slack:T/C/2")
    (part,) = later.parts
    assert left_open(ASKED, replace(later, parts=(replace(part, mentions=(Handle("slack", "U1"),)),))) is None


def test_what_was_asked_only_just_now_still_waits() -> None:
    assert open_questions.open_in(ASKED, Heard([ASKED])) is None
    assert open_questions.open_in(ASKED, Heard([ASKED, LATE])) is not None


def test_an_account_that_passes_on_is_as_many_people_as_it_names() -> None:
    bridge = chat(("U1", f"<ada> {QUESTION}", 0), ("U1", "<bo> Nele does.", 0.1))
    assert left_open(bridge) is None
    assert left_open(chat(("U1", f"<ada> {QUESTION}", 0))) == QUESTION


def test_a_bot_asks_nothing() -> None:
    (part,) = ASKED.parts
    assert left_open(replace(ASKED, parts=(replace(part, author=None),))) is None


def test_a_page_asks_only_when_it_is_a_question() -> None:
    page = document("Since May.", kind=Kind.QUESTION, title="Who has the key?")
    assert left_open(page) == "Who has the key?"
    assert left_open(replace(page, parts=(*page.parts, Part("Bo.", role=Role.ANSWERED)))) is None
    assert left_open(document(QUESTION)) is None


def test_a_question_keeps_its_id_when_its_conversation_grows() -> None:
    grown = chat(("U2", "The probe is wet.", -0.1), ("U1", QUESTION, 0))
    first, again = (open_questions.open_in(d) for d in (ASKED, grown))
    assert first is not None
    assert again is not None
    assert first.id_in(ASKED) == again.id_in(grown)
    assert first.id_in(ASKED) != first.id_in(replace(ASKED, uri="slack:T/C/2"))
