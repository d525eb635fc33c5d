"""What two articles fill in otherwise, passage by passage.

A function of two entries, from the verdicts on their units. Decides nothing about reports or stories.
"""

from __future__ import annotations

from service.domain.forms import NO_FILLING, Filled, Filling, own_subjects
from service.domain.refilling import NO_REFILLING, Refilled, Refilling, how_far, may_refill, refilling
from service.flows.entries import Entry, apart
from service.flows.verdicts import Verdicts

_LOOKED_AT = 24
"""So many units of either body; a form shows in fewer."""
_MOVED = 2
"""A passage of a form stands at the same place in every article, give or take these."""


def filled_by(entry: Entry, verdicts: Verdicts) -> Filled:
    """What an article fills in."""
    return verdicts.filled(entry.article.content.title, tuple(unit.key for unit in entry.units))


def refilling_of(a: Entry, b: Entry, verdicts: Verdicts) -> Refilling:
    """Whether two articles are one form filled in twice. Symmetrical."""
    if _are_mostly_equal(a, b):
        return NO_REFILLING
    mine, theirs = filled_by(a, verdicts), filled_by(b, verdicts)
    if not may_refill(mine, theirs):
        return NO_REFILLING
    return refilling(mine, theirs, _passages(a, b, verdicts), *_lengths(a, b))


def are_two_events(a: Entry, b: Entry, verdicts: Verdicts) -> bool:
    """Whether two articles, as alike as they may be, are one form filled in for two events. Symmetrical."""
    if _are_mostly_equal(a, b):
        return False
    mine, theirs = filled_by(a, verdicts), filled_by(b, verdicts)
    name_two = bool(a.profile.subjects & own_subjects(mine, theirs) and b.profile.subjects & own_subjects(theirs, mine))
    if not (name_two or may_refill(mine, theirs)):
        return False
    passages, (shorter, longer) = _passages(a, b, verdicts), _lengths(a, b)
    # What either title says above all, and names, is not in the other article: that is enough where they are refilled.
    if name_two and how_far(passages, longer) is Refilled.THROUGHOUT:
        return True
    return refilling(mine, theirs, passages, shorter, longer).are_events(apart(a, b))


def _are_mostly_equal(a: Entry, b: Entry) -> bool:
    """Whether half of the longer article stands in the other as it is, so that they cannot be refilled throughout."""
    same = {unit.key for unit in a.units} & {unit.key for unit in b.units}
    return 2 * len(same) >= max(len(a.units), len(b.units))


def _lengths(a: Entry, b: Entry) -> tuple[int, int]:
    """Of the shorter and of the longer article, in units."""
    shorter, longer = sorted((len(a.units), len(b.units)))
    return shorter, longer


def _passages(a: Entry, b: Entry, verdicts: Verdicts) -> list[Filling]:
    """What each passage that stands in both fills in otherwise. Those that are copy are one wherever they stand; others, where
    they stand at one place and no copy of either stands elsewhere. Symmetrical.
    """
    if b.key < a.key:
        a, b = b, a
    mine, theirs = ([unit.key for unit in entry.units[:_LOOKED_AT]] for entry in (a, b))
    alike = [verdicts.alike(key) for key in mine]
    found: list[Filling] = []
    free = set(range(len(theirs)))
    alone: list[int] = []
    for i, key in enumerate(mine):
        copies = [j for j in free if theirs[j] in alike[i]]
        if copies:
            chosen = min(copies, key=lambda j: (theirs[j] != key, abs(i - j), j))
            free.discard(chosen)
            found.append(NO_FILLING if theirs[chosen] == key else verdicts.filling_by_words(key, theirs[chosen]))
        elif alike[i].isdisjoint(theirs):
            alone.append(i)
    free = {j for j in free if verdicts.alike(theirs[j]).isdisjoint(mine)}
    for i in alone:
        for j in sorted(free & set(range(i - _MOVED, i + _MOVED + 1)), key=lambda j: (abs(i - j), j)):
            here = verdicts.filling_by_words(mine[i], theirs[j])
            if here != NO_FILLING:
                found.append(here)
                free.discard(j)
                break
    return found
