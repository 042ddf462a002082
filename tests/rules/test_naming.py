"""Who a text names as the one to ask, and who is only mentioned."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules.naming import _SENDING, may_point, pointed_at


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("For the pumps ask Mira Holm about spares.", "Mira Holm"),
        ("please ping @mira-h before you deploy", "@mira-h"),
        ("Maintainer: Mira Holm <mira@example.org>", "Mira Holm"),
        ("| Owner | @mira |", "@mira"),
        ("- **Contact:** @mira, Bo Birch", "@mira"),
        ("The person to ask is Éva Szűcs.", "Éva Szűcs"),
        ("reach out to Mira", "Mira"),
    ],
)
def test_a_reader_is_sent_to_somebody(text: str, first: str) -> None:
    assert next(iter(pointed_at(text))) == first


@pytest.mark.parametrize(
    "text",
    ["Mira Holm wrote this.", "Do not ask for the moon.", "a task Mira has", "pinging the host", "thanks @mira", ""],
)
def test_a_name_alone_sends_nobody(text: str) -> None:
    assert "Mira" not in {word for name in pointed_at(text) for word in name.split()}


def test_several_may_be_named_and_a_longer_reading_comes_first() -> None:
    assert list(pointed_at("Contact: Mira Holm, @bo")) == ["Mira Holm", "Mira", "@bo"]


LOOKED = re.compile(rf"{'|'.join(_SENDING)}|maintainer|poc|sme|owner", re.IGNORECASE)
PIECES = ["ask", "PİNG", "pıng", "conſult", "taLK TO", "tasK", "P", "oc", "S", "me", "owner", "is", " ", "İ", "K", "é"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_the_cheap_look_finds_what_an_expression_finds(text: str) -> None:
    assert may_point(text) == bool(LOOKED.search(text))
