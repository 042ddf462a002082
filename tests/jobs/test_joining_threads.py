"""Threads of mail over several ingests: late answers join, no archive takes away what another told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Filters, Kind, Query
from sensemake.workspace import Workspace

MARCH = [
    ("q@example.org", 1, "Which pump runs dry?", ""),
    ("a@example.org", 2, "The old pump runs dry.", "q@example.org"),
]
APRIL = [("late@example.org", 35, "The pump was mended since.", "q@example.org")]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


def mbox(path: Path, mails: Sequence[tuple[str, int, str, str]]) -> Path:
    """Mails are (id, day from 1 March 2024, text, id of the mail that it answers)."""
    lines = []
    for name, number, text, answers in mails:
        day = f"{number if number < 32 else number - 31} {'Mar' if number < 32 else 'Apr'} 2024 08:00:00 +0000"
        lines += ["From x@example.org Fri Mar  1 08:00:00 2024", f"From: {name[0]}@example.org", f"Date: {day}"]
        lines += [f"Subject: {'Re: ' * bool(answers)}Pumps", f"Message-ID: <{name}>"]
        lines += [f"In-Reply-To: <{answers}>"] * bool(answers) + ["", text, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def said(ws: Workspace) -> list[str]:
    """The texts of the only thread, as search shows them."""
    hits = ws.search(Query("pump", limit=20, filters=Filters(kinds=(Kind.MAIL,))), ws.owner()).hits
    assert len({hit.document.id for hit in hits}) <= 1
    texts = "\n".join(hit.passage.text for hit in hits)
    return [text for _, _, text, _ in (*MARCH, *APRIL) if text in texts]


BOTH = [text for _, _, text, _ in (*MARCH, *APRIL)]


@pytest.mark.parametrize("turned", [False, True])
def test_a_late_answer_in_another_archive_joins_its_thread(ws: Workspace, tmp_path: Path, *, turned: bool) -> None:
    months = [mbox(tmp_path / "march.mbox", MARCH), mbox(tmp_path / "april.mbox", APRIL)]
    for month in reversed(months) if turned else months:
        ws.ingest([month], "mail", ws.owner())
    assert said(ws) == BOTH
    again = [ws.ingest([month], "mail", ws.owner()) for month in (*months, *months)]
    assert said(ws) == BOTH
    assert [report.embedded for report in again] == [0, 0, 0, 0]
    assert [report.removed for report in again] == [0, 0, 0, 0]


def test_next_months_archive_in_the_same_place_takes_nothing_away(ws: Workspace, tmp_path: Path) -> None:
    ws.ingest([mbox(tmp_path / "list.mbox", MARCH)], "mail", ws.owner())
    ws.ingest([mbox(tmp_path / "list.mbox", APRIL)], "mail", ws.owner())
    assert said(ws) == BOTH


def test_what_a_moderator_takes_out_of_the_archive_is_gone(ws: Workspace, tmp_path: Path) -> None:
    ws.ingest([mbox(tmp_path / "list.mbox", [*MARCH, *APRIL])], "mail", ws.owner())
    ws.ingest([mbox(tmp_path / "list.mbox", [MARCH[0], *APRIL])], "mail", ws.owner())
    assert said(ws) == [BOTH[0], BOTH[2]]


def test_two_lists_with_parts_of_a_thread_give_all_of_it(ws: Workspace, tmp_path: Path) -> None:
    """Both archives hold the same days, so neither can say that the other's mails are gone."""
    growers, garden = tmp_path / "growers.mbox", tmp_path / "garden.mbox"
    ws.ingest([mbox(growers, [MARCH[0], MARCH[1]])], "mail", ws.owner())
    ws.ingest([mbox(garden, [MARCH[0], *APRIL])], "mail", ws.owner())
    for path in (growers, garden):
        ws.ingest([path], "mail", ws.owner())
        assert said(ws) == BOTH


def test_the_same_archive_twice_is_one(ws: Workspace, tmp_path: Path) -> None:
    ws.ingest([mbox(tmp_path / "one.mbox", MARCH)], "mail", ws.owner())
    report = ws.ingest([mbox(tmp_path / "two.mbox", MARCH)], "mail", ws.owner())
    assert (report.documents, report.embedded) == (1, 0)
    assert said(ws) == BOTH[:2]
