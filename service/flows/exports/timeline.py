"""From instants to places on a horizontal axis that a person can read.

Time runs evenly, but a long silence takes little room: it is squeezed, and the axis says so. Never goes backwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_SQUEEZED_PX = 56.0
_LONG_PART = 0.22
"""A silence longer than this part of all the time shown is squeezed."""
_TICK_PX = 76.0
_LEAST_PX = 46.0
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS_S = (
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28, 91, 182, 365, 1826)),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """`day` is given where the date differs from that of the tick before."""

    x: float
    label: str
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A squeezed stretch of the axis between `start` and `end` px."""

    start: float
    end: float
    label: str


class Timeline:
    """Maps the instants given (one at least) to `left`..`right` px."""

    def __init__(self, instants: Sequence[datetime], left: float, right: float) -> None:
        self._at = sorted({instant.astimezone(UTC) for instant in instants})
        gaps = [(b - a).total_seconds() for a, b in zip(self._at, self._at[1:], strict=False)]
        self._long = _long_gaps(gaps)
        even = sum(gap for index, gap in enumerate(gaps) if index not in self._long)
        room = right - left - _SQUEEZED_PX * len(self._long)
        self._px_per_s = room / even if even else 0.0
        self._x = [left]
        for index, gap in enumerate(gaps):
            self._x.append(self._x[-1] + (_SQUEEZED_PX if index in self._long else gap * self._px_per_s))

    def x(self, instant: datetime) -> float:
        """Instants outside those given stand at the nearest end."""
        here = instant.astimezone(UTC)
        place = bisect_right(self._at, here) - 1
        if place < 0:
            return self._x[0]
        if place >= len(self._at) - 1:
            return self._x[-1]
        start, end = self._at[place], self._at[place + 1]
        return self._x[place] + (self._x[place + 1] - self._x[place]) * ((here - start) / (end - start))

    def silences(self) -> list[Silence]:
        return [
            Silence(self._x[index], self._x[index + 1], _length(self._at[index + 1] - self._at[index]))
            for index in sorted(self._long)
        ]

    def ticks(self) -> list[Tick]:
        """At round times, no closer than a label is wide; none inside a squeezed silence."""
        step = next((s for s in _STEPS_S if s * self._px_per_s >= _TICK_PX), _STEPS_S[-1]) if self._px_per_s else _DAY
        silences = self.silences()
        found: list[Tick] = []
        before: date | None = None
        for at in self._round_times(step):
            x = self.x(at)
            is_silent = any(silence.start + 1 < x < silence.end - 1 for silence in silences)
            if is_silent or (found and x - found[-1].x < _LEAST_PX):
                continue
            label = f"{at:%H:%M}" if step < _DAY else f"{at.day} {at:%b}"
            found.append(Tick(x, label, _day(at, before)))
            before = at.date()
        return found

    def _round_times(self, step_s: int) -> list[datetime]:
        times = {self._at[0]}
        edges = [self._at[0], *(self._at[index + 1] for index in sorted(self._long))]
        ends = [*(self._at[index] for index in sorted(self._long)), self._at[-1]]
        for start, end in zip(edges, ends, strict=True):
            times.add(start)
            seconds = -(-int(start.timestamp()) // step_s) * step_s
            while seconds <= end.timestamp():
                times.add(datetime.fromtimestamp(seconds, UTC))
                seconds += step_s
        return sorted(times)


def _long_gaps(gaps: Sequence[float]) -> frozenset[int]:
    """The longest gaps, as long as one outweighs what is left beside it."""
    left = set(range(len(gaps)))
    long: set[int] = set()
    while left:
        longest = max(left, key=lambda index: (gaps[index], -index))
        total = sum(gaps[index] for index in left)
        if len(left) == 1 or gaps[longest] <= _LONG_PART * total or gaps[longest] < _HOUR:
            break
        long.add(longest)
        left.discard(longest)
        if len(long) >= 5:
            break
    return frozenset(long)


def _day(at: datetime, before: date | None) -> str | None:
    if before == at.date():
        return None
    return f"{at:%a} {at.day} {at:%b}" + (f" {at.year}" if before is None or before.year != at.year else "")


def _length(silence: timedelta) -> str:
    hours = silence.total_seconds() / _HOUR
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} h"
