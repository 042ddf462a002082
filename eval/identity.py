"""How well one person is found across silos: joins of the directory are hidden, and proposals have to bring them back.

    python eval/identity.py [--data FOLDER] [--like 85] [--half dev|test]

Every handle that occurs in an organisation's raw files is collected by the indexers, nothing is embedded. For a column
of `people.csv` at a time, the entries of half of the people are taken out of the directory (by a hash of the person
id; `--half` says which: settings are chosen on `dev`, reported on `test`), as far as the directory knows something else
of them. A hidden entry that occurs in the files should be proposed for its person. A proposal that gives such a person
another value than the directory has is wrong. The others (whoever is not in the directory) cannot be judged.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sensemake import registry
from sensemake.model import Document, Handle, Person, PersonId, Profile, Proposal, SiloName, Source, stable_id
from sensemake.rules import directory as people_csv
from sensemake.rules.identity import roster
from sensemake.rules.proposals import LIKE, propose

DATA = Path(__file__).parents[2] / "shared" / "data"
CHAT = "discord-eth-rnd-archive.tar.xz"


@dataclass
class Organisation:
    """Who is named in its files, by which silo says so, and who is in its directory."""

    directory: tuple[Person, ...]
    handles: dict[Handle, PersonId] = field(default_factory=dict)
    profiles: set[Profile] = field(default_factory=set)


def read(folder: Path) -> Organisation:
    found = Organisation(people_csv.parse((folder / "people.csv").read_text(encoding="utf-8")))
    for part in sorted(p for p in folder.iterdir() if p.is_dir()):
        chat = part / CHAT
        path, indexer = (chat, "channel-folders") if chat.exists() else (part, "files")
        source = Source(SiloName(part.name), part.name, indexer, str(path), {"map.system": "=discord"})
        for item in registry.indexer(indexer).read(path, source):
            if isinstance(item, Document):
                found.profiles.update(item.profiles)
                for handle in _named(item):
                    found.handles.setdefault(handle, PersonId(stable_id("own", str(handle))))
    return found


def _named(document: Document) -> Iterator[Handle]:
    yield from (c.handle for c in document.contributions)
    yield from (p.handle for p in document.profiles)
    for part in document.parts:
        yield from part.mentions
        if part.author:
            yield part.author


@dataclass
class Score:
    """Of one hidden column: entries that occur, and proposals right, wrong and beyond judgement, by sign."""

    hidden: int = 0
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)


def measure(organisation: Organisation, column: str, half: int, like: float) -> Score:
    truth = {p.id: _values(p, column) for p in organisation.directory}
    ours = [p for p in organisation.directory if int(stable_id("half", p.id), 16) % 2 == half and truth[p.id]]
    chosen = {p.id for p in ours if (left := _without(p, column)).handles or " " in left.name}
    hidden = [_without(p, column) if p.id in chosen else p for p in organisation.directory]
    known = roster(hidden, handles=organisation.handles, profiles=organisation.profiles)
    found = Score()
    wanted: defaultdict[PersonId, set[str]] = defaultdict(set)
    for handle in organisation.handles:
        for person_id in chosen:
            if _is(handle, column, truth[person_id]):
                wanted[person_id].add(_folded(handle.value))
    bear = {pid: [h for h in organisation.handles if _is(h, column, values)] for pid, values in wanted.items()}
    found.hidden = sum(any(known.owner_of.get(h) != pid for h in handles) for pid, handles in bear.items())
    seen: set[PersonId] = set()
    for proposal in propose(known, {p.id for p in hidden}, organisation.profiles, like=like):
        _judge(proposal, column, truth, chosen, found, seen)
    return found


def _judge(
    proposal: Proposal,
    column: str,
    truth: Mapping[PersonId, set[str]],
    chosen: Iterable[PersonId],
    found: Score,
    seen: set[PersonId],
) -> None:
    sign = str(proposal.sign)
    if proposal.handle.namespace not in _bearing(column) or proposal.person not in chosen:
        found.unjudged[sign] += 1
    elif _folded(proposal.handle.value) in truth[proposal.person]:
        found.right[sign] += proposal.person not in seen
        seen.add(proposal.person)
    else:
        found.wrong[sign] += 1


def _values(person: Person, column: str) -> set[str]:
    if column == "name":
        return {_folded(person.name)} if " " in person.name.strip() else set()
    return {_folded(h.value) for h in person.handles if h.namespace == column}


def _without(person: Person, column: str) -> Person:
    if column == "name":
        other = next((h.value for h in person.handles), person.id)
        return replace(person, name=other)
    left = tuple(h for h in person.handles if h.namespace != column)
    name = person.id if _folded(person.name) in _values(person, column) else person.name
    return replace(person, handles=left, name=name)


def _is(handle: Handle, column: str, values: set[str]) -> bool:
    return handle.namespace in _bearing(column) and _folded(handle.value) in values


def _bearing(column: str) -> set[str]:
    """The namespaces in which documents give what a column holds: often they do not say of which system a name is."""
    return {column, "zoom"} if column == "name" else {column, "user"}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--like", type=float, default=LIKE)
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--organisations", nargs="*", default=["org-ethereum", "org-kubernetes"])
    asked = parser.parse_args()
    print("| organisation, hidden column | sign | right | wrong | precision | of hidden | unjudged |")
    print("|---|---|---|---|---|---|---|")
    for name in asked.organisations:
        organisation = read(asked.data / name / "raw")
        columns = sorted({h.namespace for p in organisation.directory for h in p.handles} | {"name"})
        for column in columns:
            found = measure(organisation, column, int(asked.half == "test"), asked.like)
            signs = sorted({*found.right, *found.wrong, *found.unjudged}, key=lambda s: -found.right[s])
            for sign in [*signs, "all"]:
                right, wrong, unjudged = (
                    sum(c.values()) if sign == "all" else c[sign] for c in (found.right, found.wrong, found.unjudged)
                )
                precision = f"{right / (right + wrong):.2f}" if right + wrong else "–"
                recall = f"{right} of {found.hidden}" + (f" ({right / found.hidden:.2f})" if found.hidden else "")
                print(f"| {name}, {column} | {sign} | {right} | {wrong} | {precision} | {recall} | {unjudged} |")


if __name__ == "__main__":
    main()
