"""What several servers of one home share: tokens with an origin and their last use, and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("origin", Exact(), nullable=True))
    op.add_column("tokens", sa.Column("used", Moment(), nullable=True))
    op.create_table(
        "jobs",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("user_name", Exact(), nullable=False),
        sa.Column("kind", Exact(), nullable=False),
        sa.Column("request", Exact(), nullable=False),
        sa.Column("status", Exact(), nullable=False),
        sa.Column("stage", Exact(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("beat", Moment(), nullable=True),
        sa.Column("finished", Moment(), nullable=True),
        sa.Column("outcome", Exact(), nullable=True),
        sa.Column("problem", Exact(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("jobs_by_status", "jobs", ["status", "created"])
