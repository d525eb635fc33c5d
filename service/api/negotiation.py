"""Which representation a caller gets, by its Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.errors import NotAcceptable

_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
_MOST_RANGES = 64


def negotiated(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that the caller likes best; of equals the first offered. Raises NotAcceptable.

    The most specific range that fits a type decides its quality; parameters other than `q` are ignored, as no type offered
    has any. Without a header, or with an empty one, everything is welcome.
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [found for part in accept.split(",")[:_MOST_RANGES] if (found := _media_range(part)) is not None]
    quality = {kind: _quality(kind, ranges) for kind in offered}
    best = max(offered, key=quality.__getitem__)  # the first of equals
    if quality[best] <= 0:
        raise NotAcceptable(f"This resource is available as {', '.join(offered)}; the Accept header allows none of them.")
    return best


def _media_range(part: str) -> tuple[str, float] | None:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((value[2:].strip() for value in parameters if value.startswith("q=")), "1")
    if kind.count("/") != 1 or not _QUALITY.fullmatch(quality):
        return None
    return kind, float(quality)


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    for wanted in (kind, f"{kind.split('/', maxsplit=1)[0]}/*", "*/*"):
        stated = [quality for found, quality in ranges if found == wanted]
        if stated:
            return max(stated)
    return 0.0
