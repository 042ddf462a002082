"""Which handles may be one person's: proposals with a reason, for a person to confirm; nothing is joined here.

Signs, by how often they are right (eval/BENCHMARKS.md, "Identity"): the same full name; the same user name in two
systems; an e-mail address or a user name that spells a full name (`alind`, `ada.lind`); full names that differ in a
letter or two (normalised edit similarity of RapidFuzz). A sign that points to several people says nothing. User names
that are only similar were wrong more often than right: they are no sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from sensemake.model import Handle, Person, PersonId, Profile, Proposal, Sign
from sensemake.rules.identity import Roster

LIKE = 85.0
"""From this similarity (0 to 100) on, two full names are nearly the same; chosen on half of one organisation."""
SHORTEST_USER = 4
"""Letters of a user name at least; shorter ones are too common to say anything."""
SHORTEST_LIKE = 6
"""Letters at least where a letter may differ."""
BLOCK = 500
"""Names compared with all others at a time: bounds the memory."""

_SHOWN = frozenset({"name", "zoom"})
_NO_SYSTEM = _SHOWN | {"email", "user"}
"""Namespaces in which one person may well bear several handles."""
_OPAQUE = re.compile(r"[\d-]+|[UWBT][A-Z0-9]{7,}|[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{27}")
"""Ids that a machine gave (Slack's, numbers, UUIDs): nobody chose them, so they say nothing of anybody."""
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\|.*$")
"""`Ada Lind (Harbour)`, `Ada Lind | Harbour`: the team beside the name."""


def propose(
    known: Roster,
    directory: Collection[PersonId],
    profiles: Iterable[Profile] = (),
    *,
    refused: Collection[tuple[Handle, PersonId]] = (),
    like: float = LIKE,
) -> tuple[Proposal, ...]:
    """Joins that may be right, the surest first; each names a handle that the directory does not have.

    Never two persons of the directory, nor two accounts of one system, nor what was refused (whatever else was joined
    to either side since).
    """
    faces = _faces(known, frozenset(directory), profiles)
    found: dict[tuple[PersonId, PersonId], tuple[Sign, str]] = {}
    for sign, groups in _signs(faces, like):
        for because, people in groups:
            for pair in _pairs(people, faces):
                found.setdefault(pair, (sign, because))
    no = _Refused(refused, known)
    allowed = {pair: sign for pair, sign in found.items() if pair not in no}
    return tuple(
        sorted(
            (_proposal(pair, sign, faces) for pair, sign in _best(allowed).items()),
            key=lambda p: (list(Sign).index(p.sign), p.name, p.shown, p.handle),
        )
    )


@dataclass(slots=True)
class _Face:
    """What a person shows: full names, user names and addresses, normalised, each with how it is written."""

    person: Person
    in_directory: bool
    handles: list[Handle] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def systems(self) -> frozenset[str]:
        return frozenset(h.namespace for h in self.handles) - _NO_SYSTEM

    def add_name(self, written: str) -> None:
        """A full name; a single word is a user name for all we know."""
        words = _words(_ASIDE.sub(" ", written))
        if len(words) > 1:
            self.names.setdefault(" ".join(sorted(words)), written)
        else:
            self.add_user(written)

    def add_user(self, written: str) -> None:
        user = "".join(_words(_ASIDE.sub(" ", written)))
        if len(user) >= SHORTEST_USER and not _OPAQUE.fullmatch(written.strip()):
            self.users.setdefault(user, written)

    def add_address(self, written: str) -> None:
        local = written.partition("@")[0].partition("+")[0]
        self.addresses.setdefault("".join(_words(local)), written)


def _faces(known: Roster, directory: frozenset[PersonId], profiles: Iterable[Profile]) -> dict[PersonId, _Face]:
    faces = {pid: _Face(person, pid in directory) for pid, person in known.persons.items()}
    for pid in directory & faces.keys():
        faces[pid].add_name(faces[pid].person.name)
    for handle, pid in sorted(known.owner_of.items()):
        face = faces[pid]
        face.handles.append(handle)
        if handle.namespace in _SHOWN:
            face.add_name(handle.value)
        elif handle.namespace == "email":
            face.add_address(handle.value)
        else:
            (face.add_name if " " in handle.value.strip() else face.add_user)(handle.value)
    for profile in sorted(profiles, key=repr):
        owner = known.owner_of.get(profile.handle)
        if owner is not None and profile.is_person:
            if profile.name:
                faces[owner].add_name(profile.name)
            if profile.email:
                faces[owner].add_address(profile.email)
    return faces


Group = tuple[str, frozenset[PersonId]]
"""Why some people may be one, and who they are."""


def _signs(faces: Mapping[PersonId, _Face], like: float) -> Iterator[tuple[Sign, Iterator[Group]]]:
    """Every sign with the groups it makes, the surest sign first."""
    names = _bearers((pid, face.names) for pid, face in faces.items())
    users = _bearers((pid, face.users) for pid, face in faces.items())
    addresses = _bearers((pid, face.addresses) for pid, face in faces.items())
    spelled: defaultdict[str, dict[PersonId, str]] = defaultdict(dict)
    for bearers in names.values():
        for pid, written in bearers.items():
            for spelling in _spellings(written):
                spelled[spelling][pid] = written
    yield Sign.SAME_NAME, _same(names)
    yield Sign.SAME_USER, _same(users)
    yield Sign.ADDRESS, _spelling(addresses, spelled)
    yield Sign.SPELLED, _spelling(users, spelled)
    yield Sign.LIKE_NAME, _similar(names, like)


Bearers = Mapping[str, Mapping[PersonId, str]]
"""Who bears what, and how it is written there."""


def _bearers(borne: Iterable[tuple[PersonId, Mapping[str, str]]]) -> Bearers:
    found: defaultdict[str, dict[PersonId, str]] = defaultdict(dict)
    for pid, words in borne:
        for word, written in words.items():
            found[word][pid] = written
    return dict(sorted(found.items()))


def _same(borne: Bearers) -> Iterator[Group]:
    for bearers in borne.values():
        if len(bearers) > 1:
            written = sorted(set(bearers.values()))
            yield " and ".join(f"“{word}”" for word in written), frozenset(bearers)


def _spelling(short: Bearers, spelled: Bearers) -> Iterator[Group]:
    for word, bearers in short.items():
        for pid, written in bearers.items():
            meant = {other: spelled[word][other] for other in spelled.get(word, {}) if other != pid}
            if meant:
                yield f"“{written}” spells “{min(meant.values())}”", frozenset({pid, *meant})


def _similar(borne: Bearers, like: float) -> Iterator[Group]:
    words = [word for word in borne if len(word) >= SHORTEST_LIKE]
    for start in range(0, len(words), BLOCK):
        rows = words[start : start + BLOCK]
        scores = process.cdist(rows, words, scorer=fuzz.ratio, score_cutoff=like)
        for row, word in enumerate(rows):
            near = {words[column] for column in scores[row].nonzero()[0]} - {word}
            for other in sorted(near):
                people = frozenset(borne[word]) | frozenset(borne[other])
                one, two = (next(iter(borne[each].values())) for each in sorted((word, other)))
                yield f"“{one}” is nearly “{two}”", people


def _pairs(people: frozenset[PersonId], faces: Mapping[PersonId, _Face]) -> Iterator[tuple[PersonId, PersonId]]:
    """(who is to be joined, to whom): to the one person of the directory among them, else to the least id."""
    known = sorted(pid for pid in people if faces[pid].in_directory)
    others = sorted(people.difference(known))
    if len(known) > 1 or not others:
        return
    target = known[0] if known else others[0]
    for other in others:
        if other != target and faces[other].systems.isdisjoint(faces[target].systems):
            yield other, target


def _best(
    found: Mapping[tuple[PersonId, PersonId], tuple[Sign, str]],
) -> dict[tuple[PersonId, PersonId], tuple[Sign, str]]:
    """For each who is to be joined the surest target; when a sign points to several, it says nothing."""
    targets: defaultdict[PersonId, list[PersonId]] = defaultdict(list)
    for other, target in found:
        targets[other].append(target)
    best = {}
    for other, choices in targets.items():
        rank = {target: list(Sign).index(found[other, target][0]) for target in choices}
        first = [target for target in choices if rank[target] == min(rank.values())]
        if len(first) == 1:
            best[other, first[0]] = found[other, first[0]]
    return best


class _Refused:
    """Pairs of persons between whom some join was refused, whatever handles they have by now."""

    def __init__(self, refused: Collection[tuple[Handle, PersonId]], known: Roster) -> None:
        self._handles: defaultdict[PersonId, set[PersonId]] = defaultdict(set)
        now = known.bearers([target for _, target in refused])
        for handle, target in refused:
            owner = known.owner_of.get(handle)
            if owner is not None:
                self._handles[owner].add(now[target])

    def __contains__(self, pair: tuple[PersonId, PersonId]) -> bool:
        one, other = pair
        return other in self._handles[one] or one in self._handles[other]


def _proposal(pair: tuple[PersonId, PersonId], why: tuple[Sign, str], faces: Mapping[PersonId, _Face]) -> Proposal:
    other, target = faces[pair[0]], faces[pair[1]]
    return Proposal(other.handles[0], other.person.name, target.person.id, target.person.name, *why)


def _words(text: str) -> list[str]:
    """Lower case, without accents and signs: `Ébba-Lou  Öst` is `ebba`, `lou`, `ost`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def _spellings(written: str) -> set[str]:
    """How a full name is made into a user name: `adalind`, `lindada`, `alind`, `linda`, `adal`."""
    words = _words(_ASIDE.sub(" ", written))
    pairs = [(a, b) for a in words for b in words if a != b]
    made = {a + b for a, b in pairs} | {a[0] + b for a, b in pairs} | {a + b[0] for a, b in pairs}
    return {word for word in {*made, "".join(words)} if len(word) >= SHORTEST_USER}
