"""Tells which mails belong together: by what they answer, else by a subject that goes on within a month.

The same mails in any order give the same threads, and a mail that comes twice changes nothing. After J. Zawinski,
"message threading" (jwz.org/doc/threading.html), with this difference: a thread is a set here and not a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(days=30)
"""How long after a thread's last mail an answer that names nothing it answers may join it by its subject."""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """What has to be known of a mail to find its thread. `key` says where it lies; of two copies the smaller counts."""

    id: str
    key: tuple[str | int, ...]
    time: datetime | None = None
    refs: tuple[str, ...] = ()
    subject: str = ""
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """Mails in order of time. `root` is the id of the first, or of what that one answers, be it here or not."""

    root: str
    heads: tuple[Head, ...]


def threads(heads: Iterable[Head], window: timedelta = WINDOW) -> Iterator[Thread]:
    """Each mail once, in its thread; threads in order of their first mail."""
    once: dict[str, Head] = {}
    for head in heads:
        before = once.get(head.id)
        once[head.id] = head if before is None or _first(head) < _first(before) else before
    groups = _by_reference(once)
    yield from sorted((_thread(group) for group in _by_subject(groups, once, window)), key=lambda t: _order(t.heads[0]))


def _first(head: Head) -> tuple[object, ...]:
    return (*head.key, _order(head), head.refs, head.subject, head.is_reply)


def _order(head: Head) -> tuple[datetime, str]:
    return head.time or _LONG_AGO, head.id


def _by_reference(once: Mapping[str, Head]) -> list[list[Head]]:
    """Mails that answer each other, also through one that is not here."""
    joined = _Joined()
    for head in once.values():
        for ref in head.refs:
            joined.join(head.id, ref)
    groups: dict[str, list[Head]] = {}
    for head in sorted(once.values(), key=_order):
        groups.setdefault(joined.find(head.id), []).append(head)
    return list(groups.values())


def _by_subject(groups: list[list[Head]], once: Mapping[str, Head], window: timedelta) -> Iterator[list[Head]]:
    """Groups, of which one that opens with an answer to nothing here joins what was said last under its subject."""
    latest: dict[str, list[Head]] = {}
    found: list[list[Head]] = []
    for group in sorted(groups, key=lambda group: _order(group[0])):
        opening = group[0]
        subject = opening.subject.casefold()
        before = latest.get(subject)
        is_orphan = opening.is_reply and not any(ref in once for ref in opening.refs)
        if before is not None and is_orphan and _is_near(before, opening, window):
            before += group
        else:
            before = list(group)
            found.append(before)
        if subject:
            latest[subject] = before
    yield from (sorted(group, key=_order) for group in found)


def _is_near(group: Sequence[Head], opening: Head, window: timedelta) -> bool:
    """Whether something was said in the group not long before; what was said after it does not count."""
    now = opening.time
    times = [head.time for head in group if now is not None and head.time is not None and head.time <= now]
    return now is not None and bool(times) and now - max(times) <= window


def _thread(group: Sequence[Head]) -> Thread:
    return Thread(_top(group), tuple(group))


def _top(group: Sequence[Head]) -> str:
    """The beginning of what the first mail answers: its own id when that is nothing."""
    above = {head.id: head.refs[0] for head in group if head.refs}
    root, seen = group[0].id, set[str]()
    while root in above and root not in seen:
        seen.add(root)
        root = above[root]
    return root if root not in seen else min(seen)


class _Joined:
    """Sets of ids that only ever grow together (union-find with path halving)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def find(self, name: str) -> str:
        above = self._above
        while (up := above.get(name, name)) != name:
            above[name] = above.get(up, up)
            name = above[name]
        return name

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._above[second] = first
