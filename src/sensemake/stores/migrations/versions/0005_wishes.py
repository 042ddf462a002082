"""What people hide of themselves, and what they are willing to help with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("person", Exact(), nullable=False),
        sa.Column("verb", Exact(), nullable=False),
        sa.Column("topic", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("person", "verb", "topic"),
    )
