"""One text filled in anew, passage by passage: fires, matches, sentences or days of weather told in a desk's own words.

Forms of little prose are known by how little they say (`service.domain.forms`). These may be as long as any article, and show in
how many of their passages name and count something else. Functions of what two articles fill in; read no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from service.domain.forms import NEXT_ISSUE, NEXT_WEEK, Filled, Filling, differ_in_names, is_of_another

_THROUGHOUT = 3, 0.51
_PARTLY = 2, 0.3
"""So many passages, and this part of the longer article's: more than half. An update of running news has another figure in its
lead and in a passage or two, and pages of one region fill in the half that is theirs.
"""
_SEVERAL = 2


class Refilled(IntEnum):
    """How far two articles say the same with other figures and names. News that goes on may come to say so throughout, or take
    another turn in part, so that this makes no form of two articles alone.
    """

    NOT = 0
    PARTLY = 1
    THROUGHOUT = 2


@dataclass(frozen=True, slots=True)
class Refilling:
    """`are_others`: they name others, in their titles and elsewhere. `are_reports`: it shows in the two alone that neither is a
    copy of the other, for they do so throughout. `is_whole`: two passages that are all of the shorter one.
    """

    refilled: Refilled = Refilled.NOT
    are_others: bool = False
    are_reports: bool = False
    is_whole: bool = False

    def as_issues(self, between: timedelta | None) -> Refilled:
        """How far two articles, so far apart, are issues of a form. News of the morning may have other figures throughout by
        night; so those of one day make no form, but are two issues of one that other days show.
        """
        is_another_day = between is not None and between >= NEXT_ISSUE
        return self.refilled if self.are_others or is_another_day else min(self.refilled, Refilled.PARTLY)

    def are_events(self, between: timedelta | None) -> bool:
        """Whether two articles, so far apart, are of two events whatever else speaks for one."""
        is_throughout = self.refilled is Refilled.THROUGHOUT
        is_weekly = between is not None and between >= NEXT_WEEK
        return (self.are_others and (is_throughout or self.is_whole)) or (is_weekly and is_throughout)


NO_REFILLING = Refilling()


def may_refill(a: Filled, b: Filled) -> bool:
    """Whether two articles differ enough in names or figures, so that their passages are worth a look."""
    own_figures = min(len(a.figures - b.words), len(b.figures - a.words))
    return own_figures >= _SEVERAL or _are_others(a, b)


def refilling(a: Filled, b: Filled, passages: Sequence[Filling], shorter: int, longer: int) -> Refilling:
    """What two articles are as one form. `passages`: what each of those that stand in both fills in otherwise; `shorter` and
    `longer`: how many either article has.
    """
    if not may_refill(a, b):
        return NO_REFILLING
    are_others = _are_others(a, b)
    are_reports = are_others and _reach(sum(passage.names for passage in passages), longer, *_THROUGHOUT)
    is_whole = _otherwise(passages) >= max(_SEVERAL, shorter)
    return Refilling(how_far(passages, longer), are_others, are_reports, is_whole)


def how_far(passages: Sequence[Filling], longer: int) -> Refilled:
    """`longer`: the passages of the longer article."""
    other = _otherwise(passages)
    if _reach(other, longer, *_THROUGHOUT):
        return Refilled.THROUGHOUT
    return Refilled.PARTLY if _reach(other, longer, *_PARTLY) else Refilled.NOT


def _are_others(a: Filled, b: Filled) -> bool:
    return differ_in_names(a, b) and is_of_another(a, b)


def _otherwise(passages: Sequence[Filling]) -> int:
    return sum(passage.figures or passage.names for passage in passages)


def _reach(found: int, of: int, count: int, part: float) -> bool:
    return found >= max(count, part * of)
