"""Signatures of documents, by which near-duplicates are told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likenesses",
        sa.Column("document", Exact(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document"),
    )
    op.create_table(
        "likeness_bands",
        sa.Column("document", Exact(), nullable=False),
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document", "band"),
    )
    op.create_index("ix_likeness_bands_band", "likeness_bands", ["band"])
