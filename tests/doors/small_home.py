"""A small organisation on disk, made up for tests of the doors: pages, a directory and a Slack export."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from sensemake.config import Settings
from sensemake.workspace import Workspace

PAGES = {
    "tides.md": (
        "Reading the tide tables",
        "Ada Alder",
        "We read the tide tables at dawn and plan the field day by them.",
    ),
    "wipers.md": ("Wipers", "Bo Birch", "Replace the wipers of every probe in spring, before the algae come."),
    "boats.md": ("Boats", "Ada Alder", "A boat goes out with two people, life jackets and the tide tables."),
    "algae.md": ("Algae", "Cleo Cedar", "Blue-green algae float; a probe that hangs too deep misses them."),
    "repair.md": ("Repairs", "Bo Birch", "A broken probe is repaired on Wednesdays before a new one is bought."),
    "alerts.md": ("Alerts", "Cleo Cedar", "Nobody is called at night for an alert that can wait until morning."),
}
STATIONS = ("north", "south", "east", "west", "harbour", "lake", "river")
TOPICS = {
    "tide": (
        "Ada Alder",
        "The {0} tide gauge: we read the tide table, note high tide and low tide and check the gauge zero.",
    ),
    "bread": (
        "Bo Birch",
        "Baking at {0}: knead the dough, let the dough rest, bake the bread and share the loaf at lunch.",
    ),
}
"""Two subjects with a page for each station, so that there are themes."""

PEOPLE = """person_id,name,email,team,groups,slack
ada,Ada Alder,ada@example.org,field,staff;board,U1
bo,Bo Birch,bo@example.org,workshop,staff,U2
cleo,Cleo Cedar,cleo@example.org,data,staff,U3
"""


def write(place: Path) -> None:
    """Write `handbook/`, `board/`, `export.zip`, `notes.txt`, judged questions and labelled texts, into a folder."""
    (place / "handbook").mkdir()
    for name, (title, author, text) in PAGES.items():
        front = f"---\ntitle: {title}\nauthor: {author}\ndate: 2026-04-{len(title) % 27 + 1:02}\n---\n"
        (place / "handbook" / name).write_text(f"{front}# {title}\n\n{text}\n")
    for topic, (author, text) in TOPICS.items():
        for station in STATIONS:
            front = f"---\ntitle: {topic} {station}\nauthor: {author}\ndate: 2026-03-01\n---\n"
            (place / "handbook" / f"{topic}-{station}.md").write_text(front + text.format(station) + "\n")
    (place / "handbook" / "people.csv").write_text(PEOPLE)
    (place / "board").mkdir()
    (place / "board" / "budget.md").write_text("# Budget\n\nThe tide gauge budget of the board is confidential.\n")
    (place / "notes.txt").write_text("The new checklist saved us an hour.\n")
    _write_judged(place)
    _write_labelled(place)
    with zipfile.ZipFile(place / "export.zip", "w") as export:
        for name, content in _slack().items():
            export.writestr(name, json.dumps(content))


def taken_in(place: Path, **readers: str) -> Path:
    """Write it all and take folders of it in, each for those of one group to read; the home."""
    write(place)
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as workspace:
        for folder, group in readers.items():
            workspace.ingest([place / folder], folder, workspace.owner(), readers=frozenset({group}))
    return place / "home"


def _write_labelled(place: Path) -> None:
    rows = [
        f"{topic}-{station}\t{topic}\t{text.format(station)}"
        for topic, (_, text) in TOPICS.items()
        for station in STATIONS
    ]
    (place / "labelled.tsv").write_text("\n".join(["id\tlabel\ttext", *rows]) + "\n")


def _write_judged(place: Path) -> None:
    """`questions.csv` about the handbook, `judged/`, the same pages in BEIR layout, and `known/`: who knows."""
    (place / "questions.csv").write_text("question,expected\nwhen are probes repaired,Repairs\nalgae,Algae\n")
    (place / "judged" / "qrels").mkdir(parents=True)
    rows = [{"_id": name, "title": title, "text": text} for name, (title, _, text) in PAGES.items()]
    (place / "judged" / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (place / "judged" / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "when are probes repaired"}))
    (place / "judged" / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\trepair.md\t1\n")
    (place / "known").mkdir()
    (place / "known" / "queries.tsv").write_text("query_id\ttitle\tdescription\nq1\tbread\tbaking it\n")
    (place / "known" / "qrels.tsv").write_text("query_id\tperson_id\trelevance\nq1\tbo\t2\n")
    (place / "people.csv").write_text(PEOPLE)


def _slack() -> dict[str, object]:
    users = [
        {"id": id_, "name": name, "profile": {"real_name": full, "email": f"{name}@example.org"}}
        for id_, name, full in (("U1", "ada", "Ada Alder"), ("U2", "bo", "Bo Birch"))
    ]
    asked = {"type": "message", "user": "U2", "text": "when is the next tide?", "ts": "1777633200.000100"}
    answer = {"type": "message", "user": "U1", "text": "the tide table says 14:20", "ts": "1777633260.000200"}
    thread = {"thread_ts": "1777633200.000100"}
    return {
        "users.json": users,
        "channels.json": [{"id": "C1", "name": "field", "members": ["U1", "U2"], "created": 1700000000}],
        "field/2026-05-01.json": [{**asked, **thread}, {**answer, **thread}],
    }
