"""Whom an identity provider named when it opened a session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("outside", Exact()))
