"""Brings a database to the current schema, from the command line and at every start.

Finds the migrations in a source checkout and in an installed package. Decides nothing about the schema itself.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.store.database_lock import DatabaseLock
from service.store.engine import FolderLock, database_file, driver_errors_translated, open_engines, take_writer_lock


def migrations_folder() -> Path:
    """`service/_migrations` in an installed package, `migrations` beside `service` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError(f"no migrations beside {package}; the installation is not complete")


def alembic_config(database_url: str | None = None) -> Config:
    """For alembic's own commands; `database_url` is only needed by those that connect by themselves."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes["database_url"] = database_url
    return config


def head_revision() -> str:
    """The revision this release works with."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None, "the migrations folder has no revision"
    return head


def current_revision(database_url: str) -> str | None:
    """The revision of the database; None for an empty one. Raises StoreUnavailable when it cannot be reached."""
    file = database_file(database_url)
    if file is not None and not file.exists():
        return None
    engines = open_engines(database_url, readers=1)
    try:
        with driver_errors_translated(), engines.reader.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engines.dispose()


def upgrade(database_url: str) -> bool:
    """Creates the database where there is none and applies what is missing, all or nothing. True when anything changed.

    Raises DataFolderInUse when a service runs on folder or database and there is something to change, StoreUnavailable when the
    database cannot be reached, alembic's CommandError when a newer release has already changed it.
    """
    if current_revision(database_url) == head_revision():
        return False
    file = database_file(database_url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(database_url)
    lock.acquire()
    engines = open_engines(database_url, readers=1)
    try:
        DatabaseLock(engines.writer).acquire()
        with driver_errors_translated(), engines.writer.begin() as connection:
            take_writer_lock(connection)
            config = alembic_config(database_url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engines.dispose()
        lock.release()
    return True
