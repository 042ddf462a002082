"""A workspace without storage: the same methods, answering from four documents held in memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sensemake import wire
from sensemake.errors import MissingPath, NotFound, NotPermitted, UsageError
from sensemake.jobs import loose_notes, theme_page
from sensemake.jobs.loose_notes import LooseNote, LooseNotes
from sensemake.jobs.theme_page import ThemePage
from sensemake.model import (
    EVERYONE,
    Band,
    Bridge,
    BridgesAnswer,
    Contact,
    Contribution,
    Document,
    DocumentId,
    Evidence,
    Expert,
    ExpertsAnswer,
    Handle,
    Hit,
    Holding,
    IngestReport,
    Insight,
    Kind,
    KnownFor,
    MapId,
    Mark,
    Membership,
    Nearest,
    OpenQuestion,
    Part,
    Passage,
    PassageId,
    Person,
    PersonId,
    PersonProfile,
    Pin,
    Principal,
    Proposal,
    Query,
    ReadFailure,
    Reason,
    Role,
    Routing,
    SearchAnswer,
    Sign,
    Silo,
    SiloName,
    Source,
    SourceId,
    Status,
    Suggestion,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
    Verb,
    stable_id,
)
from sensemake.protocols import AuditEvent, Job, JobStatus, Quarantined, Rate, Token
from sensemake.rules.periods import Kept
from sensemake.rules.probing import Sought
from sensemake.rules.theme_course import Step
from sensemake.workspace.quarantine import Retried

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ADA = Handle("email", "ada@example.org")
READING = frozenset({"search:read", "experts:read", "themes:read", "reports:read", "docs:read"})
OWNER = Principal(
    "owner", frozenset({EVERYONE, "sensemake:owner"}), scopes=READING | {"docs:write", "tokens:mint", "admin"}
)


def document(silo: str, name: str, text: str, *, author: Handle = ADA, url: str | None = None) -> Document:
    source = Source(SiloName(silo), "pages", "files", "/nowhere")
    part = Part(text, author, Role.WROTE, NOW, "line=1", ("Top",))
    return Document(
        source,
        f"pages/{name}.md",
        Kind.PAGE,
        name.title(),
        (part,),
        NOW,
        path=f"/nowhere/{name}.md",
        url=url,
        language="en",
        contributions=(Contribution(author, Role.WROTE),),
        facets={"tag": "x"},
    )


DOCUMENTS = (
    document("handbook", "tides", "How we read the tide tables and plan a field day."),
    document(
        "handbook", "wipers", "Replace the wipers of a probe every spring.", url="https://wiki.example.org/wipers"
    ),
    document(
        "handbook",
        "odd",
        "\x1b[2J\x9b1mEbb\u202d and tide "
        "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 \u202eright\x9b\x00.",
    ),
    document("board", "budget", "The tide budget of the board is confidential."),
)


def passage(document: Document) -> Passage:
    part = document.parts[0]
    return Passage(
        PassageId(stable_id("passage", document.id, part.text)),
        document.id,
        document.silo,
        SourceId(document.source.id),
        document.kind,
        document.title,
        part.text,
        0,
        part.locator,
        part.headings,
        document.language,
        document.time,
        document.contributions,
    )


def hit(rank: int, document: Document, word: str) -> Hit:
    found = passage(document)
    start = found.text.lower().find(word)
    marks = ((start, start + len(word)),) if start >= 0 else ()
    return Hit(rank, found, document, ("Ada Alder",), Band.STRONG, rank + 2, rank, marks, similar_count=rank - 1)


PERSON = Person(PersonId("p1"), "Ada Alder", (ADA,), team="field", groups=frozenset({"board"}))


def theme(number: int, label: str, status: Status, silo: str) -> Theme:
    members = tuple(Membership(passage(d).id, d.id, 0.9) for d in DOCUMENTS if d.silo == silo)
    events = (ThemeEvent("grew", {"from": 1.0, "to": 2.0}),)
    return Theme(
        ThemeId(f"t{number}"),
        label,
        ("tide", "table"),
        members,
        1,
        (SiloName(silo),),
        (1.0,),
        status=status,
        events=events,
    )


MAP = ThemeMap(
    MapId("m1"),
    NOW,
    frozenset({SiloName("handbook")}),
    "7",
    {"clusterer": "agglomerative"},
    (theme(1, "Reading the tide", Status.GROWING, "handbook"),),
    loose=1,
    outlier_ratio=0.25,
)
REPORT: dict[str, object] = {"title": "Themes", "built_at": "2026-05-01T09:30:00Z", "themes": []}


@dataclass(frozen=True)
class SourceStatus:
    source: Source
    documents: int
    last_read: datetime | None
    failures: tuple[ReadFailure, ...]

    authored_share: float | None = 2 / 3
    newest: datetime | None = NOW


@dataclass(frozen=True)
class Synced:
    source: Source
    outcome: Any


@dataclass(frozen=True)
class Decided:
    links: tuple[tuple[Handle, PersonId], ...]
    refused: tuple[tuple[Handle, PersonId], ...]
    marks: tuple[tuple[Handle, Mark], ...]


@dataclass(frozen=True)
class Finding:
    level: str
    what: str
    found: str
    do: str


KEPT = Kept(
    "2026-05-1a2b3c4d",
    "month",
    "2026-05",
    "2026-05-01T00:00:00+00:00",
    "2026-05-31T23:59:59.999999+00:00",
    (SiloName("handbook"),),
    "2026-05-1a2b3c4d",
)


class FakeWorkspace:
    """What a door may call. `calls` lists what was asked; `fault`, when set, is raised by every verb."""

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings
        self.fault: BaseException | None = None
        self.calls: list[str] = []
        self.dismissed: set[str] = set()
        self._silos = {
            "handbook": frozenset({EVERYONE}),
            "board": frozenset({"board"}),
        }
        self._tokens: dict[str, Token] = {}
        self._once: set[str] = set()
        self._sessions: dict[str, tuple[Token, str | None]] = {}
        self.built = True
        self.jobs = FakeJobs(self)
        self.bursts = 3
        self.synced: object = IngestReport(3, 2, 1, 1, 0, (), 0.5)

    def __enter__(self) -> FakeWorkspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.calls.append("close")

    # who is asking
    def owner(self) -> Principal:
        return OWNER

    def anonymous(self) -> Principal:
        return Principal("anonymous", frozenset({EVERYONE}), scopes=READING)

    def principal_for(self, user: str) -> Principal:
        if user not in {"ada", "bo"}:
            raise NotFound(f"the directory knows no {user!r}")
        return Principal(user, frozenset({EVERYONE, "board"} if user == "ada" else {EVERYONE}), scopes=READING)

    def open_session(self, secret: str) -> str | None:
        token = self._tokens.get(secret)
        if token is None:
            return None
        session = f"session-{len(self._sessions)}"
        self._sessions[session] = (token, None if secret in self._once else secret)
        if secret in self._once:
            del self._tokens[secret]
        return session

    def principal_of_session(self, secret: str) -> Principal | None:
        token, opener = self._sessions.get(secret, (None, None))
        if token is None or (opener is not None and opener not in self._tokens):
            return None
        return replace(OWNER if token.user == "owner" else self.principal_for(token.user), scopes=token.scopes)

    def close_session(self, secret: str) -> None:
        self._sessions.pop(secret, None)

    def create_token(
        self,
        name: str,
        *,
        user: str | None,
        scopes: frozenset[str],
        silos: frozenset[str] | None,
        days: int | None,
        by: Principal,
        once: bool = False,
    ) -> tuple[str, Token]:
        self._write(by)
        secret = f"sm_{name}".replace(" ", "-")
        if once:
            self._once.add(secret)
        kept = frozenset(SiloName(s) for s in silos) if silos is not None else None
        self._tokens[secret] = Token(name, name, "digest", user or "owner", scopes, kept, NOW, None)
        return secret, self._tokens[secret]

    def tokens(self, by: Principal) -> tuple[Token, ...]:
        return tuple(self._tokens.values())

    def revoke_token(self, token_id: str, by: Principal) -> None:
        if f"sm_{token_id}" not in self._tokens:
            raise NotFound(f"there is no token {token_id}")
        del self._tokens[f"sm_{token_id}"]

    def take(self, key: str, rate: Rate) -> float:
        return 0.0

    def sought(self, kind: Sought, by: Principal, *, address: str | None = None) -> None:
        self.calls.append(f"sought {kind} {by.user} {address}")

    def refused(self, by: Principal, what: str) -> None:
        self.calls.append(f"refused {by.user} {what}")

    def mint_widget_token(self, origin: str, by: Principal, **_: object) -> tuple[str, Token]:
        made = self.create_token("page", user=None, scopes=READING, silos=None, days=1, by=by)
        return made[0], replace(made[1], origin=origin)

    def principal_of_token(self, secret: str, origin: str | None = None) -> Principal | None:
        token = self._tokens.pop(secret, None) if secret in self._once else self._tokens.get(secret)
        if token is None:
            return None
        base = OWNER if token.user == "owner" else self.principal_for(token.user)
        return replace(base, scopes=token.scopes)

    # the five verbs
    def ingest(
        self,
        paths: Sequence[Path],
        silo: str,
        by: Principal,
        *,
        readers: frozenset[str] | None = None,
        indexer: str | None = None,
        include_private: bool = False,
        allow_removals: bool = False,
        redact: bool | None = None,
        options: Mapping[str, str] | None = None,
        progress: Callable[[str, int, int | None], None] | None = None,
    ) -> IngestReport:
        self._called("ingest")
        self._write(by)
        for path in paths:
            if not path.exists():
                raise MissingPath(f"{path} does not exist")
        files = [f for p in paths for f in (sorted(p.rglob("*")) if p.is_dir() else [p]) if f.is_file()]
        if progress:
            for done, _ in enumerate(files, 1):
                progress("embedding", done, len(files))
        bad = tuple(ReadFailure(f.name, Reason.EMPTY) for f in files if not f.stat().st_size)
        good = len(files) - len(bad)
        warnings = () if files else ("nothing to read",)
        self._silos.setdefault(silo, readers or frozenset())
        return IngestReport(good, good, good, 0, 0, bad, 0.5, warnings)

    def search(self, query: Query, by: Principal) -> SearchAnswer:
        self._called("search")
        self._need(by, "search:read")
        word = query.text.split()[0].lower() if query.text.split() else ""
        found = [d for d in self._visible(by) if word in d.parts[0].text.lower()]
        if query.filters.silos:
            found = [d for d in found if d.silo in query.filters.silos]
        hits = tuple(hit(rank, d, word) for rank, d in enumerate(found[: query.limit], 1))
        if not hits:
            return SearchAnswer(query.text, (), abstained=True, nearest=Nearest(("Reading the tide",), ("Ada Alder",)))
        return SearchAnswer(query.text, hits, next_cursor="next" if len(found) > query.limit else None)

    def similar(self, passage: str, query: Query, by: Principal) -> SearchAnswer:
        self._called("similar")
        return replace(self.search(replace(query, text="tide"), by), query=passage)

    def suggest(self, typed: str, by: Principal, *, limit: int = 8) -> list[Suggestion]:
        self._called("suggest")
        known = [Suggestion(d.title, "title", d.id) for d in self._visible(by)]
        return [one for one in known if one.text.lower().startswith(typed.lower())][:limit]

    def helped(self, passage: str, by: Principal, *, question: str = "") -> None:
        self._called(f"helped {question}")

    def pin(self, question: str, target: str, by: Principal) -> Pin:
        self._called("pin")
        self._write(by)
        return Pin(question, DocumentId(target))

    def unpin(self, question: str, by: Principal) -> int:
        self._called("unpin")
        return 1

    def pins(self, by: Principal) -> tuple[Pin, ...]:
        self._called("pins")
        return (Pin("when is the tide", DOCUMENTS[0].id),)

    def insights(self, by: Principal) -> list[tuple[Insight, str]]:
        self._called("insights")
        tides = DOCUMENTS[0]
        return [
            (Insight("2026-05", "in vain", 7, "where is the boat"), ""),
            (Insight("2026-05", "opened", 5, document=tides.id), tides.title),
        ]

    def questions(
        self, by: Principal, *, silos: Sequence[str] = (), since: Any = None, dismissed: bool = False, limit: int = 50
    ) -> tuple[OpenQuestion, ...]:
        self._need(by, "docs:read")
        self._called(f"questions {list(silos)} {since} {limit}")
        known = [replace(q, dismissed=q.id in self.dismissed) for q in self._open(by)]
        return tuple(q for q in known if q.dismissed == dismissed)[:limit]

    def dismiss_question(self, question: str, by: Principal, *, dismissed: bool = True) -> OpenQuestion:
        self._need(by, "docs:write")
        for known in self._open(by):
            if known.id == question:
                (self.dismissed.add if dismissed else self.dismissed.discard)(question)
                return replace(known, dismissed=dismissed)
        raise NotFound(f"there is no open question {question}")

    def _open(self, by: Principal) -> list[OpenQuestion]:
        asked = [
            OpenQuestion("q1", "Who reads the tide tables on Sunday?", d, "line=1", NOW) for d in self._visible(by)
        ]
        gaps = [OpenQuestion("q2", "where is the boat key", month="2026-04", people=6)]
        return (gaps if "admin" in by.scopes else []) + asked[:1]

    def who(self, query: Query, by: Principal) -> ExpertsAnswer:
        self._called("who")
        self._need(by, "experts:read")
        hits = self.search(query, replace(by, scopes=READING)).hits
        if not hits:
            return ExpertsAnswer(query.text, (), abstained=True)
        evidence = tuple(Evidence(h.passage, h.document, Role.WROTE, 0.7) for h in hits)
        silos = tuple(sorted({h.passage.silo for h in hits}))
        return ExpertsAnswer(
            query.text, (Expert(1, PERSON, Band.MEDIUM, evidence, silos, NOW),), left_out={"opted_out": 1}
        )

    def build_themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap:
        self._called("build_themes")
        self._write(by)
        return MAP

    def themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap | None:
        self._called("themes")
        return MAP if self.built else None

    def theme(self, theme: str, by: Principal, *, audience: Sequence[str] = (), step: Step = "month") -> ThemePage:
        self._called(f"theme {theme} {step}")
        if theme not in {"t1", "Reading the tide"}:
            raise NotFound("there is no such theme")
        material = theme_page.Material([passage(d) for d in DOCUMENTS], lambda _: ())
        return theme_page.page(MAP.themes[0], MAP, material, step=step)

    def loose(
        self, by: Principal, *, audience: Sequence[str] = (), limit: int = 20, cursor: str | None = None
    ) -> LooseNotes:
        self._called(f"loose {limit} {cursor}")
        found = loose_notes.loose(MAP, [passage(d) for d in DOCUMENTS])
        return LooseNotes(len(found), tuple(LooseNote(p, None, MAP.themes[0]) for p in found[:limit]), "further")

    def edit_theme(self, verb: str, theme: str, arguments: Mapping[str, str], by: Principal) -> ThemeMap:
        self._called(f"edit_theme {verb} {theme} {dict(arguments)}")
        self._write(by)
        return MAP

    def report(
        self,
        by: Principal,
        *,
        audience: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        title: str | None = None,
    ) -> Mapping[str, object]:
        self._called("report")
        return REPORT if title is None else {**REPORT, "title": title}

    def kept_reports(self, by: Principal) -> tuple[Kept, ...]:
        self._need(by, "reports:read")
        return (KEPT,)

    def kept_report(self, report: str, by: Principal, *, form: str = "json") -> str:
        if report not in {one.id for one in self.kept_reports(by)}:
            raise NotFound(f"there is no report {report}")
        return json.dumps(REPORT) if form == "json" else "# Themes\n"

    def render(self, report: Mapping[str, object], format: str, language: str = "en") -> str:  # noqa: A002
        return f"<h1>{report['title']}</h1>" if format == "html" else f"# {report['title']}\n"

    # the rest
    def reflect(self, text: str, by: Principal, *, silo: str, **more: Any) -> DocumentId:
        self._called(f"reflect {more}")
        if silo not in self._silos:
            raise NotFound(f"there is no silo {silo!r}")
        self._write(by)
        return DocumentId(stable_id("reflection", silo, text))

    def document(self, document: str, by: Principal) -> Document:
        for candidate in self._visible(by):
            if candidate.id == document:
                return candidate
        raise NotFound(f"there is no document {document}")

    def silos(self, by: Principal) -> tuple[Silo, ...]:
        self._called("silos")
        return tuple(Silo(SiloName(name), self._silos[name]) for name in sorted(self._readable(by)))

    def grant(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        self._write(by)
        self._silos[silo] |= readers

    def revoke(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        self._write(by)
        self._silos[silo] -= readers

    def add_silo(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        self._write(by)
        if silo in self._silos:
            raise UsageError(f"there is a silo {silo!r} already")
        self._silos[silo] = readers

    def remove_silo(self, silo: str, by: Principal) -> None:
        self._write(by)
        if silo not in self._silos:
            raise NotFound(f"there is no silo {silo}")
        del self._silos[silo]

    def sources(self, by: Principal) -> tuple[SourceStatus, ...]:
        failure = ReadFailure("pages/broken.pdf", Reason.ENCRYPTED, "a password is needed", "page=1")
        return (SourceStatus(DOCUMENTS[0].source, 3, NOW, (failure,)),)

    def quarantine(self, by: Principal, *, source: str | None = None) -> tuple[Quarantined, ...]:
        failure = ReadFailure("pages/broken.pdf", Reason.ENCRYPTED, "a password is needed", "page=1", "p", "files/pdf")
        return (Quarantined("0123456789abcdef", DOCUMENTS[0].source.id, failure, "0.1.0", NOW, NOW),)

    def retry_quarantine(self, by: Principal, *, ids: Any = None, source: str | None = None, progress: Any) -> Retried:
        return Retried(1, 0, self.quarantine(by)) if ids else Retried(1, 1, ())

    def drop_quarantine(self, by: Principal, *, ids: Any = None, source: str | None = None) -> int:
        if ids and "0123456789abcdef" not in ids:
            raise NotFound(f"there is no {ids[0]} in quarantine: sensemake quarantine list")
        return 1

    def source(self, name: str, by: Principal) -> SourceStatus:
        for status in self.sources(by):
            if name in {status.source.id, status.source.name}:
                return status
        raise NotFound(f"there is no source {name}")

    def remove_source(self, name: str, by: Principal) -> int:
        self._write(by)
        self._called(f"remove_source {name}")
        return self.source(name, by).documents

    def sync(self, source: str | None, by: Principal, *, allow_removals: bool = False, progress: Any) -> Any:
        self._write(by)
        self._called(f"sync {source} {allow_removals}")
        known = [self.source(source, by)] if source else self.sources(by)
        return tuple(Synced(status.source, self.synced) for status in known)

    def changes(self, paths: Sequence[Path], by: Principal) -> Iterator[None]:
        yield from (None for _ in range(self.bursts))
        raise KeyboardInterrupt

    def people(self, by: Principal) -> tuple[Person, ...]:
        return (PERSON,)

    def set_listed(self, person: str, *, listed: bool, by: Principal) -> Person:
        if person not in {"p1", "ada"}:
            raise NotFound(f"the directory knows no {person!r}")
        return replace(PERSON, listed=listed)

    def proposals(self, by: Principal) -> tuple[Proposal, ...]:
        self._write(by)
        why = "“adaalder” spells “Ada Alder”"
        found = Proposal(Handle("zulip", "7"), "adaalder", PERSON.id, PERSON.name, Sign.SPELLED, why)
        return (found, replace(found, handle=Handle("zulip", "odd\x1b[2J"), shown="odd\x1b[2J"))

    def link(self, handle: str, person: str, by: Principal) -> Person:
        self._called(f"link {handle} {person}")
        return PERSON

    def unlink(self, handle: str, person: str | None, by: Principal) -> str:
        self._called(f"unlink {handle} {person}")
        return "refused" if person else "apart"

    def mark(self, who: str, what: object, by: Principal) -> tuple[Handle, ...]:
        self._called(f"mark {who} {what}")
        return (ADA,)

    def decided(self, by: Principal) -> Decided:
        return Decided(((ADA, PERSON.id),), ((ADA, PersonId("p2")),), ((ADA, Mark.BOT),))

    def profile(self, person: str, by: Principal) -> PersonProfile:
        self._called("profile")
        if person.lower() not in {"p1", "ada", "ada alder", "ada@example.org"}:
            raise NotFound(f"there is no one person {person!r}")
        shown = hit(1, DOCUMENTS[0], "tide")
        evidence = (Evidence(shown.passage, shown.document, Role.WROTE, 1.0),)
        both = (SiloName("board"), SiloName("handbook"))
        known = KnownFor(ThemeId("t1"), "Reading the tide", NOW, NOW, ((2026, 1),), both, evidence)
        return PersonProfile(PERSON, (known,), ("tide tables",), ("budget",))

    def set_wish(self, person: str, verb: Verb, topic: str, *, kept: bool, by: Principal) -> PersonProfile:
        self._called(f"set_wish {verb} {topic} {kept}")
        return self.profile(person, by)

    def bridges(self, by: Principal, *, names: bool = False) -> BridgesAnswer:
        self._called(f"bridges {names}")
        pair = (SiloName("board"), SiloName("handbook"))
        named = (PERSON,) if names else ()
        joined = Bridge(ThemeId("t1"), "Reading the tide", pair, None, DOCUMENTS[:1], named, mine=True)
        held = Holding(ThemeId("t2"), "Wipers", pair[1:], 5, "one")
        return BridgesAnswer((joined,), (Bridge(ThemeId("t2"), "Wipers", pair, 0),), (held,))

    def ask(self, query: Query, by: Principal) -> Routing:
        self._called("ask")
        hits = self.search(query, by).hits
        evidence = [Evidence(h.passage, h.document, Role.WROTE, 1.0) for h in hits[:1]]
        contacts = [
            Contact(PERSON, inside, e, "Hi Ada, a question: tide?\nThanks")
            for inside in (False, True)
            for e in evidence
        ]
        return Routing(query.text, hits, tuple(contacts))

    def doctor(self, *, repair: bool = False) -> tuple[Finding, ...]:
        level = "ok" if repair else "error"
        return (Finding("ok", "catalog", "whole", ""), Finding(level, "index", "damaged", "sensemake doctor --repair"))

    def backup(self, target: Path, by: Principal) -> None:
        target.write_bytes(b"backup")

    def audit(self, by: Principal, asked: Any) -> tuple[AuditEvent, ...]:
        self._called(f"audit {asked.action}")
        return (AuditEvent(NOW, "owner", "silo.grant", "handbook", {}),)

    # inside
    def _readable(self, by: Principal) -> set[str]:
        if "sensemake:owner" in by.groups:
            return set(self._silos)
        return {name for name, readers in self._silos.items() if readers & by.groups}

    def _visible(self, by: Principal) -> list[Document]:
        return [d for d in DOCUMENTS if d.silo in self._readable(by)]

    def _write(self, by: Principal) -> None:
        if "sensemake:owner" not in by.groups:
            raise NotPermitted(f"{by.user} may not change this home")

    def _need(self, by: Principal, scope: str) -> None:
        if scope not in by.scopes:
            raise NotPermitted(f"{by.user} may not do this: it needs the right {scope!r}")

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.fault is not None:
            raise self.fault


class FakeJobs:
    """Takes files in at once; nothing waits."""

    def __init__(self, workspace: FakeWorkspace) -> None:
        self._workspace = workspace
        self._done: list[Job] = []

    def folder(self) -> Path:
        place: Path = self._workspace.settings.home / "uploads" / "incoming"
        place.mkdir(parents=True, exist_ok=True)
        return place

    def begin_ingest(self, incoming: Path, silo: str, by: Principal, **_: object) -> Job:
        report = self._workspace.ingest([incoming], silo, by)
        done = Job(f"j{len(self._done)}", by.user, "ingest", {}, NOW, JobStatus.DONE, outcome=wire.ingest_json(report))
        self._done.append(replace(done, finished=NOW))
        return done

    def begin_sync(self, source: str | None, by: Principal, *, allow_removals: bool = False) -> Job:
        synced = self._workspace.sync(source, by, allow_removals=allow_removals, progress=None)
        outcome = {"sources": [wire.synced_json(each.source, each.outcome) for each in synced]}
        return self._ended("sync", outcome, by)

    def begin_retry(self, ids: Any, source: str | None, by: Principal) -> Job:
        done = self._workspace.retry_quarantine(by, ids=ids, source=source, progress=None)
        remaining = [wire.quarantined_json(entry) for entry in done.remaining]
        return self._ended("quarantine.retry", {"tried": done.tried, "left": done.left, "quarantine": remaining}, by)

    def _ended(self, kind: str, outcome: Any, by: Principal) -> Job:
        done = Job(f"j{len(self._done)}", by.user, kind, {}, NOW, JobStatus.DONE, outcome=outcome, finished=NOW)
        self._done.append(done)
        return done

    def all(self, by: Principal) -> tuple[Job, ...]:
        return tuple(self._done)

    def get(self, job_id: str, by: Principal) -> Job:
        for job in self._done:
            if job.id == job_id:
                return job
        raise NotFound(f"there is no job {job_id}")

    def cancel(self, job_id: str, by: Principal) -> Job:
        return self.get(job_id, by)

    def work(self, stop: threading.Event, **_: object) -> int:
        stop.wait()
        return 0
