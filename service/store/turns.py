"""A lock that is given in the order in which it was asked for.

An ordinary lock may go back at once to the thread that gave it up. The writer takes it again and again while articles come in,
and whoever has a small thing to store would wait for the end of the crawl.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """As `threading.Lock`, in turn. Not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def acquire(self, timeout: float) -> bool:
        """False when it was not given within so many seconds."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self._guard:
            if turn.is_set():  # given between the end of the wait and here
                return True
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
