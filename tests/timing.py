"""Whether time grows with a text and no faster: the one place that knows how to tell it on a machine that others use too."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_ENOUGH_S = 1.0
_PART = 4
_TRIES = 3


def is_linear(work: Callable[[int], object], size: int, enough: float = _ENOUGH_S) -> bool:
    """Whether `work(size)` takes less than `enough` seconds or, on a slow machine, less than twice its share of a part.

    `work` is called with a size and does its work on a text of about that length. Quadratic time takes four times its share of a
    quarter. Noise only ever adds to a time, so the best of some tries is held against the best of some tries.
    """
    whole = seconds(work, size)
    if whole < enough:
        return True
    # What takes ten times as long as it may is not tried again: that could take the evening.
    tries = _TRIES - 1 if whole < 10 * max(enough, _ENOUGH_S) else 0
    whole = min([whole, *(seconds(work, size) for _ in range(tries))])
    return whole < 2 * _PART * min(seconds(work, size // _PART) for _ in range(_TRIES))


def seconds(work: Callable[[int], object], size: int) -> float:
    """Processor time of one call: other processes lengthen it least. Garbage is left for later: there is much of it behind other tests."""
    gc.disable()
    try:
        began = time.process_time()
        work(size)
        return time.process_time() - began
    finally:
        gc.enable()
