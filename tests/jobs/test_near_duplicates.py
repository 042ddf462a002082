"""Of documents that are nearly the same, one is shown and says how many more the asker may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Filters, Query, SearchAnswer
from sensemake.workspace import Workspace

PAGE = " ".join(f"Step {n}: prime pump {n} with {n * 7} litres and close valve {n + 3} before noon." for n in range(40))
QUESTION = "prime the pump and close the valve"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


def put(ws: Workspace, folder: Path, pages: dict[str, str], *, readers: str | None = None) -> None:
    folder.mkdir(exist_ok=True)
    for name, words in pages.items():
        (folder / name).write_text(words)
    ws.ingest([folder], folder.name, ws.owner(), readers=frozenset({readers}) if readers else None)


def counts(answer: SearchAnswer) -> list[tuple[str, int]]:
    return [(Path(hit.document.path).name, hit.similar_count) for hit in answer.hits]


def test_one_is_shown_and_says_how_many_are_like_it(ws: Workspace, tmp_path: Path) -> None:
    pages = {"a.md": PAGE, "b.md": PAGE.replace("Step 7:", "Then"), "c.md": f"{PAGE} The end."}
    other = " ".join(f"Valve {n} of pump house {n * 3} was painted." for n in range(40))
    put(ws, tmp_path / "open", {**pages, "other.md": other})
    answer = ws.search(Query(QUESTION), ws.owner())
    found = counts(answer)
    assert len(found) == 2
    assert dict(found).pop("other.md") == 0
    assert [count for name, count in found if name != "other.md"] == [2]
    assert [hit.rank for hit in answer.hits] == [1, 2]


def test_what_one_may_not_read_counts_nothing_and_decides_nothing(ws: Workspace, tmp_path: Path) -> None:
    halves = PAGE.split(". ")
    put(ws, tmp_path / "open", {"a.md": PAGE}, readers="everyone")
    before = counts(ws.search(Query(QUESTION), ws.anonymous()))
    put(ws, tmp_path / "secret", {"a.md": PAGE, "b.md": ". ".join(halves[:-1])})
    assert counts(ws.search(Query(QUESTION), ws.anonymous())) == before == [("a.md", 0)]
    assert [count for _, count in counts(ws.search(Query(QUESTION), ws.owner()))] == [2]
    only = Query(QUESTION, filters=Filters(silos=("open",)))
    assert counts(ws.search(only, ws.owner())) == [("a.md", 2)], "it counts what may be read, wherever it was looked"


def test_a_chain_through_a_hidden_document_joins_nothing(ws: Workspace, tmp_path: Path) -> None:
    """Ends that are not alike stay two hits, though each is much like a middle that one may not read."""
    words = [f"word{n}" for n in range(300)]
    middle = "pump " + " ".join(words)
    left, right = "pump " + " ".join(words[:240]), "pump " + " ".join(words[60:])
    put(ws, tmp_path / "open", {"left.md": left, "right.md": right}, readers="everyone")
    put(ws, tmp_path / "secret", {"middle.md": middle})
    assert sorted(counts(ws.search(Query("pump word100 word150"), ws.anonymous()))) == [("left.md", 0), ("right.md", 0)]


def test_pages_of_answers_neither_repeat_nor_skip(ws: Workspace, tmp_path: Path) -> None:
    pages = {}
    for n in range(6):
        page = " ".join(f"House {n} has pump {n * m} and valve {m} of make {n}x{m}." for m in range(40))
        pages |= {f"{n}.md": page, f"{n}-copy.md": f"{page} Copied."}
    put(ws, tmp_path / "open", pages)
    shown, cursor = [], None
    while True:
        answer = ws.search(Query("pump and valve", limit=2, cursor=cursor), ws.owner())
        shown += [name.split("-")[0].split(".")[0] for name, _ in counts(answer)]
        cursor = answer.next_cursor
        if cursor is None:
            break
    assert sorted(shown) == ["0", "1", "2", "3", "4", "5"]


def test_erasing_a_document_erases_its_signature(ws: Workspace, tmp_path: Path) -> None:
    put(ws, tmp_path / "open", {"a.md": PAGE, "b.md": PAGE})
    (tmp_path / "open" / "b.md").unlink()
    ws.ingest([tmp_path / "open"], "open", ws.owner(), allow_removals=True)
    assert counts(ws.search(Query(QUESTION), ws.owner())) == [("a.md", 0)]
    (tmp_path / "open" / "a.md").write_text("It says other things about the pump now.")
    ws.ingest([tmp_path / "open"], "open", ws.owner())
    with ws._catalog.database.reading() as connection:
        for table in ("likenesses", "likeness_bands"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608
