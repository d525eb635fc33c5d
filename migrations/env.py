"""Run by alembic for every command; service/store/migrate.py hands in the connection or the database address."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from service.store.engine import open_engines
from service.store.search_tables import is_described
from service.store.tables import Row


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        # SQLite cannot alter most things in place.
        render_as_batch=connection.dialect.name == "sqlite",
        # The engine begins transactions itself, so SQLite rolls half a migration back like PostgreSQL does.
        transactional_ddl=True,
        compare_type=True,
        include_name=is_described,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    migrate(handed_in)
else:
    address = context.config.attributes.get("database_url") or os.environ["WIRETRACE_DATABASE_URL"]
    engines = open_engines(address, readers=1)
    with engines.writer.begin() as own:
        migrate(own)
    engines.dispose()
