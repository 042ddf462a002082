"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("person", Exact(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "handles",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("namespace", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("person", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("person"),
    )
    op.create_table(
        "links",
        sa.Column("namespace", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("person", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "value"),
    )
    op.create_table(
        "manifests",
        sa.Column("partition", Exact(), nullable=False),
        sa.Column("body", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.create_table(
        "marks",
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("silo"),
    )
    op.create_table(
        "models",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "persons",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.Column("handles", Exact(), nullable=False),
        sa.Column("team", Exact(), nullable=True),
        sa.Column("groups", Exact(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "profiles",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("digest", Exact(), nullable=False),
        sa.Column("namespace", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=True),
        sa.Column("email", Exact(), nullable=True),
        sa.Column("title", Exact(), nullable=True),
        sa.Column("is_person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("silo", "digest"),
    )
    op.create_table(
        "settings",
        sa.Column("name", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table("silos", sa.Column("name", Exact(), nullable=False), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "sources",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.Column("indexer", Exact(), nullable=False),
        sa.Column("path", Exact(), nullable=False),
        sa.Column("options", Exact(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "theme_edits",
        sa.Column("audience", Exact(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("made_by", Exact(), nullable=False),
        sa.Column("verb", Exact(), nullable=False),
        sa.Column("theme", Exact(), nullable=False),
        sa.Column("arguments", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("audience", "number"),
    )
    op.create_table(
        "theme_maps",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("audience", Exact(), nullable=False),
        sa.Column("built_at", Moment(), nullable=False),
        sa.Column("body", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_theme_maps_audience", "theme_maps", ["audience", "built_at"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.Column("digest", Exact(), nullable=False),
        sa.Column("user_name", Exact(), nullable=False),
        sa.Column("scopes", Exact(), nullable=False),
        sa.Column("silos", Exact(), nullable=True),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=True),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "tombstones",
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("passage", Exact(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("silo", "passage"),
    )
    op.create_index("ix_tombstones_change", "tombstones", ["silo", "change"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("source", Exact(), nullable=False),
        sa.Column("uri", Exact(), nullable=False),
        sa.Column("kind", Exact(), nullable=False),
        sa.Column("title", Exact(), nullable=False),
        sa.Column("time", Moment(), nullable=True),
        sa.Column("path", Exact(), nullable=False),
        sa.Column("url", Exact(), nullable=True),
        sa.Column("language", Exact(), nullable=True),
        sa.Column("digest", Exact(), nullable=False),
        sa.Column("facets", Exact(), nullable=False),
        sa.Column("parts", Exact(), nullable=False),
        sa.Column("contributions", Exact(), nullable=False),
        sa.Column("profiles", Exact(), nullable=False),
        sa.Column("room", Exact(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_documents_silo", "documents", ["silo"], unique=False)
    op.create_index(op.f("ix_documents_source"), "documents", ["source"], unique=False)
    op.create_table(
        "failures",
        sa.Column("source", Exact(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", Exact(), nullable=False),
        sa.Column("reason", Exact(), nullable=False),
        sa.Column("detail", Exact(), nullable=False),
        sa.Column("locator", Exact(), nullable=False),
        sa.Column("uri", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "ordinal"),
    )
    op.create_table(
        "readers",
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("group_name", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["silo"], ["silos.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("silo", "group_name"),
    )
    op.create_table(
        "vectors",
        sa.Column("model", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_key", Exact(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model"],
            ["models.number"],
        ),
        sa.PrimaryKeyConstraint("model", "text_key"),
    )
    op.create_table(
        "occurrences",
        sa.Column("document", Exact(), nullable=False),
        sa.Column("handle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("silo", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["handle"],
            ["handles.number"],
        ),
        sa.PrimaryKeyConstraint("document", "handle"),
    )
    op.create_index("ix_occurrences_handle", "occurrences", ["handle", "silo"], unique=False)
    op.create_table(
        "passages",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("document", Exact(), nullable=False),
        sa.Column("silo", Exact(), nullable=False),
        sa.Column("source", Exact(), nullable=False),
        sa.Column("kind", Exact(), nullable=False),
        sa.Column("title", Exact(), nullable=False),
        sa.Column("text", Exact(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("locator", Exact(), nullable=False),
        sa.Column("headings", Exact(), nullable=False),
        sa.Column("language", Exact(), nullable=True),
        sa.Column("time", Moment(), nullable=True),
        sa.Column("contributions", Exact(), nullable=False),
        sa.Column("spans", Exact(), nullable=False),
        sa.Column("text_key", Exact(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_passages_change", "passages", ["silo", "change"], unique=False)
    op.create_index("ix_passages_document", "passages", ["document"], unique=False)
    op.create_index("ix_passages_silo", "passages", ["silo", "document", "ordinal"], unique=False)
    op.create_index("ix_passages_text_key", "passages", ["text_key"], unique=False)
    op.create_table(
        "profile_uses",
        sa.Column("document", Exact(), nullable=False),
        sa.Column("profile", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["profile"],
            ["profiles.number"],
        ),
        sa.PrimaryKeyConstraint("document", "profile"),
    )
    op.create_index("ix_profile_uses_profile", "profile_uses", ["profile"], unique=False)
    op.create_table(
        "authorship",
        sa.Column("passage", Exact(), nullable=False),
        sa.Column("handle", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["handle"],
            ["handles.number"],
        ),
        sa.ForeignKeyConstraint(["passage"], ["passages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("passage", "handle"),
    )
    op.create_index("ix_authorship_handle", "authorship", ["handle"], unique=False)
