"""A filled-in form is read to its last line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sensemake.rules import harvest
from sensemake.rules.harvest import SORTS

FORM = """# Wat eruit kwam {session 2026-06-30-1f2e3d}

> Schrijf elk punt als een lijstitem.

## Wipers \\& mesh {theme t1}

### Besloten {decided}

- We fit copper mesh
  at the mill.
- [ ] Nobody dives alone.

### Te doen {todo}

-
1. Ines: order two spares

## Naast de thema's {theme}

### Nog gevraagd {asked}

* Who has the key?
"""


def test_entries_have_their_theme_sort_and_number() -> None:
    found = harvest.read(FORM)
    assert (found.session, str(found.day), found.strays) == ("2026-06-30-1f2e3d", "2026-06-30", ())
    assert [(e.sort, e.theme, e.number, e.text) for e in found.entries] == [
        ("decided", "t1", 1, "We fit copper mesh\nat the mill."),
        ("decided", "t1", 2, "Nobody dives alone."),
        ("todo", "t1", 1, "Ines: order two spares"),
        ("asked", "", 1, "Who has the key?"),
    ]
    assert found.entries[0].label == "Wipers & mesh"


def test_what_cannot_be_placed_is_told_with_its_line() -> None:
    broken = FORM.replace(" {decided}", "").replace("* Who has the key?", "Who has the key?")
    found = harvest.read(broken)
    assert [stray.line for stray in found.strays] == [7, 9, 10, 11, 22]
    assert [e.text for e in found.entries] == ["Ines: order two spares"]


def test_another_file_is_no_form() -> None:
    assert not harvest.read("# Notes\n\n- something\n").session
    assert harvest.read("").strays


LINES = st.one_of(
    st.sampled_from(
        ["## A {theme t1}", "### B {asked}", "# S {session s1}", "> note", "- ", "- x", "  more", "", "# lost"]
    ),
    st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30),
)


@given(st.lists(LINES, max_size=30))
def test_no_line_is_lost(lines: list[str]) -> None:
    """Each is a heading of the form, a note, empty, kept in an entry, or told."""
    found = harvest.read("\n".join(["# S {session s0}", *lines]))
    told = {stray.line for stray in found.strays}
    kept = "\n".join(entry.text for entry in found.entries)
    for number, line in enumerate(lines, 2):
        bare = line.strip().lstrip("-*+• ").strip()
        own = not bare or line.lstrip().startswith((">", "<!--")) or not set(bare) - set("-*_") or harvest.is_own(line)
        assert own or number in told or bare.split(maxsplit=1)[-1] in kept, line


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SORTS), st.sampled_from(["", "t1", "t2"]), st.from_regex(r"[a-z]{3,20}", fullmatch=True)
        ),
        max_size=12,
    )
)
def test_what_is_written_is_read(entries: list[tuple[str, str, str]]) -> None:
    lines = ["# S {session s0}"]
    for sort, theme, text in entries:
        lines += [f"## T {{theme {theme}}}" if theme else "## T {theme}", f"### X {{{sort}}}", f"- {text}"]
    found = harvest.read("\n".join(lines))
    assert [(e.sort, e.theme, e.text) for e in found.entries] == entries
    assert len({(e.sort, e.theme, e.number) for e in found.entries}) == len(entries)
    assert found.strays == ()
