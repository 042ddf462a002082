"""Threads do not depend on the order in which mails come, nor on copies; quotes go, own words stay."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.indexers._mail_message import bare_subject, read
from sensemake.indexers._mail_quotes import own_words
from sensemake.indexers._mail_threads import Head, Thread, threads

MORNING = datetime(2024, 5, 1, tzinfo=UTC)
IDS = [f"m{n}@example.org" for n in range(8)]
HEADS = st.builds(
    lambda name, hours, refs, subject, reply, box: Head(
        name,
        (box, 1),
        None if hours is None else MORNING + timedelta(hours=hours),
        tuple(ref for ref in dict.fromkeys(refs) if ref != name),
        subject,
        reply,
    ),
    st.sampled_from(IDS),
    st.none() | st.integers(0, 2_000),
    st.lists(st.sampled_from([*IDS, "gone@example.org"]), max_size=3),
    st.sampled_from(["", "Beans", "beans", "Peas"]),
    st.booleans(),
    st.sampled_from(["a", "b"]),
)


@settings(max_examples=150)
@given(heads=st.lists(HEADS, max_size=10), data=st.data())
def test_any_order_of_mails_gives_the_same_threads(heads: list[Head], data: st.DataObject) -> None:
    assert list(threads(data.draw(st.permutations(heads)))) == list(threads(heads))


@settings(max_examples=100)
@given(heads=st.lists(HEADS, max_size=8), data=st.data())
def test_a_mail_that_comes_twice_changes_nothing(heads: list[Head], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(heads))) if heads else []
    assert list(threads([*heads, *again])) == list(threads(heads))


@settings(max_examples=100)
@given(heads=st.lists(HEADS, max_size=10))
def test_every_mail_is_in_one_thread_with_all_that_it_answers(heads: list[Head]) -> None:
    found = list(threads(heads))
    home = {head.id: thread.root for thread in found for head in thread.heads}
    assert sorted(head.id for thread in found for head in thread.heads) == sorted({head.id for head in heads})
    assert len({thread.root for thread in found}) == len(found)
    for thread in found:
        for head in thread.heads:
            assert all(home[ref] == thread.root for ref in head.refs if ref in home)


@settings(max_examples=100)
@given(heads=st.lists(HEADS, min_size=1, max_size=8), hours=st.integers(1, 400))
def test_a_late_answer_leaves_the_thread_its_name(heads: list[Head], hours: int) -> None:
    dated = [head for head in heads if head.time is not None]
    for thread in threads(dated):
        last = max(head.time for head in dated if head.time)
        late = Head("late@example.org", ("z", 1), last + timedelta(hours=hours), (thread.heads[-1].id,))
        joined = _with(late.id, list(threads([*dated, late])))
        assert joined.root == thread.root
        assert joined.heads == (*thread.heads, late)


def _with(name: str, found: list[Thread]) -> Thread:
    return next(thread for thread in found if name in {head.id for head in thread.heads})


# ── quotes ───────────────────────────────────────────────────────────────────────────────────────

PLAIN = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=">-_=*#:|"), min_size=1, max_size=12)
LINES = st.lists(st.lists(PLAIN, max_size=6).map(" ".join), max_size=12)
RECOGNISED = re.compile(
    r"wrote|schrieb|snip|cut|deleted|\.\.|…|unsubscribe|subscribed|sent from|outlook|begin|attachment|写道",
    re.IGNORECASE,
)


@settings(max_examples=200)
@given(own=LINES, quotes=st.lists(st.tuples(st.integers(0, 12), PLAIN), max_size=6))
def test_every_line_of_ones_own_stays(own: list[str], quotes: list[tuple[int, str]]) -> None:
    kept = [line for line in own if line.strip() and not RECOGNISED.search(line)]
    lines = list(kept)
    for at, quote in quotes:
        lines.insert(at, f"> {quote}")
    found = [line for line in own_words("\n".join(lines)).own.split("\n") if line.strip()]
    assert found == kept


@settings(max_examples=100)
@given(own=LINES, quote=LINES)
def test_what_is_quoted_goes_with_the_line_that_says_whose_it_is(own: list[str], quote: list[str]) -> None:
    above = [line for line in own if line.strip() and not RECOGNISED.search(line)]
    marked = [f"> {line}" for line in quote]
    block = ["On Monday, 4 March 2024, Ana Reyes wrote:", *marked] if marked else []
    assert own_words("\n".join([*above, "", *block])).own.split() == " ".join(above).split()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\n-- \nAna\nWeir Lane", "Yes."),
        ("Yes.\n\nOn Mon, Mar 4, 2024 at 10:00 AM\nAna Reyes <ana@example.org> wrote:\n> Sun?", "Yes."),
        ("Am 4. März 2024 schrieb Ana Reyes:\n> Sonne?\nJa.", "Ja."),
        ("> Sun?\nYes, I wrote: it shines.", "Yes, I wrote: it shines."),
        ("A -- B\n--- patch ---\nC", "A -- B\n--- patch ---\nC"),
        ("AR> Sun?\nYes.", "Yes."),
        ("a > b\nif a> b: stop", "a > b\nif a> b: stop"),
        ("Yes.\n________________________________\nFrom: Ana\nSent: Monday\nTo: Bo\nSubject: Sun\n\nSun?", "Yes."),
        ("From: the top\nTo: the bottom", "From: the top\nTo: the bottom"),
        ("See\nbegin 644 a.txt\n#0V%T\n`\nend\nend", "See\nAttachment: a.txt\nend"),
        ("-----Original Message-----\nFrom: A\nTo: B\nSubject: C\n\nmine is in red", None),
    ],
)
def test_how_people_quote(text: str, own: str | None) -> None:
    """Where nothing stands above a copy, the answers stand in it."""
    assert own_words(text).own == (text if own is None else own)


def test_what_is_forwarded_stays() -> None:
    text = "See below.\n\n-----Original Message-----\nFrom: A\nSent: Monday\nSubject: C\n\nThe ladder is cracked."
    assert own_words(text, is_forward=True).own == text


def test_what_is_set_aside_is_counted() -> None:
    words = own_words("Yes.\n> Sun?\n-- \nAna")
    assert (words.own, words.quoted, words.signature) == ("Yes.", 6, 6)


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: [garden] RE: Beans", ("[garden] Beans", True, False)),
        ("[garden] AW: [Garden] WG: Beans", ("[garden] Beans", True, True)),
        ("Re[2]: Beans", ("Beans", True, False)),
        ("Regarding beans: now", ("Regarding beans: now", False, False)),
        ("  ", ("", False, False)),
    ],
)
def test_what_a_subject_is_without_its_prefixes(subject: str, bare: tuple[str, bool, bool]) -> None:
    assert bare_subject(subject) == bare


@settings(max_examples=60)
@given(noise=st.binary(max_size=300), header=st.sampled_from([b"", b"From: a@example.org\n", b"Content-Type: "]))
def test_no_bytes_give_a_mail_without_an_id(noise: bytes, header: bytes) -> None:
    assert read(b"Subject: x\n" + header + noise).id
