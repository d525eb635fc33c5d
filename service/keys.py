"""API keys: how they are written down, held as digests, looked up in constant time, and read again when their file changes.

Knows no HTTP. A key itself is forgotten as soon as its digest is made; messages never repeat one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

Permit = Literal["read", "write"]

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_log = structlog.get_logger("service.keys")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """`id` names the key in the store and in limits without telling it."""

    id: str
    permit: Permit


def parse_keys(text: str, name: str) -> dict[bytes, Permit]:
    """SHA-256 of each key -> what it allows, from `read:KEY`, `write:KEY` and `read:sha256:HEX` entries between commas or line
    ends; `#` begins a comment. `name` is where the text stands. Raises ValueError that never repeats a key.
    """
    found: dict[bytes, Permit] = {}
    lines = (line.partition("#")[0] for line in text.splitlines())
    entries = filter(None, (entry.strip() for line in lines for entry in line.split(",")))
    for position, entry in enumerate(entries, 1):
        scope, _, key = entry.partition(":")
        if scope not in ("read", "write"):
            raise ValueError(f"{name}: entry {position} must begin with `read:` or `write:`")
        if hashed := _DIGEST.fullmatch(key.lower()):
            digest = bytes.fromhex(hashed[1])
        elif key.lower().startswith("sha256:"):
            raise ValueError(f"{name}: the digest of entry {position} must be 64 hexadecimal digits")
        elif len(key) < 16 or not key.isascii() or any(character.isspace() for character in key):
            raise ValueError(f"{name}: the key of entry {position} needs 16 or more ASCII characters without spaces")
        else:
            digest = hashlib.sha256(key.encode()).digest()
        found[digest] = "write" if scope == "write" or found.get(digest) == "write" else "read"
    return found


class KeyRing:
    """The keys of the settings, and those of a file that is read again when it changes. Used from one thread.

    Once there is anything that could hold keys, a key is needed, whatever becomes of the file. Raises OSError, ValueError.
    """

    def __init__(self, fixed: dict[bytes, Permit], file: Path | None = None) -> None:
        self._fixed = fixed
        self._file = file
        self._stamp = self._stamped()
        self._from_file = self._read()
        self.is_needed = bool(fixed) or file is not None

    def find(self, key: str) -> KnownKey | None:
        """What is known of an offered key."""
        self._refresh()
        offered = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        found: KnownKey | None = None
        # Always all of them, and digests have one length: the time must not tell which one came close.
        for digest, permit in (self._fixed | self._from_file).items():
            if hmac.compare_digest(digest, offered):
                found = KnownKey(digest.hex()[:16], permit)
        return found

    def _refresh(self) -> None:
        try:
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                self._from_file = self._read()
                _log.info("api keys read again", keys=len(self._from_file))
        except (OSError, ValueError) as error:
            _log.warning("the file of api keys cannot be read; the keys read before stay", error=str(error))

    def _stamped(self) -> tuple[int, int, int] | None:
        if self._file is None:
            return None
        status = self._file.stat()
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> dict[bytes, Permit]:
        return parse_keys(self._file.read_text(encoding="utf8"), "api_keys_file") if self._file is not None else {}
