"""Whoever a meeting shows becomes a handle that tells them apart, and nobody becomes somebody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensemake.indexers.formats.speakers import speaker


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("Jane Doe", "name:Jane Doe"),
        ("Jane Doe (Weir)", "name:Jane Doe"),
        ("Jane Doe | Weir", "name:Jane Doe"),
        ("Jane Doe - Weir", "name:Jane Doe"),
        ("Jean-Luc  Marchand", "name:Jean-Luc Marchand"),
        ("Felix (Weir)", "name:Felix (Weir)"),
        ("Felix", "name:Felix"),
        ("jdoe", "user:jdoe"),
        ("jdoe_27", "user:jdoe_27"),
        ("JaneDoe (she)", "user:janedoe"),
        ("李雷", "name:李雷"),
        ("Speaker 2", ""),
        ("Unknown Speaker", ""),
        ("Jane's iPhone", ""),
        ("+1 (555) 010-0199", ""),
        ("Fireflies.ai Notetaker Jane", ""),
        ("", ""),
    ],
)
def test_who_is_shown(shown: str, expected: str) -> None:
    found = speaker(shown)
    assert (str(found) if found else "") == expected


@given(st.text(max_size=80))
def test_a_handle_is_one_line_without_edges(shown: str) -> None:
    found = speaker(shown)
    assert found is None or found.value == " ".join(found.value.split()) != ""
