"""What a log may hold: the place of a failure, never what a caller sent."""

from __future__ import annotations

import logging as standard
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from service.ops import logging


@pytest.fixture
def untouched() -> Iterator[None]:
    root = standard.getLogger()
    handlers, level, was_disabled = root.handlers[:], root.level, standard.getLogger("uvicorn.access").disabled
    yield
    root.handlers[:], root.level = handlers, level
    standard.getLogger("uvicorn.access").disabled = was_disabled
    structlog.reset_defaults()


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_locals(form: Literal["console", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    def fail(article_text: str) -> None:
        raise RuntimeError(f"{len(article_text)} characters")

    logging.configure(form, "info")
    try:
        fail("the words of an article " + "and more " * 3)
    except RuntimeError:
        structlog.get_logger("test").exception("write failed")
    said = capsys.readouterr().err
    assert "write failed" in said
    assert "RuntimeError" in said
    assert "and more and more" not in said
