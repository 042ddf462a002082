"""Tells from a repository's log who began each file and who worked on it, under whatever name it had then."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

_MARK, _FIELD, _AND = "\x01", "\x02", "\x03"
FORMAT = (
    "%x01%aN%x02%aE%x02%at%x02%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x03)%x02"
    "%(trailers:key=Reviewed-by,valueonly,unfold,separator=%x03)%x02%H"
)
"""What the log has to say of a commit: names and addresses as .mailmap has them, seconds since 1970, trailers."""
BULK = 100
"""Documents that a commit may touch and still speak of each: imports, reformatting, licence headers touch more."""
_PERSON = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>\s*")


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody as git names them."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: `changed` are (the change as git calls it, `M` or `R087`; name before; name after)."""

    people: tuple[Person, ...]
    time: datetime | None
    changed: tuple[tuple[str, str, str], ...]
    reviewers: tuple[Person, ...] = ()
    id: str = ""


@dataclass(slots=True)
class History:
    """Who had a hand in one file, the latest first. `began` wrote its first version, if that was no import of many."""

    began: tuple[Person, ...] = ()
    edited: list[Person] = field(default_factory=list)
    reviewed: list[Person] = field(default_factory=list)
    imported: tuple[Person, ...] = ()
    time: datetime | None = None
    touched: datetime | None = None


def commits(tokens: Iterable[str]) -> Iterator[Commit]:
    """The commits of a log with NULs between its fields (`git log -z --name-status`)."""
    header: str | None = None
    changed: list[tuple[str, str, str]] = []
    fields = iter(tokens)
    for token in fields:
        word = token.lstrip("\n")
        if word.startswith(_MARK):
            if header is not None:
                yield _commit(header, changed)
            header, changed = word[1:], []
        elif word:
            before = next(fields, "")
            after = next(fields, "") if word[0] in "RC" else before
            changed.append((word, before, after))
    if header is not None:
        yield _commit(header, changed)


def people(text: str) -> Iterator[Person]:
    """`Name <address>` of each trailer."""
    for each in text.split(_AND):
        if found := _PERSON.fullmatch(each):
            yield Person(found["name"], found["email"])


def histories(
    log: Iterable[Commit],
    wanted: Iterable[str],
    counts: Callable[[str], bool],
    is_bot: Callable[[Person], bool],
    cut: Collection[str] = frozenset(),
) -> dict[str, History]:
    """The history of each file that is `wanted` at HEAD, from a log that begins with the newest commit.

    `counts` says which names are documents: a commit is large by those that it touches. Bots are nobody. Going back, a
    rename gives the older name to the file that it became. `cut` are commits at which a shallow clone ends: they seem
    to have made all that there was, and tell of nobody.
    """
    found = {path: History() for path in wanted}
    now = {path: path for path in found}
    for commit in log:
        is_cut = commit.id in cut
        hands = tuple(person for person in commit.people if not is_bot(person) and not is_cut)
        is_bulk = is_cut or sum(counts(after) for _, _, after in commit.changed) > BULK
        for change, _, after in commit.changed:
            if (path := now.get(after)) is not None:
                _note(found[path], change, hands, commit, is_bulk=is_bulk)
        for change, before, after in commit.changed:
            if change[:1] == "R" and after in now:
                now[before] = now[after]
    return found


def _note(history: History, change: str, hands: tuple[Person, ...], commit: Commit, *, is_bulk: bool) -> None:
    """A new name alone is nobody's work."""
    history.touched = history.touched or commit.time
    if is_bulk:
        history.imported = hands if change == "A" else history.imported
    elif change not in {"R100", "D"}:
        history.time = history.time or (commit.time if hands else None)
        history.reviewed += commit.reviewers
        if change == "A":
            history.edited += history.began  # it was begun again after that
            history.began = hands
        else:
            history.edited += hands


def _commit(header: str, changed: list[tuple[str, str, str]]) -> Commit:
    told = [*header.rstrip("\x01\n").split(_FIELD), "", "", "", "", "", ""]
    author = Person(told[0].strip(), told[1].strip())
    together = dict.fromkeys([author, *people(told[3])])
    return Commit(tuple(together), _time(told[2]), tuple(changed), tuple(dict.fromkeys(people(told[4]))), told[5])


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
