"""Server-sent events from bytes as they arrive (HTML Living Standard, 9.2.6). Knows nothing of changes and opens nothing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.client.errors import UnexpectedAnswer

MOST_EVENT_CHARACTERS = 1_000_000
"""Of one event; what is longer is no event of ours, and would fill the memory of whoever follows for days."""
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is the last that was named, by this event or an earlier one."""

    id: str
    type: str
    data: str


class EventReader:
    """Feed it bytes in any pieces; it gives events once they are whole. `retry_ms` is what the server asked for last."""

    def __init__(self) -> None:
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf8")("replace")
        self._text = ""
        self._is_begun = False
        self._searched = 0
        self._id = ""
        self._type = ""
        self._data: list[str] = []
        self._length = 0

    def feed(self, part: bytes) -> Iterator[Event]:
        """The events that `part` completes. Raises UnexpectedAnswer where a line or an event is far too long."""
        self._text += self._decoder.decode(part)
        if self._text and not self._is_begun:
            self._is_begun = True
            self._text = self._text.removeprefix("\ufeff")
        start = 0
        # Only what is new is searched for a line's end: a long line in many pieces costs no more than its length.
        while found := _LINE_END.search(self._text, max(start, self._searched)):
            if found[0] == "\r" and found.end() == len(self._text):
                break  # the other half of \r\n may come with the next piece
            line = self._text[start : found.start()]
            start = found.end()
            event = self._line(line)
            if event is not None:
                yield event
        self._text = self._text[start:]
        self._searched = max(0, len(self._text) - 1)
        self._check(len(self._text))

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._ended()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._length += len(value) + 1
            self._check(self._length)
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value[:9])
        return None

    def _ended(self) -> Event | None:
        data, kind = self._data, self._type or "message"
        self._data, self._type, self._length = [], "", 0
        return Event(self._id, kind, "\n".join(data)) if data else None

    def _check(self, length: int) -> None:
        if length > MOST_EVENT_CHARACTERS:
            raise UnexpectedAnswer(f"an event of more than {MOST_EVENT_CHARACTERS} characters", 200, b"")
