"""The nouns: what Sensemake reads, stores, asks and answers.

All of them are frozen; a change makes a new one. Times are aware and in UTC. `None` means "not known"
in a noun that is stored, and "any" in a filter; it has no other meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal, NewType

import numpy as np
from numpy.typing import NDArray

SiloName = NewType("SiloName", str)
SourceId = NewType("SourceId", str)
DocumentId = NewType("DocumentId", str)
PassageId = NewType("PassageId", str)
PersonId = NewType("PersonId", str)
ThemeId = NewType("ThemeId", str)
MapId = NewType("MapId", str)
TextKey = NewType("TextKey", str)
Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]

EVERYONE = "everyone"
"""The one group that every principal belongs to, signed in or not."""

NOTHING: Mapping[str, str] = MappingProxyType({})


def stable_id(*parts: str) -> str:
    """32 hex digits that follow from `parts` and nothing else (BLAKE2b, 128 bits)."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(joined, digest_size=16).hexdigest()


class Kind(StrEnum):
    """What a document is, in its authors' eyes."""

    PAGE = "page"
    CONVERSATION = "conversation"
    MAIL = "mail"
    REFLECTION = "reflection"
    EXPERIMENT = "experiment"
    QUESTION = "question"
    DECISION = "decision"
    STORY = "story"


class Role(StrEnum):
    """What somebody did in a text."""

    WROTE = "wrote"
    EDITED = "edited"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    OWNS = "owns"
    ASKED = "asked"
    ANSWERED = "answered"
    PRESENTED = "presented"
    DECIDED = "decided"
    THANKED = "thanked"
    MENTIONED = "mentioned"
    NAMED = "named"
    """Sent to by a text, as the one to ask; told from the text when a question is answered, never stored."""


class Reason(StrEnum):
    """Why an item could not be read (the contract's `reason`)."""

    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    EMPTY = "empty"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    HOSTILE = "hostile"
    CHANGED = "changed"
    BAD_ENCODING = "bad_encoding"


class Band(StrEnum):
    """How good an answer is, coarsely: a raw score would tell of texts that the asker may not read."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Status(StrEnum):
    """How a theme has moved since the last map."""

    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    FADING = "fading"
    RETURNING = "returning"


# ── who ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, order=True)
class Handle:
    """A name that somebody goes by in one place.

    Namespaces: `email` (lower case), `name` (as displayed), `user` (a user name of an unknown system),
    and one for each system (`slack`, `github`, …; a column of `people.csv`).
    """

    namespace: str
    value: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Handle:
        namespace, _, value = text.partition(":")
        return cls(namespace, value)


@dataclass(frozen=True, slots=True)
class Profile:
    """What one silo's export says of a handle; it counts only for those who may read that silo."""

    handle: Handle
    name: str | None = None
    email: str | None = None
    title: str | None = None
    is_person: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, joined from the directory, confirmed links and what visible silos say."""

    id: PersonId
    name: str
    handles: tuple[Handle, ...] = ()
    team: str | None = None
    groups: frozenset[str] = frozenset()
    active: bool = True
    listed: bool = True
    title: str | None = None


class Mark(StrEnum):
    """What somebody decided about a handle: it is no person's, or it is joined to nobody by itself."""

    BOT = "bot"
    SHARED = "shared"
    APART = "apart"


class Sign(StrEnum):
    """Why two may be one person."""

    SAME_NAME = "same name"
    SAME_USER = "same user name"
    ADDRESS = "address spells name"
    SPELLED = "user name spells name"
    LIKE_NAME = "similar name"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`handle`, shown as `shown`, may be `person`'s: for a person to confirm or refuse. `because` quotes both sides."""

    handle: Handle
    shown: str
    person: PersonId
    name: str
    sign: Sign
    because: str


class Verb(StrEnum):
    """What a person may say of a topic and themselves."""

    HIDE = "hide"
    HELP = "help"


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """A person's word on a topic: not to be named for it (`hide`), or willing to help with it (`help`)."""

    person: PersonId
    verb: Verb
    topic: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. Required by every read; there is no default, and no value that means "all".

    `groups` are compared with a silo's readers. They hold group names and, for a person, the handles
    by which an export may name its readers (`slack:U123`). `only` narrows further: a token made for some silos
    reads no other (`None`: the token says nothing of silos).
    """

    user: str
    groups: frozenset[str]
    person: PersonId | None = None
    scopes: frozenset[str] = frozenset()
    only: frozenset[SiloName] | None = None


@dataclass(frozen=True, slots=True)
class Silo:
    """A part of the organisation and the groups that may read it: the unit of permission."""

    name: SiloName
    readers: frozenset[str]


# ── what is read ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Source:
    """One place that documents come from; it belongs to a silo.

    `name` is unique in its silo and stands first in the `uri` of documents that have no name of their own.
    """

    silo: SiloName
    name: str
    indexer: str
    path: str
    options: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def id(self) -> SourceId:
        return SourceId(f"{self.silo}/{self.name}")


@dataclass(frozen=True, slots=True, order=True)
class Contribution:
    """One handle's part in a text."""

    handle: Handle
    role: Role


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text with one author, one time and one place: a section, a page, a message.

    `locator` leads back to it inside its document: `page=3`, `slide=2`, `line=40`, `ts=1714554000.000200`.
    """

    text: str
    author: Handle | None = None
    role: Role = Role.WROTE
    time: datetime | None = None
    locator: str = ""
    headings: tuple[str, ...] = ()
    mentions: tuple[Handle, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """A private place inside a source: a silo of its own, read by its members and nobody else.

    `key` is what its system calls it for good (`slack:G1`): names change, and another room may take one over.
    """

    name: str
    readers: frozenset[str]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A page, a conversation or a reflection, as its authors would recognise it.

    `uri` names it in its silo for good: the same page read again has the same `uri`. `path` is the file it
    was read from. `contributions` hold for all of it; what was said by one person is in that Part.
    """

    source: Source
    uri: str
    kind: Kind
    title: str
    parts: tuple[Part, ...]
    time: datetime | None = None
    path: str = ""
    url: str | None = None
    language: str | None = None
    contributions: tuple[Contribution, ...] = ()
    facets: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    profiles: tuple[Profile, ...] = ()
    room: Room | None = None

    @property
    def silo(self) -> SiloName:
        return SiloName(f"{self.source.silo}/{self.room.name}") if self.room else self.source.silo

    @property
    def id(self) -> DocumentId:
        return DocumentId(stable_id("document", self.silo, self.uri))


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """An item that could not be read. `uri` is what its document would have had, so that it is not taken for gone.

    `parser` is the part of an indexer that gave up (`files/word`); empty where the indexer says enough.
    """

    path: str
    reason: Reason
    detail: str = ""
    locator: str = ""
    uri: str = ""
    parser: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Documents whose `uri` begins so, and whose time lies in the span when one is given.

    `start` is for names in order of time, as of chat threads: a `uri` that sorts before it is not held, for what
    began before an export began is not whole in it.
    """

    prefix: str
    since: datetime | None = None
    until: datetime | None = None
    start: str = ""

    def holds(self, uri: str, time: datetime | None) -> bool:
        if not uri.startswith(self.prefix) or uri < self.start:
            return False
        if self.since is None and self.until is None:
            return True
        if time is None:
            return False
        return (self.since is None or self.since <= time) and (self.until is None or time <= self.until)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a read has seen to its end. Absence means deletion only in here; it is yielded last."""

    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Who said `text[start:end]` of a passage."""

    start: int
    end: int
    contribution: Contribution


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and found. It carries handles, never people."""

    id: PassageId
    document: DocumentId
    silo: SiloName
    source: SourceId
    kind: Kind
    title: str
    text: str
    ordinal: int
    locator: str = ""
    headings: tuple[str, ...] = ()
    language: str | None = None
    time: datetime | None = None
    contributions: tuple[Contribution, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def embedded(self) -> str:
        """The exact text that is embedded: its document's title above its own words (docs/decisions/0003).

        A conversation has no title of its own: its channel and its first words would only draw channels together.
        """
        titled = self.title and self.kind is not Kind.CONVERSATION
        return f"{self.title}\n{self.text}" if titled else self.text

    @property
    def key(self) -> TextKey:
        """The key of its vector: it follows from the exact text embedded and from nothing else."""
        return TextKey(stable_id("text", self.embedded))

    @property
    def authors(self) -> frozenset[Handle]:
        """Those whose own words or work these are (`--author` and the names on a hit)."""
        return frozenset(c.handle for c in self.contributions if c.role in AUTHORING)


AUTHORING = frozenset({Role.WROTE, Role.EDITED, Role.ASKED, Role.ANSWERED, Role.PRESENTED, Role.DECIDED})


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Filters:
    """What the asker narrowed the question to, in the asker's words."""

    silos: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    places: tuple[str, ...] = ()
    """Silos or sources, whichever bears the name (`in:` in a question); any one of them will do."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, how many answers are wanted and where to go on from (an opaque cursor)."""

    text: str
    limit: int = 10
    filters: Filters = Filters()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """What may be found. Made by `rules.visibility` only.

    `readable` are all silos that the asker may read: word statistics are counted over them. `silos`, a part of
    these, are the ones searched. An empty `silos` finds nothing. `None` elsewhere means any. `phrases`, words in
    their order (`rules.analysis.plain`), must all be said by a passage, and none of `without`.
    """

    readable: frozenset[SiloName]
    silos: frozenset[SiloName]
    kinds: frozenset[Kind] | None = None
    sources: frozenset[SourceId] | None = None
    authors: frozenset[Handle] | None = None
    languages: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    phrases: frozenset[tuple[str, ...]] = frozenset()
    without: frozenset[tuple[str, ...]] = frozenset()

    def holds(self, passage: Passage) -> bool:
        """Whether a passage may be found by what it is; of what it must and must not say `rules.wording` tells."""
        return (
            passage.silo in self.silos
            and passage.silo in self.readable
            and (self.kinds is None or passage.kind in self.kinds)
            and (self.sources is None or passage.source in self.sources)
            and (self.authors is None or not self.authors.isdisjoint(passage.authors))
            and (self.languages is None or passage.language in self.languages)
            and (self.since is None or (passage.time is not None and passage.time >= self.since))
            and (self.until is None or (passage.time is not None and passage.time <= self.until))
        )


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The analysed words of a question (`rules.analysis.terms`), each as often as it is said, in order."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage and its score in one leg; only comparable within that leg and question.

    `at` is where the index found it: by that the index that gave it can tell more of it."""

    passage: PassageId
    score: float
    at: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search index is given: a passage, its unit vector, and the partition of its silo.

    Silos with exactly the same readers share a partition (`rules.visibility.partition`).
    """

    passage: Passage
    vector: Vector
    partition: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the catalog's log of changes to passages."""

    number: int
    passage: PassageId
    deleted: bool


# ── answering ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """Whether somebody may read a document, and by which of the silo's readers."""

    user: str
    document: DocumentId
    title: str
    silo: SiloName
    readers: frozenset[str]
    shared: frozenset[str]
    may_read: bool

    @property
    def because(self) -> str:
        """The reason in words."""
        if self.shared == {EVERYONE}:
            return f"everyone reads {self.silo}"
        if self.shared:
            return f"{self.user} is in {', '.join(sorted(self.shared))}, which reads {self.silo}"
        if self.may_read:
            return f"{self.user} owns this home"
        if not self.readers:
            return f"{self.silo} is read by the owner of this home only"
        return f"{self.user} is in none of the groups that read {self.silo}: {', '.join(sorted(self.readers))}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers, and why it was found. Its document comes without its parts."""

    rank: int
    passage: Passage
    document: Document
    authors: tuple[str, ...]
    band: Band
    dense_rank: int | None
    lexical_rank: int | None
    highlights: tuple[tuple[int, int], ...] = ()
    similar_count: int = 0
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is nearest to a question without an answer: labels of themes and people's names. `written` are those of
    the labels that a language model wrote."""

    themes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Hits in order, or `abstained`: nothing good was found. `degraded` names a leg that could not be asked.

    `changed`: what may be found is other than when the page before was asked for, so hits may come twice or be missed.
    """

    query: str
    hits: tuple[Hit, ...]
    abstained: bool = False
    nearest: Nearest = Nearest()
    degraded: tuple[str, ...] = ()
    next_cursor: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may be meant: a document's `title`, a `person` or a `theme`, with its id. `written_by` is the
    language model that wrote a theme's label, if one did."""

    text: str
    kind: Literal["title", "person", "theme"]
    id: str
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A document, or one passage of it, that a person put first among the answers to a question."""

    question: str
    document: DocumentId
    passage: PassageId | None = None


@dataclass(frozen=True, slots=True)
class Insight:
    """How many distinct people, never fewer than five, did something in a month: what is asked, and what is used.

    `what` is `asked` or `in vain` (`text` is the question), `opened` or `helped` (`document`), or `helped with` (both).
    """

    month: str
    what: str
    people: int
    text: str = ""
    document: DocumentId | None = None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that nobody answered: of a `document`, or one that `people` asked the search in vain in a `month`."""

    id: str
    text: str
    document: Document | None = None
    locator: str = ""
    time: datetime | None = None
    month: str = ""
    people: int = 0
    dismissed: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that speaks for somebody's knowledge, in which role, and how much it weighs.

    `terms` are the factors of that weight by name; they are shown to those who ask for them.
    """

    passage: Passage
    document: Document
    role: Role
    weight: float
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who knows, never without evidence that the asker may read."""

    rank: int
    person: Person
    band: Band
    evidence: tuple[Evidence, ...]
    silos: tuple[SiloName, ...]
    last_active: datetime | None
    offers: tuple[str, ...] = ()
    """What they said they are willing to help with, of what the topic touches."""


@dataclass(frozen=True, slots=True)
class ExpertsAnswer:
    """Experts in order; `left_out` counts by reason (`opted_out`, `inactive`), over visible evidence only.

    `second` is somebody beside the first who may be asked as well, so that not everybody asks the same person.
    """

    topic: str
    experts: tuple[Expert, ...]
    abstained: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)
    second: Person | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A passage in a theme, with its strength from 0 to 1."""

    passage: PassageId
    document: DocumentId
    strength: float


@dataclass(frozen=True, slots=True)
class ThemeEvent:
    """What happened to a theme between two maps, with the numbers that say so."""

    name: str
    numbers: Mapping[str, float]
    related: tuple[ThemeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """That a machine wrote a theme's name: by which model, and the passages that it saw."""

    by: str
    saw: tuple[PassageId, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a machine wrote of a theme in a sentence or two: by which model, from the passages that it `saw`, when the
    theme had so many `documents`."""

    text: str
    by: str
    saw: tuple[PassageId, ...]
    documents: int


@dataclass(frozen=True, slots=True)
class Theme:
    """A subject that documents share. Its id, and a person's edits, live on from map to map.

    `centroid` is the unit mean of its members' vectors; `people` counts distinct listed authors. `also` are passages
    that lie in it too while their own theme is another; `reach` is the cosine that a newcomer needs. A broader theme
    (`level` 1 or 2) is the `parent` of others and holds what they hold. `place` is where it stands on the plane of its
    map (`rules.layout`); None where it has none. `written` says that its label is a language model's; then
    `plain` is the name that it has without one. A `summary` is always a language model's.
    """

    id: ThemeId
    label: str
    keyphrases: tuple[str, ...]
    members: tuple[Membership, ...]
    people: int
    silos: tuple[SiloName, ...]
    centroid: tuple[float, ...]
    level: int = 0
    parent: ThemeId | None = None
    status: Status = Status.NEW
    events: tuple[ThemeEvent, ...] = ()
    also: tuple[Membership, ...] = ()
    place: tuple[float, float] | None = None
    reach: float | None = None
    written: Written | None = None
    plain: str | None = None
    summary: Summary | None = None

    @property
    def written_by(self) -> str | None:
        """The language model that wrote its label, if one did."""
        return self.written.by if self.written else None

    @property
    def documents(self) -> tuple[DocumentId, ...]:
        """Its documents, each once, the strongest passage's first."""
        ordered = sorted(self.members, key=lambda m: (-m.strength, m.document))
        return tuple(dict.fromkeys(m.document for m in ordered))

    @property
    def size(self) -> int:
        return len({m.document for m in self.members})


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """A dated set of themes, computed from what one audience may read and from nothing else.

    `silos` are that audience's; whoever may not read all of them may not see the map. `state` is the catalog's
    mark when it was made. `loose` counts documents in no theme; `unplaced` are the passages in none. `themes` are the
    finest (level 0), `broader` those above them. `middle` is the mean of all vectors, from where themes are seen;
    `marks` are the silos' latest change numbers when it was made.
    """

    id: MapId
    built_at: datetime
    silos: frozenset[SiloName]
    state: str
    settings: Mapping[str, str]
    themes: tuple[Theme, ...]
    loose: int
    outlier_ratio: float
    stability: float | None = None
    gone: tuple[ThemeId, ...] = ()
    unplaced: tuple[PassageId, ...] = ()
    broader: tuple[Theme, ...] = ()
    middle: tuple[float, ...] = ()
    marks: Mapping[SiloName, int] = field(default_factory=dict)

    @property
    def levels(self) -> int:
        """Of themes, the finest counted."""
        return 1 + max((theme.level for theme in self.broader), default=0)

    def at(self, level: int) -> tuple[Theme, ...]:
        """The themes of a level; a finer one that has none above it stands for itself."""
        found = [t for t in (*self.themes, *self.broader) if t.level == level or (t.level < level and not t.parent)]
        return tuple(sorted(found, key=lambda theme: (-theme.size, theme.label, theme.id)))


@dataclass(frozen=True, slots=True)
class KnownFor:
    """A theme that somebody has a part in: when, where, and the passages that say so.

    `years` are (year, how many of the theme's documents they had a part in). `written_by` is the language model that
    wrote the label, if one did.
    """

    theme: ThemeId
    label: str
    since: datetime | None
    until: datetime | None
    years: tuple[tuple[int, int], ...]
    silos: tuple[SiloName, ...]
    evidence: tuple[Evidence, ...]
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """What the asker may know of a person: their themes, the newest first, and what they said of themselves.

    `hidden` is for the person and the home's owner only.
    """

    person: Person
    themes: tuple[KnownFor, ...]
    helps: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def bridged(self) -> tuple[SiloName, ...]:
        """The silos that they join on some theme."""
        return tuple(sorted({silo for theme in self.themes if len(theme.silos) > 1 for silo in theme.silos}))


@dataclass(frozen=True, slots=True)
class Bridge:
    """A theme that two silos share, and what joins them there.

    `people` counts those with a part in both; None when they are too few to count in a view for all. `persons` are
    named only to those who asked for names; `mine` says that the asker is one of them. Without anybody in common it
    is a missing bridge. `written_by` is the language model that wrote the label, if one did.
    """

    theme: ThemeId
    label: str
    silos: tuple[SiloName, SiloName]
    people: int | None
    documents: tuple[Document, ...] = ()
    persons: tuple[Person, ...] = ()
    mine: bool = False
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A theme whose evidence rests on one active person (`one`), or on nobody who is still active (`nobody`).

    `written_by` is the language model that wrote the label, if one did."""

    theme: ThemeId
    label: str
    silos: tuple[SiloName, ...]
    documents: int
    holders: str
    mine: bool = False
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class BridgesAnswer:
    """What links silos, where a link is missing, and what hangs on one person; over what the asker may read."""

    bridges: tuple[Bridge, ...]
    missing: tuple[Bridge, ...]
    single: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to put a question to, why, and a message that is ready to send. `inside`: of the asker's own team."""

    person: Person
    inside: bool
    evidence: Evidence
    message: str


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a question goes: passages in which it may be answered already, and people to ask."""

    question: str
    answered: tuple[Hit, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, in numbers. `masked` counts by kind what was masked (`rules.redaction`)."""

    documents: int
    passages: int
    embedded: int
    unchanged: int
    removed: int
    failures: tuple[ReadFailure, ...]
    seconds: float
    warnings: tuple[str, ...] = ()
    masked: Mapping[str, int] = field(default_factory=dict)
