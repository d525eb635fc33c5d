"""Fragments: copy that two articles share although each has news of its own, as background told again or an item in a list.

Such copy is copy, and says where a passage came from, but makes no report of the two. Functions of how much is shared and where
it stands; reads no text.
"""

from __future__ import annotations

from collections.abc import Sequence

MOSTLY_CARRIED = 0.75
"""From this part of either body on, the one is a cut of the other or enlarges on it, whatever its beginning and its title."""
LEAST_CARRIED = 7.0
"""Weight of different words, names aside, that carry news into another day: those of one sentence (cf. `forms.LEAST_TOLD`)."""


def is_one_stretch(mine: Sequence[bool], theirs: Sequence[bool]) -> bool:
    """Whether one stretch of text stands in both: which units of either body are shared, in order, without a gap."""
    return _is_run(mine) and _is_run(theirs)


def _is_run(shared: Sequence[bool]) -> bool:
    ranks = [rank for rank, is_shared in enumerate(shared) if is_shared]
    return bool(ranks) and ranks[-1] - ranks[0] < len(ranks)
