"""Runs migrations on the connection that `stores.migrate` hands over; Alembic loads this file by its path."""

from __future__ import annotations

from alembic import context

from sensemake.stores.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
