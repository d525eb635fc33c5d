"""API keys: how they are written down, with limits of their own, held as digests, looked up in constant time, and read again when
their file changes.

Knows no HTTP. A key itself is forgotten as soon as its digest is made; messages never repeat one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

Permit = Literal["read", "write"]

_LIMITS: dict[str, type[float | int]] = {"rate": float, "burst": int, "body": int, "batch": int}
_MOST = 1e15
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_log = structlog.get_logger("service.keys")


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What one key may do, where that differs from the settings: `rate` calls a second in the long run, `burst` at once, `body`
    bytes of a request and `batch` of a batch or feed. None: as the settings say.
    """

    rate: float | None = None
    burst: int | None = None
    body: int | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What a key allows."""

    permit: Permit
    limits: KeyLimits = KeyLimits()


@dataclass(frozen=True, slots=True)
class KnownKey:
    """`id` names the key in the store and in limits without telling it."""

    id: str
    permit: Permit
    limits: KeyLimits = KeyLimits()


def parse_keys(text: str, name: str) -> dict[bytes, KeyRule]:
    """SHA-256 of each key -> what it allows, from `read:KEY`, `write:KEY` and `read:sha256:HEX` entries between commas or line
    ends, each with limits behind it where it has any (`write:KEY;rate=5;batch=1000000`); `#` begins a comment. Of two entries for
    one key the stronger permit counts, and the later limits. `name` is where the text stands. Raises ValueError that never
    repeats a key.
    """
    found: dict[bytes, KeyRule] = {}
    lines = (line.partition("#")[0] for line in text.splitlines())
    entries = filter(None, (entry.strip() for line in lines for entry in line.split(",")))
    for position, entry in enumerate(entries, 1):
        named, *options = entry.split(";")
        scope, _, key = named.strip().partition(":")
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
        is_write = scope == "write" or (digest in found and found[digest].permit == "write")
        found[digest] = KeyRule("write" if is_write else "read", _limits(options, f"{name}: entry {position}"))
    return found


def _limits(options: Sequence[str], where: str) -> KeyLimits:
    given: dict[str, float | int] = {}
    for option in options:
        limit, _, value = (part.strip() for part in option.partition("="))
        kind = _LIMITS.get(limit)
        if kind is None:
            raise ValueError(f"{where} has a limit that is none of {', '.join(_LIMITS)}")
        if limit in given:
            raise ValueError(f"{where} has {limit} twice")
        try:
            given[limit] = kind(value)
        except ValueError:
            given[limit] = 0
        if not 0 < given[limit] < _MOST:
            raise ValueError(f"{where}: {limit} must be a {'number' if kind is float else 'whole number'} above 0")
    return KeyLimits(**given)  # type: ignore[arg-type]


class KeyRing:
    """The keys of the settings, and those of a file that is read again when it changes. Used from one thread.

    Once there is anything that could hold keys, a key is needed, whatever becomes of the file. Raises OSError, ValueError.
    """

    def __init__(self, fixed: dict[bytes, KeyRule], file: Path | None = None) -> None:
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
        for digest, rule in (self._fixed | self._from_file).items():
            if hmac.compare_digest(digest, offered):
                found = KnownKey(digest.hex()[:16], rule.permit, rule.limits)
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

    def _read(self) -> dict[bytes, KeyRule]:
        return parse_keys(self._file.read_text(encoding="utf8"), "api_keys_file") if self._file is not None else {}
