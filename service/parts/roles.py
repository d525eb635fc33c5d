"""Decides whether this process writes or is a replica, and builds it. Decided at each start, never while it runs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi.concurrency import run_in_threadpool

from service.api.services import Services
from service.errors import SchemaMismatch
from service.ops.metrics import Metrics
from service.parts.pieces import find_organisation
from service.parts.replica import replica_parts
from service.parts.writer import writer_parts
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings
from service.store.engine import DataFolderInUse, database_file
from service.store.migrate import upgrade
from service.store.place import give_up_claim
from service.store.repository import SqlStore

_LOOK_S = 1.0
_SCHEMA_WAIT_S = 120.0


@asynccontextmanager
async def open_parts(settings: Settings, metrics: Metrics) -> AsyncIterator[Services]:
    """The parts of the one that writes, or of a replica where another writes."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = await run_in_threadpool(open_store, settings)
    if store.is_writable:
        parts = writer_parts(settings, metrics, store)
    else:
        registry = load_registry(settings.registry)
        parts = replica_parts(settings, store, load_weights().version, lambda text: find_organisation(registry, text))
    async with parts as services:
        yield services


def open_store(settings: Settings) -> SqlStore:
    """To write to where the place is free, to read from where another holds it. While the database has not the schema of this
    version it waits for the other one to bring it there, and takes the place if that goes without. Raises DataFolderInUse,
    SchemaMismatch, StoreUnavailable.
    """
    deadline = time.monotonic() + _SCHEMA_WAIT_S
    while True:
        try:
            store = _take_place(settings)
        finally:
            give_up_claim(settings.sqlalchemy_url())
        if store is not None:
            return store
        try:
            return SqlStore(settings.sqlalchemy_url(), writable=False)
        except SchemaMismatch:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_S)


def _take_place(settings: Settings) -> SqlStore | None:
    """The store, to write to; None where another process writes and this one may stand beside it. Raises DataFolderInUse."""
    if settings.role == "replica":
        return None
    url = settings.sqlalchemy_url()
    try:
        upgrade(url)
        return SqlStore(url)
    except DataFolderInUse:
        # Two services in one folder are a mistake more often than a wish.
        if settings.role == "writer" or database_file(url) is not None:
            raise
        return None
