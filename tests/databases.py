"""What happens to databases."""

from __future__ import annotations

from sqlalchemy import create_engine, text


def cut_off(database_url: str) -> None:
    """Ends every session of the database, as a restart of the server does."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(others))
    engine.dispose()
