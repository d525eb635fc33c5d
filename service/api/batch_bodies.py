"""A JSON array that streams in, turned into one line for each of its items. Memory does not grow with the body.

Looks at strings and brackets only; whether an item is JSON, and an article, is judged when its line is read.
"""

from __future__ import annotations

import re
from typing import NoReturn

from service.errors import Fault, InvalidInput, MalformedJson

_OUTSIDE = re.compile(rb'["\[\]{},\r\n]')
_IN_STRING = re.compile(rb'["\\]')
_BLANK = b" \t\r\n"


class ArrayLines:
    """`feed` the body's parts and write what it gives; `finish` says whether the array was whole."""

    def __init__(self) -> None:
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False
        self._is_ended = False
        self._has_item = False
        self._has_comma = False

    def feed(self, part: bytes) -> bytes:
        """Raises InvalidInput where the body is no array, MalformedJson where the array is broken."""
        start = 0
        if not self._depth:
            rest = part.lstrip(_BLANK)
            if not rest:
                return b""
            if self._is_ended:
                _malformed("there is text behind the array")
            if not rest.startswith(b"["):
                raise InvalidInput("# must be a JSON array of articles", [Fault("#", "must be a JSON array of articles")])
            self._depth, start = 1, len(part) - len(rest) + 1
        return self._items(part, start)

    def finish(self) -> None:
        if not self._is_ended:
            _malformed("the array has no end")

    def _items(self, part: bytes, position: int) -> bytes:
        out = bytearray()
        while position < len(part):
            if self._is_escaped:
                out += part[position : position + 1]
                self._is_escaped, position = False, position + 1
                continue
            found = (_IN_STRING if self._is_in_string else _OUTSIDE).search(part, position)
            text = part[position : found.start() if found else len(part)]
            out += text
            self._has_item = self._has_item or bool(text.strip(_BLANK))
            if found is None:
                break
            position = found.end()
            self._meet(found[0], out)
            if self._is_ended:
                if part[position:].strip(_BLANK):
                    _malformed("there is text behind the array")
                break
        return bytes(out)

    def _meet(self, sign: bytes, out: bytearray) -> None:
        if self._is_in_string:
            self._is_escaped = sign == b"\\"
            self._is_in_string = sign != b'"'
        elif sign in b"\r\n":
            sign = b" "
        elif self._depth == 1 and sign in b",]":
            if not self._has_item and (sign == b"," or self._has_comma):
                _malformed("an item is missing")
            self._has_comma, self._is_ended = sign == b",", sign == b"]"
            self._depth -= self._is_ended
            self._has_item, sign = False, b"\n"
        else:
            self._has_item = True
            self._is_in_string = sign == b'"'
            self._depth += (sign in b"[{") - (sign in b"]}")
            if not self._depth:
                _malformed("a bracket closes what was not opened")
        out += sign


def _malformed(reason: str) -> NoReturn:
    raise MalformedJson(f"The body is not JSON: {reason}.", [Fault("#", reason)])
