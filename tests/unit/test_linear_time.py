"""Every compiled pattern of the domain on a megabyte of hostile text: time must grow with the text and no faster."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import service.domain

CHARACTERS = 1_000_000
SECONDS = 1.0
COMMON = (
    " ", "\n", "(", ")", "[", "((a)", '"', "'", "“", "1", "1 ", ".", ". ", "-", "- ", "/", ",", ": ", "\u00a0", "A", "A ", "A, ", "Aa ",
    "A. ", "a ", "a", "the ", "新", "来源：", "한", "ا", "By A ", "Aa Aa, ", "@a.", "#a ", "12:30 ", "http://", "&", "©", "A/",
)  # fmt: skip
_PIECE = re.compile(r"[^\W\d_][^\W\d_ '-]{0,18}[ '-]?(?:[^\W\d_]{1,18} ?)?")
_ESCAPES = re.compile(r"\\[a-zA-Z]|\(\?(?:P?<[^>]*>|[a-z:=!<]+)|\\u[0-9a-f]{4}")


def _compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that stand in a module of the domain, alone or in a container, each once under its name."""
    seen: set[int] = set()
    for module in pkgutil.iter_modules(service.domain.__path__):
        namespace = vars(importlib.import_module(f"service.domain.{module.name}"))
        for name, value in namespace.items():
            for pattern in _patterns_in(value):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    yield f"{module.name}.{name}", pattern


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _patterns_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _patterns_in(item)


def _own_pieces(pattern: re.Pattern[str]) -> list[str]:
    """Literal words of the pattern: what makes it begin to match again and again."""
    pieces = {p for p in _PIECE.findall(_ESCAPES.sub(" | ", pattern.pattern)) if len(p) > 1}
    ordered = sorted(pieces, key=lambda p: (-len(p), p))
    return [*ordered[:16], "".join(ordered[:40]), " ".join(ordered[:40])]


def _segments(pattern: re.Pattern[str]) -> list[str]:
    pieces = [p for p in (*COMMON, *_own_pieces(pattern)) if p]
    pieces += [p + " " for p in _own_pieces(pattern)[:6]] + [p + " Aa " for p in _own_pieces(pattern)[:6]]
    size = CHARACTERS // len(pieces)
    return [(piece * (size // len(piece) + 1))[:size] for piece in pieces]


PATTERNS = dict(_compiled())


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) >= 60
    assert {"BRACKET", "_OPENINGS", "_DOMAIN", "_FAR_WORDS"} <= {name.partition(".")[2] for name in PATTERNS}


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_takes_linear_time_on_hostile_text(name: str) -> None:
    pattern = PATTERNS[name]
    segments = _segments(pattern)
    text = "".join(segments)
    began = time.process_time()
    for _ in pattern.finditer(text):
        pass
    searched = time.process_time() - began
    began = time.process_time()
    for segment in segments:
        pattern.match(segment)
        pattern.fullmatch(segment)
    assert searched < SECONDS
    assert time.process_time() - began < SECONDS


def test_a_pattern_with_runaway_time_would_be_noticed() -> None:
    runaway = re.compile(r"a+a+$")
    began = time.process_time()
    runaway.search("a" * 150 + "b")
    small = time.process_time() - began
    began = time.process_time()
    runaway.search("a" * 300 + "b")
    assert time.process_time() - began > 3 * small
