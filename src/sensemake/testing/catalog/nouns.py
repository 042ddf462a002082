"""Made-up documents and passages for contract suites: plain ones by number, and any at all by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sensemake.model import (
    Contribution,
    Document,
    Handle,
    Kind,
    Part,
    Passage,
    PassageId,
    Profile,
    Role,
    Room,
    SiloName,
    Source,
    SourceId,
    Span,
    Where,
    stable_id,
)
from sensemake.protocols import Stored

OPEN = SiloName("open")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORDS = ("ferry", "beacon", "harbour", "tide", "ledger", "anchor", "north", "quay")
HANDLES = tuple(Handle("email", f"{name}@harbour.example") for name in ("ana", "bo", "chidi", "dee"))


def source(silo: str = "open", name: str = "handbook") -> Source:
    return Source(SiloName(silo), name, "files", f"/srv/{name}")


HANDBOOK = source()


def passage_of(document: Document, text: str, ordinal: int = 0, *, author: Handle = HANDLES[0]) -> Passage:
    """A passage whose id follows from its document, place and text."""
    return Passage(
        id=PassageId(stable_id(document.id, f"part={ordinal}", text)),
        document=document.id,
        silo=document.silo,
        source=document.source.id,
        kind=document.kind,
        title=document.title,
        text=text,
        ordinal=ordinal,
        locator=f"part={ordinal}",
        time=document.time,
        contributions=(Contribution(author, Role.WROTE),),
    )


def stored(
    uri: str, *texts: str, source: Source = HANDBOOK, title: str = "Title", author: Handle = HANDLES[0]
) -> Stored:
    """A document with a passage for each text."""
    document = Document(
        source=source,
        uri=uri,
        kind=Kind.PAGE,
        title=title,
        parts=tuple(Part(text, author, locator=f"part={n}") for n, text in enumerate(texts)),
        time=START,
    )
    passages = tuple(passage_of(document, text, n, author=author) for n, text in enumerate(texts))
    return Stored(document, stable_id(title, *texts), passages)


# ── anything at all ──────────────────────────────────────────────────────────────────────────────

_odd = st.sampled_from("\x00\ud800\udfff\ufdd0\ufeff\u202e\U0001f9ed\u05e9\u0301\n\"'\\%_")
texts = st.text(st.one_of(st.characters(), _odd), max_size=12)
"""With NUL, lone surrogates, emoji and right-to-left text."""
names = st.text(st.sampled_from("abcxyz \u05e9\U0001f9ed'%"), min_size=1, max_size=6)
times = st.datetimes(timezones=st.just(UTC))
handles = st.builds(Handle, st.sampled_from(["email", "slack", "name"]), texts)
contributions = st.builds(Contribution, handles, st.sampled_from(Role))
_maybe = st.one_of(st.none(), texts)
_parts = st.builds(
    Part,
    text=texts,
    author=st.one_of(st.none(), handles),
    role=st.sampled_from(Role),
    time=st.one_of(st.none(), times),
    locator=texts,
    headings=st.lists(texts, max_size=2).map(tuple),
    mentions=st.lists(handles, max_size=2).map(tuple),
)
_profiles = st.builds(Profile, handles, _maybe, _maybe, _maybe, st.booleans())
sources = st.builds(
    Source, names.map(SiloName), names, st.just("files"), texts, st.dictionaries(texts, texts, max_size=2)
)


def documents(source: Source) -> st.SearchStrategy[Document]:
    return st.builds(
        Document,
        source=st.just(source),
        uri=texts,
        kind=st.sampled_from(Kind),
        title=texts,
        parts=st.lists(_parts, max_size=2).map(tuple),
        time=st.one_of(st.none(), times),
        path=texts,
        url=_maybe,
        language=_maybe,
        contributions=st.lists(contributions, max_size=2).map(tuple),
        facets=st.dictionaries(texts, texts, max_size=2),
        profiles=st.lists(_profiles, max_size=2).map(tuple),
        room=st.one_of(st.none(), st.builds(Room, names, st.frozensets(texts, max_size=2), texts)),
    )


@st.composite
def any_stored(draw: st.DrawFn) -> Stored:
    """A document of any source, with up to three passages of any content."""
    document = draw(documents(draw(sources)))
    passages = [
        Passage(
            id=PassageId(f"{document.id}-{ordinal}"),
            document=document.id,
            silo=document.silo,
            source=document.source.id,
            kind=draw(st.sampled_from(Kind)),
            title=draw(texts),
            text=draw(texts),
            ordinal=ordinal,
            locator=draw(texts),
            headings=tuple(draw(st.lists(texts, max_size=2))),
            language=draw(_maybe),
            time=draw(st.one_of(st.none(), times)),
            contributions=tuple(draw(st.lists(contributions, max_size=2))),
            spans=tuple(
                draw(st.lists(st.builds(Span, st.integers(0, 9), st.integers(0, 9), contributions), max_size=2))
            ),
        )
        for ordinal in range(draw(st.integers(0, 3)))
    ]
    return Stored(document, draw(texts), tuple(passages))


# ── a small crowd of passages that every filter cuts ─────────────────────────────────────────────

SILOS = ("open", "closed", "open/#room")
LANGUAGES = ("en", "fr", None)
ROLES = (Role.WROTE, Role.ANSWERED, Role.REVIEWED, Role.MENTIONED)


def crowd(count: int = 72) -> list[Stored]:
    """Documents of three silos, two sources each, every kind, several authors, with and without times."""
    return [_member(number) for number in range(count)]


def wheres() -> st.SearchStrategy[Where]:
    """Any question that `crowd` can be asked."""
    every = frozenset(SiloName(name) for name in (*SILOS, "absent"))
    silos = st.one_of(st.just(every), st.just(every), st.frozensets(st.sampled_from(sorted(every))))
    moments = st.one_of(st.none(), st.integers(-1, 13).map(lambda hours: START + timedelta(hours=hours)))
    ids = [SourceId(f"{silo}/{name}") for silo in SILOS[:2] for name in ("handbook", "wiki")]
    people = [*HANDLES, Handle("email", "nobody@harbour.example"), Handle("slack", "ana@harbour.example")]
    return st.builds(
        Where,
        readable=silos,
        silos=silos,
        kinds=st.one_of(st.none(), st.frozensets(st.sampled_from(Kind))),
        sources=st.one_of(st.none(), st.frozensets(st.sampled_from(ids))),
        authors=st.one_of(st.none(), st.frozensets(st.sampled_from(people))),
        languages=st.one_of(st.none(), st.frozensets(st.sampled_from(["en", "fr", "de"]))),
        since=moments,
        until=moments,
    )


def _member(number: int) -> Stored:
    silo = SILOS[number % 3]
    origin = source(silo.partition("/")[0], ("handbook", "wiki")[number // 3 % 2])
    document = Document(
        source=origin,
        uri=f"page {number}",
        kind=tuple(Kind)[number % len(Kind)],
        title=WORDS[number % len(WORDS)],
        parts=(),
        room=Room("#room", frozenset({"members"})) if "/" in silo else None,
    )
    return Stored(
        document, str(number), tuple(_passage(document, number, ordinal) for ordinal in range(number % 3 + 1))
    )


def _passage(document: Document, number: int, ordinal: int) -> Passage:
    said = tuple(
        Contribution(HANDLES[(number + turn) % len(HANDLES)], ROLES[(number // 2 + turn + ordinal) % len(ROLES)])
        for turn in range(number % 3)
    )
    plain = passage_of(document, f"{WORDS[number % 8]} {WORDS[ordinal]} {number}", ordinal)
    time = None if number % 5 == 0 else START + timedelta(hours=(number + ordinal) % 12)
    return Passage(
        **{name: getattr(plain, name) for name in ("id", "document", "silo", "source", "kind", "title", "text")},
        ordinal=ordinal,
        language=LANGUAGES[number // 3 % 3],
        time=time,
        contributions=said,
    )
