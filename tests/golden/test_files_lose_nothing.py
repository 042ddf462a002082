"""Whatever stands in a page stands in its parts, in the same order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ftfy import fix_encoding
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sensemake.indexers._compose import document
from sensemake.indexers.files import FilesIndexer
from sensemake.indexers.formats import registry
from sensemake.indexers.formats.content import Limits
from sensemake.model import Coverage, Document, ReadFailure, SiloName, Source

SOURCE = Source(SiloName("garden"), "notes", "files", "notes")
WORD = re.compile(r"w\d+w")
words = st.integers(0, 9_999).map(lambda n: f"w{n}w")
line = st.lists(words, min_size=1, max_size=6).map(" ".join)
dressed = st.tuples(
    words, st.sampled_from(["{}", "*{}*", "**{}**", "`{}`", "[{}](https://x.example/a)", "~~{}~~", "<b>{}</b>"])
)
rich = st.lists(dressed.map(lambda pair: pair[1].format(pair[0])), min_size=1, max_size=6).map(" ".join)


numbered = st.lists(rich, min_size=1, max_size=4)
plain = st.lists(line, min_size=1, max_size=3)
blocks = st.one_of(
    st.tuples(st.integers(1, 6), rich).map(lambda t: f"{'#' * t[0]} {t[1]}"),
    line.map(lambda text: f"{text}\n====="),
    numbered.map("\n".join),
    numbered.map(lambda lines: "\n".join(f"{'  ' * min(n, 3)}- {text}" for n, text in enumerate(lines))),
    numbered.map(lambda lines: "\n".join(f"{n}. {text}" for n, text in enumerate(lines, 1))),
    numbered.map(lambda lines: "\n".join(f"> {text}" for text in lines)),
    plain.map(lambda lines: "```\n" + "\n".join(f"  {text}" for text in lines) + "\n```"),
    plain.map(lambda lines: "| a | b |\n|---|---|\n" + "\n".join(f"| {text} | x {text} |" for text in lines)),
    st.tuples(line, rich).map(lambda t: f"<details><summary>{t[0]}</summary>\n\n{t[1]}\n\n</details>"),
)


def read(name: str, text: str) -> Document:
    content = registry.read(name, text.encode(), Limits())
    return document(content, {}, name=name, path=name, source=SOURCE, uri=f"notes/{name}")


def found(text: Sequence[str]) -> list[str]:
    return [word for piece in text for word in WORD.findall(piece)]


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, min_size=1, max_size=10))
def test_markdown(written: list[str]) -> None:
    page = read("page.md", "\n\n".join(written))
    assert found([part.text for part in page.parts]) == found(written)


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t"), min_size=1, max_size=300)
)
def test_plain_text(text: str) -> None:
    if not text.strip() or text.lstrip().startswith("---"):
        return
    # What was once decoded in the wrong encoding is set right, as other tests see.
    assume(all(fix_encoding(line) == line for line in text.split("\n")))
    page = read("page.txt", text)
    (part,) = page.parts
    assert part.text.split() == text.replace("\u2028", "\n").replace("\u2029", "\n").translate(_UNSEEN).split()


_UNSEEN = {0xFFFE: None, 0xFFFF: None}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("h1 h2 h3 p li td pre blockquote dt dd div span".split()), line), min_size=1))
def test_html(elements: list[tuple[str, str]]) -> None:
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in elements if tag != "td")
    page = read("page.html", f"<html><body>w0w {inside}</body></html>")
    assert found([part.text for part in page.parts]) == found(["w0w", inside])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(line, min_size=1, max_size=4), min_size=1, max_size=60))
def test_tables_row_by_row(rows: list[list[str]]) -> None:
    page = read("table.csv", "".join(",".join(row) + "\n" for row in [["head"], *rows]))
    kept = [piece for part in page.parts for piece in part.text.split("\n") if piece != "head"]
    assert kept == [" | ".join(row) for row in rows]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.sampled_from("md txt html csv rtf xml eml yaml pdf docx epub odt msg bin".split()))
def test_any_bytes_give_a_document_or_a_reason(data: bytes, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / f"x.{suffix}").write_bytes(data)
        item, coverage = FilesIndexer().read(Path(folder), SOURCE)
    assert isinstance(item, Document | ReadFailure)
    assert isinstance(coverage, Coverage)
