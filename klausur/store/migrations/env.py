"""Alembic's entry. The connection comes from klausur.store.migrate; there is no alembic.ini and no offline mode."""

from alembic import context

from klausur.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
