"""The seams: what a job needs from the outside world, each as small as the job that needs it.

`sensemake.testing` holds one contract suite for each seam that strangers may fill.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sensemake.model import (
    Change,
    Coverage,
    Document,
    DocumentId,
    Entry,
    Handle,
    Insight,
    LexicalQuery,
    MapId,
    Mark,
    Passage,
    PassageId,
    Person,
    PersonId,
    Pin,
    Profile,
    ReadFailure,
    Scored,
    Silo,
    SiloName,
    Source,
    SourceId,
    TextKey,
    ThemeMap,
    Vector,
    Vectors,
    Where,
    Wish,
)

# ── adapters that strangers may write (entry points) ─────────────────────────────────────────────


class Indexer(Protocol):
    """Reads one format. An entry point in `sensemake.indexers` names a class without arguments.

    `continues` is true of exports of one place, of which there will be later ones: they continue the same
    source in a silo. A folder (`continues` false) is its own source.
    """

    name: str
    continues: bool

    def sniff(self, path: Path) -> int:
        """How sure it is that it reads `path` (a file or folder), 0 to 100; 0 is "not mine". Must be quick."""
        ...

    def read(self, path: Path, source: Source) -> Iterator[Document | ReadFailure | Coverage]:
        """Documents and failures as they come; last, if it got to the end, the Coverage.

        Bad data is yielded as a ReadFailure, never raised. Options (`include_private`) are in `source.options`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """What an indexer can read by itself. `path` and `uri` are those of its failure; `about` is the indexer's own.

    A `large` one gives many documents and may take as much as an export.
    """

    path: str
    uri: str
    about: Mapping[str, str]
    large: bool = False


@runtime_checkable
class PieceByPiece(Protocol):
    """An indexer whose source falls into pieces: one that hurts its reader then costs no other.

    `read` gives what `pieces` and `read_piece` give together.
    """

    def pieces(self, path: Path, source: Source) -> Iterator[Piece | ReadFailure | Coverage]:
        """What there is to read, in order, without opening any of it; last, if all was seen, the Coverage."""
        ...

    def read_piece(self, piece: Piece, source: Source) -> Iterator[Document | ReadFailure]: ...


class Embedder(Protocol):
    """Turns text into unit vectors. `model_id` names the weights and the precision exactly."""

    @property
    def model_id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dim), float32, each row of length 1; in the order given."""
        ...

    def query(self, text: str) -> Vector:
        """Shape (dim,), float32, of length 1."""
        ...


class Reranker(Protocol):
    """Reads a question and a passage together, which tells more than two vectors do, and takes much longer."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """How well each text answers, shape (len(texts),): only their order says something."""
        ...


@dataclass(frozen=True, slots=True)
class Outline:
    """What is ranked by: a passage without its words."""

    document: DocumentId
    silo: SiloName
    language: str | None


class SearchIndex(Protocol):
    """Finds passages. A cache: everything in it can be rebuilt from the catalog.

    Promises: `where` holds before `k` (all of it: `rules.wording.holds`); every call may be repeated; what was
    `put` or `deleted` is seen by the next search of this object, and by others after `commit`; results are ordered by
    score, ties by passage id; word statistics are those of the passages in `where.readable`, exactly, deleted ones not
    counted.
    """

    def generation(self, silo: SiloName, partition: str) -> int:
        """The catalog's change number up to which `silo` is held in `partition`; 0 when it is not."""
        ...

    def put(self, entries: Sequence[Entry]) -> None:
        """Add or replace passages (a passage of a silo that lay in another partition is moved)."""
        ...

    def delete(self, passages: Collection[PassageId]) -> None: ...

    def drop(self, silo: SiloName) -> None:
        """Forget a silo whole; its generation becomes 0."""
        ...

    def discard(self, silo: SiloName, *, but: Set[PassageId] = frozenset()) -> None:
        """Forget what was put and deleted of a silo and not committed, `but` these passages: by `generation` another
        process wrote all the rest."""
        ...

    def commit(self, generations: Mapping[SiloName, tuple[str, int]], *, erases: bool = False) -> None:
        """Make all that was put and deleted durable at once, and note each silo's partition and generation.

        With `erases` nothing that was ever deleted is left in a file afterwards, neither words nor vectors."""
        ...

    def dense(self, vector: Vector, k: int, where: Where) -> list[Scored]:
        """The k nearest by inner product (of unit vectors: the cosine)."""
        ...

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        """The k best by BM25 (`rules.bm25`) that hold at least one term."""
        ...

    def outlines(self, found: Collection[Scored]) -> Mapping[PassageId, Outline]:
        """What this object found, as it was put, when it was found."""
        ...

    def vectors(self, found: Collection[Scored]) -> Mapping[PassageId, Vector]: ...

    def holding(self, found: Collection[Scored], terms: Collection[str]) -> Mapping[PassageId, frozenset[str]]:
        """Which of these terms each of the passages holds, as `lexical` counts them."""
        ...


@dataclass(frozen=True, slots=True)
class Clustering:
    """`labels[i]` is the cluster of vector i, or -1; `strengths[i]` its membership from 0 to 1.

    `beyond` is by how many times the clusters stand apart more than chance would have it, where that was looked at.
    When it is less than 1 there are no clusters, and `doubtful` holds what would be labels, for who knows more.
    """

    labels: NDArray[np.int64]
    strengths: NDArray[np.float64]
    settings: Mapping[str, str]
    beyond: float | None = None
    doubtful: NDArray[np.int64] | None = None


class Clusterer(Protocol):
    """Finds groups of vectors. The same vectors give the same groups, whenever and however often."""

    name: str

    def fit(self, vectors: Vectors) -> Clustering:
        """Any number of vectors from 0 up; few or shapeless ones give no cluster, never an error."""
        ...


class Labeller(Protocol):
    """Gives a theme a name of two to six words from its own passages."""

    name: str

    def label(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str: ...


class Writer(Protocol):
    """Writes a theme's name and what it is about by a language model, where somebody set one up."""

    name: str

    def write(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str | None:
        """A name; None when it has no answer to give, and then the theme is named without it."""
        ...

    def summarise(self, label: str, passages: Sequence[Passage]) -> str | None:
        """A sentence or two on what the theme of this name is about, as plain text in one line; None as above."""
        ...


class Renderer(Protocol):
    """Turns a report (the JSON document of `jobs.report`) into one file's text."""

    format: str

    def render(self, report: Mapping[str, object]) -> str: ...


# ── the catalog: the truth ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog holds of a document; `digest` follows from all of its content."""

    id: DocumentId
    uri: str
    digest: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A document on its way into the catalog, with its passages."""

    document: Document
    digest: str
    passages: tuple[Passage, ...]


class Corpus(Protocol):
    """Documents, their passages, the passages' vectors, and the log of changes."""

    def known(self, source: SourceId) -> Mapping[DocumentId, Known]:
        """All documents of a source, its private rooms included."""
        ...

    def store(self, batch: Sequence[Stored]) -> None:
        """Add or replace documents in one transaction; log a change for each passage that is new, other or gone."""
        ...

    def remove(self, documents: Collection[DocumentId]) -> None:
        """Forget documents and passages in one transaction, and vectors that no passage needs any more."""
        ...

    def documents(self, ids: Collection[DocumentId], *, parts: bool = True) -> Mapping[DocumentId, Document]:
        """Those that there are. Without `parts` they have none: what a document is called takes little reading."""
        ...

    def passages(self, ids: Collection[PassageId]) -> Mapping[PassageId, Passage]: ...

    def titles(self, silos: Collection[SiloName], holding: str) -> Sequence[tuple[DocumentId, str]]:
        """The documents of these silos, but for conversations, whose title holds a text in any case."""
        ...

    def select(self, where: Where) -> Sequence[Passage]:
        """All passages that `where` allows, ordered by document and ordinal."""
        ...

    def changes(self, silo: SiloName, after: int, limit: int) -> Sequence[Change]:
        """The next changes of a silo in order, only the last one for each passage."""
        ...

    def marks(self) -> Mapping[SiloName, int]:
        """Each silo's latest change number (0 when it never had one)."""
        ...

    def vectors(self, model: str, keys: Collection[TextKey]) -> Mapping[TextKey, Vector]: ...

    def keep_vectors(self, model: str, vectors: Mapping[TextKey, Vector]) -> None: ...


@dataclass(frozen=True, slots=True)
class Holding:
    """What the catalog holds of a source: documents, those of them that somebody signed, the newest one's time."""

    documents: int = 0
    authored: int = 0
    newest: datetime | None = None


class Likenesses(Protocol):
    """Which documents are much like which (`rules.likeness`); kept by `Corpus.store`, gone with the document."""

    def signatures(self, ids: Collection[DocumentId]) -> Mapping[DocumentId, NDArray[np.uint32]]:
        """Of those that say enough to have one."""
        ...

    def counts(self, ids: Collection[DocumentId], readable: Collection[SiloName]) -> Mapping[DocumentId, int]:
        """How many other documents in these silos are much like each of them."""
        ...


class Sources(Protocol):
    """Where documents come from, how the last read went, and what is in quarantine."""

    def register(self, source: Source) -> None:
        """Add a source, or replace its path and options."""
        ...

    def all(self) -> tuple[Source, ...]: ...

    def remove(self, source: SourceId) -> None: ...

    def finished(
        self,
        source: SourceId,
        at: datetime,
        failures: Sequence[ReadFailure],
        *,
        version: str = "",
        read: Collection[str] | None = None,
    ) -> None:
        """Note a read and put its failures in the place of the last one's; what failed before keeps its first time.

        `version` is the reader's. A read that saw no end, or was of a few things only, says what it did `read` (the
        uris): other failures stay, and the source does not count as read.
        """
        ...

    def failures(self, source: SourceId) -> tuple[ReadFailure, ...]: ...

    def last_read(self, source: SourceId) -> datetime | None: ...

    def holdings(self) -> Mapping[SourceId, Holding]:
        """What is held of each source, its private rooms included; a source of which nothing is held may be absent."""
        ...

    def setting(self, name: str) -> str | None:
        """A fact about this home, such as `model` (the one whose index answers)."""
        ...

    def set_setting(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A failure as it is kept, with the version of the reader that gave up. Its `id` is the same at every read."""

    id: str
    source: SourceId
    failure: ReadFailure
    version: str
    first_seen: datetime | None
    last_seen: datetime | None


class Quarantine(Protocol):
    """What could not be read, as `Sources.finished` left it."""

    def all(self) -> tuple[Quarantined, ...]:
        """By source, in the order of the read."""
        ...

    def drop(self, ids: Collection[str]) -> int:
        """Forget these; how many there were."""
        ...


class People(Protocol):
    """Persons and the handles they go by. Joining them is a rule (`rules.identity`), done at question time."""

    def import_directory(self, persons: Sequence[Person]) -> None:
        """Make `persons` the directory; what a person chose stays."""
        ...

    def directory(self) -> tuple[Person, ...]:
        """The directory's persons. Whether they are listed follows from `choices`, not from here."""
        ...

    def profiles(self, silos: Collection[SiloName]) -> tuple[Profile, ...]:
        """What these silos say of handles."""
        ...

    def handles(self, silos: Collection[SiloName]) -> Mapping[Handle, PersonId]:
        """Every handle that occurs in these silos, each with a random id of its own that never changes."""
        ...

    def links(self) -> tuple[tuple[Handle, PersonId], ...]:
        """Joins that a person confirmed."""
        ...

    def link(self, handle: Handle, person: PersonId | None) -> None:
        """Confirm that a handle is this person's, or take a confirmation back (None)."""
        ...

    def choices(self) -> Mapping[PersonId, bool]:
        """Who chose to be listed (True) or not; most people chose nothing."""
        ...

    def set_listed(self, person: PersonId, *, listed: bool) -> None: ...

    def wishes(self) -> tuple[Wish, ...]:
        """What people hide and what they are willing to help with, in order."""
        ...

    def set_wish(self, wish: Wish, *, kept: bool) -> None:
        """Keep a wish, or take it back; either may be repeated."""
        ...


class Decisions(Protocol):
    """What people decided about handles, beside confirmed links: refused proposals, and marks.

    A mark on `Handle("", person_id)` is one on a person of the directory.
    """

    def refused(self) -> frozenset[tuple[Handle, PersonId]]: ...

    def refuse(self, handle: Handle, person: PersonId, *, refused: bool) -> None:
        """Never propose this join again, or take that back."""
        ...

    def marks(self) -> Mapping[Handle, Mark]: ...

    def mark(self, handle: Handle, mark: Mark | None) -> None:
        """Put a mark in the place of the last one, or take it back (None)."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """Somebody as an identity provider names them: a handle, an address that it verified, and groups."""

    subject: Handle
    email: str | None
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is kept: `digest` is the SHA-256 of the secret, which is not kept.

    With an `origin` it holds for pages of that web origin only. `used` is when it was last used, to about a minute. A
    session that an identity provider opened is of `outside`.
    """

    id: str
    name: str
    digest: str
    user: str
    scopes: frozenset[str]
    silos: frozenset[SiloName] | None
    created: datetime
    expires: datetime | None
    once: bool = False
    origin: str | None = None
    used: datetime | None = None
    outside: Outside | None = None


class Access(Protocol):
    """Silos, who may read them, and tokens."""

    def silos(self) -> tuple[Silo, ...]: ...

    def add_silo(self, silo: Silo) -> None: ...

    def set_readers(self, silo: SiloName, readers: frozenset[str]) -> None: ...

    def remove_silo(self, silo: SiloName) -> None:
        """Forget a silo that holds no documents."""
        ...

    def add_token(self, token: Token) -> None: ...

    def tokens(self) -> tuple[Token, ...]: ...

    def token(self, digest: str) -> Token | None: ...

    def revoke(self, token_id: str) -> bool:
        """Whether there was such a token; from the next request on it is void."""
        ...

    def used(self, token_id: str, at: datetime) -> None:
        """Note that a token was used; one that was revoked stays so."""
        ...

    def forget_ended(self, before: datetime) -> None:
        """Drop the tokens that ended before a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds, of which `burst` may come at once."""

    requests: int
    seconds: float
    burst: int


class Rates(Protocol):
    """How often somebody may ask, shared by all processes of a home."""

    def take(self, key: str, rate: Rate, now: float) -> float:
        """Seconds to wait before asking again; 0 when this request may pass. StoreError when it cannot be counted."""
        ...

    def count(self, key: str, window: int) -> int:
        """How many there were in this window, this one too; windows before it are forgotten. StoreError."""
        ...


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that outlives the request that asked for it. `request` and `outcome` are JSON objects."""

    id: str
    user: str
    kind: str
    request: Mapping[str, Any]
    created: datetime
    status: JobStatus = JobStatus.QUEUED
    stage: str = ""
    done: int = 0
    total: int | None = None
    finished: datetime | None = None
    outcome: Mapping[str, Any] | None = None
    problem: str | None = None
    cancelled: bool = False


class Jobs(Protocol):
    """Work to be done, shared by all processes of a home."""

    def add(self, job: Job) -> None: ...

    def get(self, job_id: str) -> Job | None: ...

    def all(self) -> tuple[Job, ...]:
        """Oldest first."""
        ...

    def claim(self, at: datetime, *, dead: timedelta) -> Job | None:
        """The oldest job that waits, now running; also one whose worker has not been heard of for so long."""
        ...

    def beat(self, job_id: str, at: datetime, *, stage: str, done: int, total: int | None) -> bool:
        """Say how far a running job is. False when somebody cancelled it: then it is to stop."""
        ...

    def finish(
        self,
        job_id: str,
        status: JobStatus,
        at: datetime,
        *,
        outcome: Mapping[str, Any] | None = None,
        problem: str | None = None,
    ) -> None: ...

    def cancel(self, job_id: str, at: datetime) -> Job | None:
        """Ask a job to stop; one that waits has stopped with this. The job as it is then, None when there is none."""
        ...

    def forget(self, before: datetime) -> None:
        """Drop jobs that finished before a moment."""
        ...


@dataclass(frozen=True, slots=True)
class ThemeEdit:
    """A person's change to a theme, replayed on every later map: `rename`, `merge`, `split`, `hide`."""

    number: int
    at: datetime
    by: str
    verb: str
    theme: str
    arguments: Mapping[str, str]


class ThemeLog(Protocol):
    """Theme maps as they were made, and the edits people made to themes."""

    def save(self, themes: ThemeMap) -> None: ...

    def latest(self, silos: frozenset[SiloName], before: datetime | None = None) -> ThemeMap | None:
        """The last map made for exactly this audience."""
        ...

    def get(self, map_id: MapId) -> ThemeMap | None: ...

    def history(self, silos: frozenset[SiloName]) -> tuple[ThemeMap, ...]:
        """All maps of this audience, oldest first."""
        ...

    def edit(self, silos: frozenset[SiloName], edit: ThemeEdit) -> None: ...

    def edits(self, silos: frozenset[SiloName]) -> tuple[ThemeEdit, ...]: ...

    def undo(self, silos: frozenset[SiloName]) -> ThemeEdit | None:
        """Take the last edit back; None when there is none."""
        ...

    def adopt(self, silos: frozenset[SiloName]) -> ThemeMap | None:
        """For an audience without a map: the last one of the audience that could read the most of its silos and no
        others, whose edits are now this one's as well. None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Signal:
    """Somebody did something: `what` as in an Insight. `subject` says what is the same, `shown` what is told of it."""

    what: str
    subject: str
    shown: Insight
    by: str


class Signals(Protocol):
    """What people ask and use, kept so that nobody can be told from it; and answers that a person pinned."""

    def record(self, signals: Sequence[Signal], month: str) -> None:
        """Count each. Of what fewer than five people did nothing readable is kept, and no month's counts outlive it."""
        ...

    def insights(self) -> tuple[Insight, ...]:
        """The newest month first, then by `what` and the most people."""
        ...

    def pin(self, key: str, pin: Pin) -> None:
        """Put it after what is pinned to this question already."""
        ...

    def unpin(self, key: str, document: DocumentId | None = None) -> int:
        """How many pins were taken away from this question: one document's, or all."""
        ...

    def pins(self, key: str | None = None) -> tuple[Pin, ...]:
        """Those of a question in their order; of all questions without one."""
        ...


class Dismissals(Protocol):
    """Open questions, by id, that a person took out of the register."""

    def dismissed(self) -> frozenset[str]: ...

    def dismiss(self, question: str, *, dismissed: bool) -> None:
        """Take it out, or put it back; either may be repeated."""
        ...


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to what, when. Never the text of a question."""

    at: datetime
    by: str
    action: str
    about: str
    detail: Mapping[str, str]


class Audit(Protocol):
    """An append-only, hash-chained log in a file of its own."""

    def record(self, event: AuditEvent) -> None: ...

    def events(self) -> Iterable[AuditEvent]: ...

    def verify(self) -> int | None:
        """The number of the first line that was tampered with; None when the chain is whole."""
        ...


class Locks(Protocol):
    """Who is writing what. Taking a lock that is held raises `errors.Locked`, naming the holder."""

    def hold(self, name: str, *, wait: float = 0.0) -> AbstractContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one partition of a search index holds on disk.

    `generation` names its folder ("" when it holds no passage), `files` gives the SHA-256 of each file in there, and
    `silos` the change number up to which each of its silos is held. `model` and `dim` are those of its vectors.
    """

    partition: str
    generation: str
    model: str
    dim: int
    files: Mapping[str, str]
    silos: Mapping[SiloName, int]


class ManifestStore(Protocol):
    """Which generation of each partition is the current one. In the catalog, not beside the files it vouches for."""

    def version(self) -> int:
        """A number that is another one after every `replace`, whoever called it; asked before every search."""
        ...

    def load(self) -> Mapping[str, Manifest]:
        """The current manifests by partition."""
        ...

    def replace(self, manifests: Mapping[str, Manifest | None]) -> None:
        """Put these in the place of the same partitions' last ones (None: it is no more), all in one transaction."""
        ...
