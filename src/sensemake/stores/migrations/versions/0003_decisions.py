"""Joins of handles that people refused, and handles that are nobody's or stand alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusals",
        sa.Column("namespace", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("person", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "value", "person"),
    )
    op.create_table(
        "handle_marks",
        sa.Column("namespace", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("mark", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "value"),
    )
