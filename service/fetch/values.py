"""Single values as pages write them: one line of text, a time with minutes and zone, a language tag. Never guesses."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

from service.fetch.extract_types import Found

MAX_NODES = 2_000
MAX_VALUE_CHARACTERS = 2_000
MAX_CLAIMS = 40
MAX_AUTHORS = 50
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
NO_AUTHOR = re.compile(r"https?://|^@|^\W*$", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?([Zz]|GMT|UTC|[+-]\d\d:?\d\d|[+-]\d\d)", re.ASCII
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def clean(text: str) -> str:
    """One line, no control characters, no markup entities."""
    return _SPACE.sub(" ", CONTROL.sub("", html.unescape(text))).strip()


def read_time(text: str) -> str | None:
    """RFC 3339 of a time with minutes and zone; None for anything less."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    day, minutes, seconds, fraction, zone = match.groups()
    offset = "+00:00" if zone.upper() in ("Z", "GMT", "UTC") else zone if ":" in zone else f"{zone[:3]}:{zone[3:] or '00'}"
    try:
        at = datetime.fromisoformat(
            f"{day}T{minutes}:{seconds or '00'}{'.' + fraction[:6].ljust(6, '0') if fraction else ''}{offset}"
        )
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at.isoformat()


def language_of(found: Found | None) -> Found | None:
    """The value as a BCP 47 tag; None for what is none."""
    if found is None or not _LANGUAGE.fullmatch(found.value) or len(found.value) > 35:
        return None
    return Found(found.value.replace("_", "-"), found.where)
