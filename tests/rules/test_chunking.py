"""Cutting loses no word and no author, whatever the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from make import conversation, document
from sensemake.model import Contribution, Handle, Kind, Role
from sensemake.rules.chunking import LONGEST, split

TEXTS = st.lists(
    st.lists(
        st.sampled_from(["word", "a", "Ünïcode", "x" * 500, "end.", "\n", "\n\n", "日本語", "- item"]), max_size=120
    ).map(" ".join),
    min_size=1,
    max_size=6,
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(TEXTS)
def test_no_word_is_lost_or_moved(texts: list[str]) -> None:
    passages = split(document(*texts))
    assert squeezed("".join(p.text for p in passages)) == squeezed("".join(texts))


@given(TEXTS)
def test_no_passage_is_too_long_or_empty_and_ids_differ(texts: list[str]) -> None:
    passages = split(document(*texts))
    assert all(len(p.text.strip()) > 0 for p in passages)
    assert all(len(p.text) <= LONGEST + 2 * 200 for p in passages)
    assert len({p.id for p in passages}) == len(passages)
    assert [p.ordinal for p in passages] == list(range(len(passages)))


@given(
    st.lists(st.tuples(st.sampled_from(["U1", "U2", "U3"]), st.text(min_size=1, max_size=400)), min_size=1, max_size=20)
)
def test_each_passage_keeps_who_said_what(turns: list[tuple[str, str]]) -> None:
    said = {user: "" for user, _ in turns}
    for p in split(conversation(turns)):
        assert {span.contribution for span in p.spans} <= set(p.contributions)
        for span in p.spans:
            said[span.contribution.handle.value] += p.text[span.start : span.end]
    for user, words in said.items():
        assert squeezed(words) == squeezed("".join(text for who, text in turns if who == user))


def test_a_message_is_never_cut_when_it_fits() -> None:
    turns = [("U1", "short question? " * 20), ("U2", "an answer " * 60), ("U1", "thanks")]
    for p in split(conversation(turns)):
        for span in p.spans:
            assert p.text[span.start : span.end] in {text.strip() for _, text in turns}


def test_sections_stay_apart_unless_they_are_short() -> None:
    long = "A sentence that says something. " * 12
    assert len(split(document(long, long))) == 2
    assert len(split(document("# Title", long))) == 1


def test_the_same_text_has_the_same_id_and_an_added_paragraph_elsewhere_does_not_change_it() -> None:
    long = "A sentence that says something. " * 12
    before = {p.text: p.id for p in split(document(long, "other " * 90))}
    after = {p.text: p.id for p in split(document(long, "changed " * 90))}
    assert before[long.strip()] == after[long.strip()]


def test_repeated_text_at_one_place_gives_different_ids() -> None:
    twin = document("again " * 100, "again " * 100)
    same_place = type(twin)(twin.source, twin.uri, twin.kind, twin.title, (twin.parts[0], twin.parts[0]))
    first, second = split(same_place)
    assert first.text == second.text
    assert first.id != second.id


def test_the_whole_documents_people_are_in_each_passage() -> None:
    twin = document("text " * 300)
    reviewer = Contribution(Handle("user", "ada"), Role.REVIEWED)
    with_reviewer = type(twin)(twin.source, twin.uri, Kind.PAGE, twin.title, twin.parts, contributions=(reviewer,))
    passages = split(with_reviewer)
    assert len(passages) > 1
    assert all(reviewer in p.contributions for p in passages)
