"""Looks at everything a service needs before it starts, and says how to repair what is wrong. Changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.embed.local import model_folder, weights_sha256
from service.errors import WiretraceError
from service.keys import parse_keys
from service.ports import Encoder
from service.settings import Settings
from service.store.engine import database_file, open_engines
from service.store.migrate import current_revision, head_revision
from service.store.repository import SqlStore

_WANTED_PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}


@dataclass(frozen=True, slots=True)
class Check:
    """`is_ok` None: could not be tried, because of another check. `fix` says what to do when it is not ok."""

    name: str
    is_ok: bool | None
    detail: str
    fix: str = ""


def examine(settings: Settings, encoder: Callable[[], Encoder]) -> Iterator[Check]:
    """One check after the other; a later one is tried even when an earlier one fails."""
    yield _keys(settings)
    yield _folder(settings)
    yield _disk(settings)
    schema = _guarded("schema", lambda: _schema(settings), "run: wiretrace migrate")
    yield schema
    yield (
        _guarded("pragmas", lambda: _pragmas(settings), "the database file must be on a local disk")
        if schema.is_ok
        else Check("pragmas", None, "not tried, as the schema is not current")
    )
    yield _guarded(
        "model", lambda: _model(settings), "install the model again, or set WIRETRACE_MODEL and WIRETRACE_MODEL_SHA256"
    )
    space: list[str] = []
    yield _guarded("encoder", lambda: _encoder(encoder, space), "see the check of the model above")
    if space and schema.is_ok:
        yield _guarded(
            "index", lambda: _index(settings, space[0]), "start the service: it embeds what has no vector and rebuilds"
        )
    else:
        yield Check("index", None, "not tried, as it needs the encoder and a current schema")


def _guarded(name: str, check: Callable[[], Check], fix: str) -> Check:
    try:
        return check()
    except (WiretraceError, OSError, ValueError) as error:
        return Check(name, False, str(error) or type(error).__name__, fix)


def _keys(settings: Settings) -> Check:
    keys = settings.keys()
    if settings.api_keys_file is not None:
        keys |= parse_keys(settings.api_keys_file.read_text(encoding="utf8"), "api_keys_file")
    if keys or settings.is_loopback():
        return Check("access", True, f"{len(keys)} API keys, listening on {settings.host}")
    return Check(
        "access", False, f"listening on {settings.host} without API keys", "set WIRETRACE_API_KEYS, or WIRETRACE_HOST=127.0.0.1"
    )


def _folder(settings: Settings) -> Check:
    folder = settings.data
    if not folder.is_dir():
        return Check("data folder", False, f"{folder} is not there", f"run: wiretrace migrate --data {folder}")
    is_ok = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    return Check("data folder", is_ok, str(folder.absolute()), f"give this user the right to write to {folder}")


def _disk(settings: Settings) -> Check:
    folder = settings.data.absolute()
    while not folder.exists():
        folder = folder.parent
    free, wanted = shutil.disk_usage(folder).free, settings.min_free_disk_bytes
    return Check(
        "disk space", free >= wanted, f"{free / 1e9:.1f} GB free", f"free {(wanted - free) / 1e9:.1f} GB on the disk of {folder}"
    )


def _schema(settings: Settings) -> Check:
    found, wanted = current_revision(settings.sqlalchemy_url()), head_revision()
    return Check("schema", found == wanted, f"revision {found or 'none'}, needed is {wanted}", "run: wiretrace migrate")


def _pragmas(settings: Settings) -> Check:
    if database_file(settings.sqlalchemy_url()) is None:
        return Check("pragmas", True, "not SQLite")
    engines = open_engines(settings.sqlalchemy_url(), readers=1)
    try:
        with engines.reader.connect() as connection:
            found = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in _WANTED_PRAGMAS}
            damage = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    finally:
        engines.dispose()
    shown = ", ".join(f"{name}={value}" for name, value in found.items())
    if damage != "ok":
        return Check("pragmas", False, f"the file is damaged: {damage}", "restore the data folder from a backup")
    return Check("pragmas", found == _WANTED_PRAGMAS, shown, "the database file must be on a local disk")


def _model(settings: Settings) -> Check:
    if settings.encoder == "hashing":
        return Check("model", True, "none: the hashing encoder finds no rewording")
    digest, wanted = weights_sha256(model_folder(settings.model)), settings.expected_model_sha256()
    fix = f"wanted is {wanted}: install the model again, or set WIRETRACE_MODEL_SHA256"
    return Check(
        "model", wanted in (None, digest), f"{settings.model}, SHA-256 {digest[:16]}…" + ("" if wanted else " (unchecked)"), fix
    )


def _encoder(build: Callable[[], Encoder], space: list[str]) -> Check:
    encoder = build()
    shape = encoder.encode(["The encoder answers."]).shape
    space.append(encoder.space)
    return Check(
        "encoder", shape == (1, encoder.dimension), f"{encoder.mode}, {encoder.dimension} dimensions, space {encoder.space}"
    )


def _index(settings: Settings, space: str) -> Check:
    store = SqlStore(settings.sqlalchemy_url(), readers=1, writable=False)
    try:
        with store.read() as session:
            total = missing = 0
            for row in session.units(space):
                total += 1
                missing += row.vector is None
    finally:
        store.close()
    fix = "start the service with the encoder that the data was made with; vectors of another space are not compared"
    return Check("index", missing == 0, f"{total} units, {missing} without a vector", fix)
