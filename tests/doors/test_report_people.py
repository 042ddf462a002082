"""Who is named in a report: listed people with a part in the theme, as they and the organisation want it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from sensemake.config import Settings
from sensemake.model import Verb, Wish
from sensemake.workspace import Workspace

SAYS = {
    "tide": "The tide gauge at the {0} shows the high tide later than the tide table. We read the gauge twice a day.",
    "bread": "The dough for the bread at the {0} rests one night. We bake the bread before dawn and share the loaf.",
}
PEOPLE = ("Ada Alder", "Bo Birch", "Cy Cedar")
PLACES = ("north", "south", "east", "west", "harbour", "lake", "river", "hill", "mill", "quay", "ferry", "lock")


def write(folder: Path) -> Path:
    folder.mkdir()
    rows = [f"p{n},{name},{name.split()[0].lower()}@example.org,true" for n, name in enumerate(PEOPLE)]
    (folder / "people.csv").write_text("\n".join(["person_id,name,email,active", *rows]))
    for n, place in enumerate(PLACES):
        head = f"author: {PEOPLE[n % 3]}\ndate: 2026-0{1 + n % 9}-11"
        for topic, text in SAYS.items():
            page = f"# {topic} {place}\n\n{text.format(place)}\n"
            (folder / f"{topic}-{place}.md").write_text(f"---\n{head}\n---\n{page}")
    return folder


@contextmanager
def home(place: Path, mode: Literal["opt-out", "opt-in", "off"]) -> Iterator[Workspace]:
    raw = write(place / "raw")
    with Workspace.open(Settings(home=place / "home", model="hashing", people_mode=mode), create=True) as opened:
        opened.ingest([raw], "handbook", opened.owner(), readers=frozenset({"everyone"}))
        yield opened


def named(opened: Workspace) -> set[str]:
    report: Any = opened.report(opened.owner())
    assert report["themes"]
    page = opened.render(report, "html") + opened.render(report, "md")
    found = {person["name"] for theme in report["themes"] for person in theme["people_to_ask"]}
    assert {name for name in PEOPLE if name in page} == found
    return found


def test_listed_people_are_named_and_no_longer_once_they_opt_out(tmp_path: Path) -> None:
    with home(tmp_path, "opt-out") as opened:
        assert named(opened) == set(PEOPLE)
        opened.set_listed("Bo Birch", listed=False, by=opened.owner())
        assert named(opened) == {"Ada Alder", "Cy Cedar"}


def test_who_hides_a_topic_is_not_named_for_it(tmp_path: Path) -> None:
    with home(tmp_path, "opt-out") as opened:
        (ada,) = [person for person in opened.people(opened.owner()) if person.name == "Ada Alder"]
        for topic in SAYS:
            opened._catalog.people.set_wish(Wish(ada.id, Verb.HIDE, topic), kept=True)
        assert named(opened) == {"Bo Birch", "Cy Cedar"}


@pytest.mark.parametrize("mode", ["opt-in", "off"])
def test_where_people_did_not_agree_or_are_not_shown_nobody_is_named(
    tmp_path: Path, mode: Literal["opt-in", "off"]
) -> None:
    with home(tmp_path, mode) as opened:
        assert named(opened) == set()
