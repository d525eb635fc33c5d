"""Which times of publication can be true. A publisher's time is a claim: it is stored and shown as it was made.

Owns what is impossible: the zero of a clock, as a feed shows it that knows no date, and a time that has not come yet. Reads no
clock. Whoever orders articles or asks how far they are apart uses these times; what cannot be true is no time at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ZEROES = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC))
"""Where the clocks of POSIX begin, and the calendars of several languages."""
_ZONES = timedelta(hours=14)
"""The furthest that a local midnight lies from that of UTC."""
_AHEAD = timedelta(days=1)
"""A page may be dated ahead by its zone, by a clock that is fast, and by the date of the paper in which it is printed."""
_RULE_MADE = datetime(2026, 11, 22, tzinfo=UTC)
"""A clock of ours that shows an earlier time than this is wrong, and proves no claim impossible."""


def possible(claimed: datetime | None, seen: datetime) -> datetime | None:
    """The claimed time of an article, or None where it cannot be true of one that was `seen` then. Both have a zone."""
    if claimed is None or any(abs(claimed - zero) <= _ZONES for zero in _ZEROES):
        return None
    return None if claimed - max(seen, _RULE_MADE) > _AHEAD else claimed
