"""What the tests of the flows share: quiet logs, an empty store with the schema, and a writer on a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.ops import logging
from service.store.migrate import upgrade
from tests.flows.bench import opened


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    logging.configure("json", "error")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty database file with the schema: migrating once is faster than for each test."""
    file = tmp_path_factory.mktemp("schema") / "empty.db"
    upgrade(f"sqlite:///{file}")
    return file.read_bytes()


@pytest.fixture
def bench(template: bytes, tmp_path: Path) -> Iterator[Any]:
    with opened(tmp_path, template) as found:
        yield found
