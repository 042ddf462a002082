"""Open questions that a person dismissed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("dismissals", sa.Column("question", Exact(), nullable=False), sa.PrimaryKeyConstraint("question"))
