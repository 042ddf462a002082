"""Reads mails out of any number of mailboxes into threads: each a document, with a part for each mail."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import Any, Self

from sensemake.indexers import _mail_message
from sensemake.indexers._archives import Refused
from sensemake.indexers._chat import clean
from sensemake.indexers._export import shown
from sensemake.indexers._mail_message import Mail
from sensemake.indexers._mail_threads import Head, Thread, threads
from sensemake.indexers._mailboxes import Box, Raw, mails
from sensemake.indexers._turns import asks, thanks
from sensemake.model import (
    Contribution,
    Document,
    Handle,
    Kind,
    Part,
    Profile,
    ReadFailure,
    Reason,
    Role,
    Scope,
    Source,
    stable_id,
)

DATED, UNDATED = "mail:thread/", "mail:undated/"
"""What the names of threads begin with; a thread in which no mail has a time is in no span of days."""
GAP = timedelta(days=45)
"""Days without a mail after which what an archive holds is taken for two stretches."""
_IN_MEMORY = 32 << 20
_LONGEST_NAME = 160
_OPENING = 600
"""Characters of a mail in which thanks for an answer stand; further down they are a way to say goodbye."""


@dataclass(slots=True)
class Tally:
    """What became of the mails of a read, in numbers: read = kept + repeated + dropped + failed."""

    read: int = 0
    kept: int = 0
    repeated: int = 0
    failed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    threads: int = 0
    authored: int = 0
    own: int = 0
    quoted: int = 0
    signatures: int = 0
    others: int = 0

    def __str__(self) -> str:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self.dropped.items())) or "none"
        return (
            f"{self.read} mails read, {self.kept} kept in {self.threads} threads ({self.authored} with an author), "
            f"{self.repeated} repeated, {self.failed} failed, dropped: {reasons}; of the text {self.own} characters "
            f"kept, {self.quoted} set aside as quotes, {self.signatures} as signatures; {self.others} other files left "
            "out"
        )


class Reading:
    """One read: mailboxes are taken one by one, then the threads are told. Use it in a `with` block.

    Of each mail the words lie in a file without a name (in memory while small), and what tells its thread in memory.
    """

    def __init__(self, source: Source, tally: Tally, below: str = "") -> None:
        """`below` is what the names of its documents begin with, when they belong to something larger."""
        self._source, self._tally, self._below = source, tally, below
        self._heads: list[Head] = []
        self._words = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._places: dict[tuple[str | int, ...], int] = {}
        self._days: set[date] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._words.close()

    def take(self, name: str, box: Box, lines: Iterable[bytes]) -> Iterator[ReadFailure]:
        """Take the mails of the mailbox called `name`; what could not be read of it."""
        for raw in mails(box, lines):
            yield from self._take(name, raw, is_outlook=box is Box.OUTLOOK)

    def _take(self, name: str, raw: Raw, *, is_outlook: bool) -> Iterator[ReadFailure]:
        """The edge: whatever the parser raises says that this mail is malformed."""
        self._tally.read += 1
        try:
            mail = self._mail(raw, is_outlook=is_outlook)
        except Refused as refused:
            reason, detail = refused.reason, refused.detail
        except (MemoryError, RecursionError):
            reason, detail = Reason.MEMORY, "reading it took too much memory"
        except Exception as error:  # noqa: BLE001 - parsers raise anything; their words may hold the text
            reason, detail = Reason.MALFORMED, f"its reader gave up: {type(error).__name__}"
        else:
            self._keep(name, raw.number, mail)
            return
        self._tally.failed += 1
        yield ReadFailure(shown(name), reason, detail, f"mail={raw.number}", self._failed_uri(raw))

    def _mail(self, raw: Raw, *, is_outlook: bool) -> Mail:
        if raw.flaw is not None:
            raise raw.flaw
        return _mail_message.read_outlook(raw.data) if is_outlook else _mail_message.read(raw.data, sent=raw.sent)

    def _failed_uri(self, raw: Raw) -> str:
        """The thread that it would have begun, so that this is not taken for gone."""
        name = _mail_message.failed_id(raw.data) if raw.data else ""
        return f"{self._below}{DATED}{_named(name)}" if name else ""

    def _keep(self, name: str, number: int, mail: Mail) -> None:
        self._tally.quoted += mail.quoted
        self._tally.signatures += mail.signature
        noise = mail.noise or _emptiness(mail)
        if noise:
            self._tally.dropped[noise] += 1
            return
        key = (shown(name), number)
        self._places[key] = self._words.tell()
        self._words.write(json.dumps(_told(mail)).encode() + b"\n")
        self._heads.append(Head(mail.id, key, mail.time, mail.refs, mail.subject, mail.is_reply))
        if mail.time is not None:
            self._days.add(mail.time.date())

    def documents(self) -> Iterator[Document]:
        """Every thread of what was taken."""
        for thread in threads(self._once()):
            self._tally.threads += 1
            self._tally.kept += len(thread.heads)
            yield self._document(thread)

    def _once(self) -> Iterator[Head]:
        """Each mail once. What says other words under the id of another is a mail of its own beside it."""
        copies: dict[str, list[Head]] = {}
        for head in self._heads:
            copies.setdefault(head.id, []).append(head)
        for heads in copies.values():
            kept = self._different(heads) if len(heads) > 1 else heads
            self._tally.repeated += len(heads) - len(kept)
            yield from kept

    def _different(self, heads: list[Head]) -> list[Head]:
        """The longest copy first, so that the order in which they came does not matter."""
        told = sorted(((" ".join(self._again(h)["text"].split()), h) for h in heads), key=_longest_first)
        found: list[tuple[str, Head]] = []
        for text, head in told:
            if not found:
                found.append((text, head))
            elif not any(_says_the_same(text, other) for other, _ in found):
                name = f"{head.id}~{stable_id(text)[:8]}"
                found.append((text, replace(head, id=name, refs=(*head.refs, head.id))))
        return [head for _, head in found]

    def scopes(self) -> tuple[Scope, ...]:
        """The days that it holds, in stretches without a long gap: what was said in a gap may lie elsewhere.

        A mail with a wrong date is a stretch of its own, and so widens none.
        """
        stretches: list[list[date]] = []
        for day in sorted(self._days):
            if stretches and day - stretches[-1][1] <= GAP:
                stretches[-1][1] = day
            else:
                stretches.append([day, day])
        spans = ((_at(first, time.min), _at(last, time.max)) for first, last in stretches)
        return (*(Scope(DATED, since, until) for since, until in spans), Scope(UNDATED))

    def _document(self, thread: Thread) -> Document:
        mails = [self._again(head) for head in thread.heads]
        asker = _asker(thread, mails)
        for mail in mails:
            self._tally.authored += mail["author"] is not None
            self._tally.own += len(mail["text"])
        times = [head.time for head in thread.heads if head.time is not None]
        listed = sorted({mail["list"] for mail in mails if mail["list"]})
        return Document(
            source=self._source,
            uri=f"{self._below}{DATED if times else UNDATED}{_named(thread.root)}",
            kind=Kind.MAIL,
            title=next((mail["subject"] for mail in mails if mail["subject"]), "(no subject)"),
            parts=_parts(thread, mails, asker),
            time=max(times, default=None),
            path=str(thread.heads[0].key[0]),
            url=mails[0]["url"] or None,
            contributions=_thanked(asker, mails),
            facets={"list": ", ".join(listed)} if listed else {},
            profiles=tuple(sorted({profile for mail in mails if (profile := _profile(mail))}, key=_by_handle)),
        )

    def _again(self, head: Head) -> dict[str, Any]:
        self._words.seek(self._places[head.key])
        told: dict[str, Any] = json.loads(self._words.readline())
        return told


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, UTC)


def _longest_first(told: tuple[str, Head]) -> tuple[object, ...]:
    return -len(told[0]), told[0], told[1].key


def _says_the_same(shorter: str, longer: str) -> bool:
    """Whether it is a copy: to what one list sends on another adds a footer."""
    return shorter[: max(20, len(shorter) * 4 // 5)] == longer[: max(20, len(shorter) * 4 // 5)]


def _emptiness(mail: Mail) -> str:
    """Why there is nothing of its own in it; a subject without a body says something."""
    if mail.text or (mail.subject and not mail.quoted):
        return ""
    return "only quotes" if mail.quoted else "empty"


def _told(mail: Mail) -> dict[str, Any]:
    """What a document needs of a mail, in JSON."""
    author, profile = mail.author, mail.profile
    return {
        "author": [author.namespace, author.value] if author else None,
        "name": profile.name if profile else None,
        "is_person": profile is None or profile.is_person,
        "subject": mail.subject,
        "text": mail.text or mail.subject,
        "list": mail.list_name,
        "url": mail.url,
    }


def _author(mail: dict[str, Any]) -> Handle | None:
    return Handle(*mail["author"]) if mail["author"] else None


def _profile(mail: dict[str, Any]) -> Profile | None:
    author = _author(mail)
    if author is None or (mail["name"] is None and mail["is_person"]):
        return None
    email = author.value if author.namespace == "email" else None
    return Profile(author, name=mail["name"], email=email, is_person=mail["is_person"])


def _by_handle(profile: Profile) -> tuple[Handle, str]:
    return profile.handle, profile.name or ""


def _parts(thread: Thread, mails: list[dict[str, Any]], asker: Handle | None) -> tuple[Part, ...]:
    """A part for each mail: its author asked, answered what another asked, or wrote."""

    def role(number: int, author: Handle | None) -> Role:
        if asker is None or (number > 0 and author == asker):
            return Role.WROTE
        return Role.ANSWERED if number else Role.ASKED

    return tuple(
        Part(
            text=mail["text"],
            author=_author(mail),
            role=role(number, _author(mail)),
            time=head.time,
            locator=f"message-id={head.id}",
        )
        for number, (head, mail) in enumerate(zip(thread.heads, mails, strict=True))
    )


def _asker(thread: Thread, mails: list[dict[str, Any]]) -> Handle | None:
    """Whoever opened the thread with a question. An answer whose question is not here opens nothing."""
    if thread.heads[0].is_reply or thread.heads[0].refs:
        return None
    opening = mails[0]
    return _author(opening) if asks(f"{opening['subject']}\n{opening['text']}") else None


def _thanked(asker: Handle | None, mails: list[dict[str, Any]]) -> tuple[Contribution, ...]:
    """Whom the one who asked thanked: whoever answered last before."""
    helpers: dict[Handle, None] = {}
    last: Handle | None = None
    for mail in mails[1:] if asker else ():
        author = _author(mail)
        if author != asker:
            last = author or last
        elif last is not None and thanks(mail["text"][:_OPENING]):
            helpers[last] = None
    return tuple(Contribution(handle, Role.THANKED) for handle in sorted(helpers))


def _named(root: str) -> str:
    """The id of a mail as a step of a name: no slash, not endless."""
    plain = clean(root).replace("%", "%25").replace("/", "%2F")
    return plain if len(plain) <= _LONGEST_NAME else stable_id("mail", root)
