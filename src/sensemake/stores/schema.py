"""The catalog's tables. A change here comes with a migration and a new last entry of `REVISIONS`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from sensemake.stores.columns import Exact, Moment

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""Every revision that this version knows, oldest first; the last one is what it reads and writes."""

VERSION_TABLE = "sensemake_revision"
"""Alembic's table under a name of our own: by it a catalog is told from another program's database."""

metadata = MetaData()


def _key(name: str) -> Column[str]:
    return Column(name, Exact, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Exact, nullable=False)


def _part_of(name: str, parent: str, *, key: bool = True) -> Column[str]:
    return Column(name, Exact, ForeignKey(parent, ondelete="CASCADE"), primary_key=key, nullable=False)


silos = Table("silos", metadata, _key("name"))
readers = Table("readers", metadata, _part_of("silo", "silos.name"), _key("group_name"))
tokens = Table(
    "tokens",
    metadata,
    _key("id"),
    _text("name"),
    Column("digest", Exact, nullable=False, unique=True),
    _text("user_name"),
    _text("scopes"),
    Column("silos", Exact),
    Column("created", Moment, nullable=False),
    Column("expires", Moment),
    Column("once", Boolean, nullable=False),
    Column("origin", Exact),
    Column("used", Moment),
    Column("outside", Exact),
)

jobs = Table(
    "jobs",
    metadata,
    _key("id"),
    _text("user_name"),
    _text("kind"),
    _text("request"),
    _text("status"),
    _text("stage"),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("created", Moment, nullable=False),
    Column("beat", Moment),
    Column("finished", Moment),
    Column("outcome", Exact),
    Column("problem", Exact),
    Column("cancelled", Boolean, nullable=False),
    Index("jobs_by_status", "status", "created"),
)

settings = Table("settings", metadata, _key("name"), _text("value"))
sources = Table(
    "sources",
    metadata,
    _key("id"),
    _text("silo"),
    _text("name"),
    _text("indexer"),
    _text("path"),
    _text("options"),
    Column("read_at", Moment),
)
failures = Table(
    "failures",
    metadata,
    _part_of("source", "sources.id"),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    _text("path"),
    _text("reason"),
    _text("detail"),
    _text("locator"),
    _text("uri"),
    Column("parser", Exact, nullable=False, server_default=""),
    Column("version", Exact, nullable=False, server_default=""),
    Column("first_seen", Moment),
    Column("last_seen", Moment),
)

documents = Table(
    "documents",
    metadata,
    _key("id"),
    _text("silo"),
    Column("source", Exact, ForeignKey("sources.id"), nullable=False, index=True),
    _text("uri"),
    _text("kind"),
    _text("title"),
    Column("time", Moment),
    _text("path"),
    Column("url", Exact),
    Column("language", Exact),
    _text("digest"),
    _text("facets"),
    _text("parts"),
    _text("contributions"),
    _text("profiles"),
    Column("room", Exact),
    Index("ix_documents_silo", "silo"),
    Index("ix_documents_title", "silo", "kind", "title"),
)
passages = Table(
    "passages",
    metadata,
    _key("id"),
    _part_of("document", "documents.id", key=False),
    _text("silo"),
    _text("source"),
    _text("kind"),
    _text("title"),
    _text("text"),
    Column("ordinal", Integer, nullable=False),
    _text("locator"),
    _text("headings"),
    Column("language", Exact),
    Column("time", Moment),
    _text("contributions"),
    _text("spans"),
    _text("text_key"),
    Column("change", BigInteger, nullable=False),
    Index("ix_passages_change", "silo", "change"),
    Index("ix_passages_document", "document"),
    Index("ix_passages_silo", "silo", "document", "ordinal"),
    Index("ix_passages_text_key", "text_key"),
)

# The log of changes is a passage's last number and, for passages that are gone, a tombstone: it cannot say anything
# else than the passages do, and never outgrows them. `marks` counts on in each silo for good.
tombstones = Table(
    "tombstones",
    metadata,
    _key("silo"),
    _key("passage"),
    Column("change", BigInteger, nullable=False),
    Index("ix_tombstones_change", "silo", "change"),
)
marks = Table(
    "marks",
    metadata,
    _key("silo"),
    Column("number", BigInteger, nullable=False),
    Column("retired", Boolean, nullable=False),
)

# Found by a band, compared by signature; both go with their document.
likenesses = Table(
    "likenesses", metadata, _part_of("document", "documents.id"), Column("signature", LargeBinary, nullable=False)
)
likeness_bands = Table(
    "likeness_bands",
    metadata,
    _part_of("document", "documents.id"),
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_likeness_bands_band", "band"),
)

models = Table(
    "models", metadata, Column("number", Integer, primary_key=True), Column("name", Exact, nullable=False, unique=True)
)
vectors = Table(
    "vectors",
    metadata,
    Column("model", ForeignKey("models.number"), primary_key=True, autoincrement=False),
    _key("text_key"),
    Column("vector", LargeBinary, nullable=False),
)

handles = Table(
    "handles",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("namespace"),
    _text("value"),
    Column("person", Exact, nullable=False, unique=True),
)
occurrences = Table(
    "occurrences",
    metadata,
    _part_of("document", "documents.id"),
    Column("handle", ForeignKey("handles.number"), primary_key=True, autoincrement=False),
    _text("silo"),
    Index("ix_occurrences_handle", "handle", "silo"),
)
authorship = Table(
    "authorship",
    metadata,
    _part_of("passage", "passages.id"),
    Column("handle", ForeignKey("handles.number"), primary_key=True, autoincrement=False),
    Index("ix_authorship_handle", "handle"),
)
profiles = Table(
    "profiles",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("silo"),
    _text("digest"),
    _text("namespace"),
    _text("value"),
    Column("name", Exact),
    Column("email", Exact),
    Column("title", Exact),
    Column("is_person", Boolean, nullable=False),
    UniqueConstraint("silo", "digest"),
)
profile_uses = Table(
    "profile_uses",
    metadata,
    _part_of("document", "documents.id"),
    Column("profile", ForeignKey("profiles.number"), primary_key=True, autoincrement=False),
    Index("ix_profile_uses_profile", "profile"),
)

persons = Table(
    "persons",
    metadata,
    _key("id"),
    Column("ordinal", Integer, nullable=False),
    _text("name"),
    _text("handles"),
    Column("team", Exact),
    _text("groups"),
    Column("active", Boolean, nullable=False),
)
choices = Table("choices", metadata, _key("person"), Column("listed", Boolean, nullable=False))
wishes = Table("wishes", metadata, _key("person"), _key("verb"), _key("topic"))
links = Table("links", metadata, _key("namespace"), _key("value"), _text("person"))
refusals = Table("refusals", metadata, _key("namespace"), _key("value"), _key("person"))
handle_marks = Table("handle_marks", metadata, _key("namespace"), _key("value"), _text("mark"))

manifests = Table("manifests", metadata, _key("partition"), _text("body"))

theme_maps = Table(
    "theme_maps",
    metadata,
    _key("id"),
    Column("number", BigInteger, nullable=False),
    _text("audience"),
    Column("built_at", Moment, nullable=False),
    _text("body"),
    Index("ix_theme_maps_audience", "audience", "built_at"),
)
# What a language model wrote of a theme stands by itself, so that it goes with any passage that the model saw.
theme_words = Table(
    "theme_words",
    metadata,
    _key("id"),
    _part_of("map", "theme_maps.id", key=False),
    _text("theme"),
    _text("what"),
    _text("body"),
    Index("ix_theme_words_map", "map"),
)
theme_words_seen = Table(
    "theme_words_seen",
    metadata,
    _part_of("words", "theme_words.id"),
    _key("passage"),
    Index("ix_theme_words_seen_passage", "passage"),
)
theme_edits = Table(
    "theme_edits",
    metadata,
    _key("audience"),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    _text("made_by"),
    _text("verb"),
    _text("theme"),
    _text("arguments"),
)

# What fewer than five people did this month, as hashes only; and what more of them did, in words and numbers.
signals = Table("signals", metadata, _key("what"), _key("subject"), _key("asker"))
insights = Table(
    "insights",
    metadata,
    _key("month"),
    _key("what"),
    _key("subject"),
    Column("people", Integer, nullable=False),
    _text("text"),
    Column("document", Exact),
)
pins = Table(
    "pins",
    metadata,
    _key("question_key"),
    _key("document"),
    Column("place", Integer, nullable=False),
    _text("question"),
    Column("passage", Exact),
)

dismissals = Table("dismissals", metadata, _key("question"))
