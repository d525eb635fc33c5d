"""Fragments: copy that two articles share although each has news of its own, as background told again or an item in a list.

Such copy is copy, and says where a passage came from, but makes no report of the two. Functions of how much is shared and where
it stands; reads no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOSTLY_CARRIED = 0.75
"""From this part of either body on, the one is a cut of the other or enlarges on it, whatever its beginning and its title."""
LEAST_CARRIED = 7.0
"""Weight of different words, names aside, that carry news into another day: those of one sentence (cf. `forms.LEAST_TOLD`)."""
REPORT_PART = 0.34
"""Part of a body from which on what it shares can make it one report with another article."""
HALF_CARRIED = 0.5
"""Below this part of both bodies, copy with which they do not begin is old news on another day, and background if scattered."""
_MUCH = 3
"""Units of one stretch, at least, that are more than a note or a reminder."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What an article shares with another one: the part of its body, and which of its units, in order, are shared."""

    part: float
    units: Sequence[bool]

    @property
    def has_news(self) -> bool:
        """Whether the first unit is shared, and more: what this article reports. The first alone may be a mention."""
        return self.has_lead and sum(self.units) > 1

    @property
    def has_lead(self) -> bool:
        return any(self.units[:1])

    @property
    def is_much(self) -> bool:
        """Whether it fills half of the article, with more units than a note at the end of a short one or its background has."""
        return self.part >= HALF_CARRIED and sum(self.units) >= _MUCH

    @property
    def is_one_stretch(self) -> bool:
        """Whether the shared units follow one another without a gap."""
        ranks = [rank for rank, is_shared in enumerate(self.units) if is_shared]
        return bool(ranks) and ranks[-1] - ranks[0] < len(ranks)


def are_news_of_two(mine: Carried, theirs: Carried, *, is_one_day: bool) -> bool:
    """Whether two articles that begin otherwise, under titles of two subjects, each report something of their own beside what
    they share. `is_one_day`: they may be of one day.
    """
    least = REPORT_PART if is_one_day else HALF_CARRIED
    if _passes_on(mine, theirs, least) or _passes_on(theirs, mine, least):
        return False
    if mine.is_one_stretch and theirs.is_one_stretch:
        # A desk's copy between a paper's own sentences; on another day it may be old news.
        return not (is_one_day and mine.is_much and theirs.is_much)
    # In several places it may be an edited copy, which may have lost any sentence; background fills half of hardly any article.
    return not mine.has_lead and not theirs.has_lead and max(mine.part, theirs.part) < HALF_CARRIED


def _passes_on(copy: Carried, source: Carried, least: float) -> bool:
    """Whether one article, below words of its own, passes on what the other reports. A list of items has that as well, as a
    smaller part of it.
    """
    return source.has_news and copy.part >= least
