"""Opaque, versioned keyset cursors and the Link header. A cursor fits the list and the filters it came from, no others."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from urllib.parse import urlencode

from service.errors import InvalidCursor

CURSOR_VERSION = 1


def encode(name: str, filters: Mapping[str, str], after: tuple[str, ...]) -> str:
    """The cursor behind `after` in the list `name`. `filters` are the query parameters that shape the list."""
    text = json.dumps([CURSOR_VERSION, _shape(name, filters), *after], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(name: str, filters: Mapping[str, str], cursor: str | None) -> tuple[str, ...] | None:
    """The key that `cursor` holds, None without one. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        version, shape, *after = content
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidCursor from error
    if version != CURSOR_VERSION or not after or not all(isinstance(part, str) for part in after):
        raise InvalidCursor
    if shape != _shape(name, filters):
        raise InvalidCursor("The cursor belongs to a list with other filters; send the filters it came with, or leave it away.")
    return tuple(after)


def next_link(path: str, filters: Mapping[str, str], limit: int, cursor: str) -> str:
    """The value of the Link header (RFC 8288), relative to the service's own address."""
    return f'<{path}?{urlencode({**filters, "limit": limit, "cursor": cursor})}>; rel="next"'


def _shape(name: str, filters: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([name, sorted(filters.items())]).encode()).hexdigest()[:12]
