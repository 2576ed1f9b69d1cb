"""Alembic's entry: the caller passes its open connection and owns the transaction."""

from alembic import context

from tutor.progress.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
    transaction_per_migration=False,
)
context.run_migrations()
