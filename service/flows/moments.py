"""When a write happens: by the clock, and in the order of writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """`now` is what the clock says, and may be before an earlier write. `in_order` is later than every write before: only the
    times by which lists of stories are paged are taken from it, so that a clock that was wrong once spoils nothing else.
    """

    now: datetime
    in_order: datetime
