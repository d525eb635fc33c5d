"""A store on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.migrate import upgrade
from service.store.repository import SqlStore


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    upgrade(database_url)
    opened = SqlStore(database_url)
    yield opened
    opened.close()
