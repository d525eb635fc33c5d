"""Tells whoever follows the change feed that there may be something new. Holds no change and forgets nobody who listens."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bell:
    """Rung by the writer after each commit, from any thread. Listeners must not block."""

    def __init__(self) -> None:
        self._listeners: dict[int, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._following = 0
        self.is_closed = False

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call it at every ring and when the bell is closed; returns what ends that."""
        with self._lock:
            self._following += 1
            number = self._following
            self._listeners[number] = listener

        def stop() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return stop

    def ring(self) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener()

    def close(self) -> None:
        """The service ends: followers should say goodbye."""
        self.is_closed = True
        self.ring()
