"""Cursors: any text is a cursor of this question or a UsageError, and a changed home is noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.errors import UsageError
from sensemake.model import Filters, Query, SiloName
from sensemake.rules.paging import Page, cursor, page, state

A, B = SiloName("a"), SiloName("b")
NOW = state({A}, {A: 3, B: 9})
QUERY = Query("tide")


@given(st.integers(0, 2**32 - 1))
def test_a_cursor_goes_on_where_it_was_made(start: int) -> None:
    assert page(replace(QUERY, cursor=cursor(QUERY, start, NOW)), NOW) == Page(start)


@given(st.text(max_size=40) | st.binary(max_size=30).map(lambda b: b.hex()))
@settings(max_examples=200)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        page(replace(QUERY, cursor=text), NOW)


def test_it_fits_one_question_only() -> None:
    made = cursor(QUERY, 10, NOW)
    for other in (Query("ebb", cursor=made), Query("tide", filters=Filters(silos=("a",)), cursor=made)):
        with pytest.raises(UsageError, match="another question"):
            page(other, NOW)


def test_a_change_to_what_may_be_read_is_noticed_and_no_other() -> None:
    asked = replace(QUERY, cursor=cursor(QUERY, 10, NOW))
    assert page(asked, state({A}, {A: 4, B: 9})).changed
    assert not page(asked, state({A}, {A: 3, B: 10})).changed
    assert page(asked, state({A, B}, {A: 3, B: 9})).changed
