"""What is in quarantine says which parser gave up, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact, Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("parser", "version"):
        op.add_column("failures", sa.Column(name, Exact(), nullable=False, server_default=""))
    for name in ("first_seen", "last_seen"):
        op.add_column("failures", sa.Column(name, Moment()))
    op.execute(
        "UPDATE failures SET first_seen = (SELECT read_at FROM sources WHERE sources.id = failures.source), "
        "last_seen = (SELECT read_at FROM sources WHERE sources.id = failures.source)"
    )
