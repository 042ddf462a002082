"""What is asked and used, pinned answers, and titles that are quick to look through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("what", Exact(), nullable=False),
        sa.Column("subject", Exact(), nullable=False),
        sa.Column("asker", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("what", "subject", "asker"),
    )
    op.create_table(
        "insights",
        sa.Column("month", Exact(), nullable=False),
        sa.Column("what", Exact(), nullable=False),
        sa.Column("subject", Exact(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("text", Exact(), nullable=False),
        sa.Column("document", Exact(), nullable=True),
        sa.PrimaryKeyConstraint("month", "what", "subject"),
    )
    op.create_table(
        "pins",
        sa.Column("question_key", Exact(), nullable=False),
        sa.Column("document", Exact(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question", Exact(), nullable=False),
        sa.Column("passage", Exact(), nullable=True),
        sa.PrimaryKeyConstraint("question_key", "document"),
    )
    op.create_index("ix_documents_title", "documents", ["silo", "kind", "title"])
