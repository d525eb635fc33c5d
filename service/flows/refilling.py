"""What two articles fill in otherwise, passage by passage.

A function of two entries, from the verdicts on their units. Decides nothing about reports or stories.
"""

from __future__ import annotations

from service.domain.forms import Filled, Filling
from service.domain.refilling import NO_REFILLING, Refilled, Refilling, how_far, may_refill, refilling
from service.domain.story_similarity import have_two_subjects
from service.flows.entries import Entry, apart
from service.flows.verdicts import Verdicts

_LOOKED_AT = 24
"""So many units of either body; a form shows in fewer."""
_MOVED = 2
"""A passage of a form stands at the same place in every article, give or take these."""
_SAME = Filling(figures=False, names=False)


def filled_by(entry: Entry, verdicts: Verdicts) -> Filled:
    """What an article fills in."""
    return verdicts.filled(entry.article.content.title, tuple(unit.key for unit in entry.units))


def refilling_of(a: Entry, b: Entry, verdicts: Verdicts) -> Refilling:
    """Whether two articles are one form filled in twice. Symmetrical."""
    same = {unit.key for unit in a.units} & {unit.key for unit in b.units}
    if 2 * len(same) > min(len(a.units), len(b.units)):
        return NO_REFILLING
    mine, theirs = filled_by(a, verdicts), filled_by(b, verdicts)
    if not may_refill(mine, theirs):
        return NO_REFILLING
    return refilling(mine, theirs, _passages(a, b, verdicts), min(len(a.units), len(b.units)))


def are_two_events(a: Entry, b: Entry, verdicts: Verdicts) -> bool:
    """Whether two articles, as alike as they may be, are one form filled in for two events. Symmetrical."""
    if refilling_of(a, b, verdicts).are_events(apart(a, b)):
        return True
    return have_two_subjects(a.profile, b.profile) and how_far(_passages(a, b, verdicts)) is Refilled.THROUGHOUT


def _passages(a: Entry, b: Entry, verdicts: Verdicts) -> list[Filling]:
    """What each passage that stands in both fills in otherwise. Those that are copy are one wherever they stand; others, where
    they stand at one place and no copy of either stands elsewhere. Symmetrical.
    """
    if b.key < a.key:
        a, b = b, a
    mine, theirs = ([unit.key for unit in entry.units[:_LOOKED_AT]] for entry in (a, b))
    held, others = set(mine), set(theirs)
    found: list[Filling] = []
    free = {j: key for j, key in enumerate(theirs) if verdicts.alike(key).isdisjoint(held)}
    for i, key in enumerate(mine):
        copies = sorted(verdicts.alike(key) & others, key=lambda other: (other != key, other))
        if copies:
            found.append(_SAME if copies[0] == key else verdicts.filling(key, copies[0]))
            continue
        for j in sorted(free.keys() & range(i - _MOVED, i + _MOVED + 1), key=lambda j: (abs(i - j), j)):
            here = verdicts.filling(key, free[j])
            if here != _SAME:
                found.append(here)
                del free[j]
                break
    return found
