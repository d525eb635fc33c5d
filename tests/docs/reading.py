"""Reads the documentation as a user does: its code, its links, its headings. Knows nothing of the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language as written, its text."""

    language: str
    text: str


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    return page.read_text(encoding="utf8")


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(text(page))]


def code(page: Path) -> Iterator[str]:
    """Every line of a fenced block, continuations joined, and every code span."""
    for block in blocks(page):
        yield from block.text.replace("\\\n", " ").splitlines()
    yield from _SPAN.findall(_BLOCK.sub("", text(page)))


def links(page: Path) -> list[str]:
    """Targets of links outside code."""
    return _LINK.findall(_SPAN.sub("", _BLOCK.sub("", text(page))))


def anchors(page: Path) -> set[str]:
    """The fragments that headings give, as code hosts make them."""
    found = _HEADING.findall(_BLOCK.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
