"""What a language model wrote of themes, apart from their maps; what stood in a map is made plain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sensemake.stores.columns import Exact, from_json, to_json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme_words",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("map", Exact(), nullable=False),
        sa.Column("theme", Exact(), nullable=False),
        sa.Column("what", Exact(), nullable=False),
        sa.Column("body", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["map"], ["theme_maps.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_theme_words_map", "theme_words", ["map"], unique=False)
    op.create_table(
        "theme_words_seen",
        sa.Column("words", Exact(), nullable=False),
        sa.Column("passage", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["words"], ["theme_words.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("words", "passage"),
    )
    op.create_index("ix_theme_words_seen_passage", "theme_words_seen", ["passage"], unique=False)
    _make_plain()


def _make_plain() -> None:
    """A name that a machine wrote becomes the theme's first phrase: what it was made from may be gone by now."""
    maps = sa.table("theme_maps", sa.column("id", Exact()), sa.column("body", Exact()))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(maps.c.id).where(maps.c.body.like('%"written":[%'))).all():
        body = from_json(connection.execute(sa.select(maps.c.body).where(maps.c.id == number)).scalar_one())
        for theme in (*body["themes"], *body.get("broader", ())):
            if theme.pop("written", None) and theme["keyphrases"]:
                theme["label"] = theme["keyphrases"][0]
        connection.execute(sa.update(maps).where(maps.c.id == number).values(body=to_json(body)))
