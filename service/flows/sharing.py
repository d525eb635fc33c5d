"""How much two articles share, from the verdicts on their units.

A function of two articles. Decides nothing about reports or stories.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from service.domain.forms import (
    LEAST_NEWS,
    LEAST_SAID,
    LEAST_TOLD,
    NEXT_ISSUE,
    NEXT_WEEK,
    are_for_two,
    are_two_issues,
    differ_in_figures,
    have_one_headline,
    is_of_another,
    said,
)
from service.domain.fragments import HALF_CARRIED, LEAST_CARRIED, MOSTLY_CARRIED, Carried, are_news_of_two
from service.domain.matches import quotations_count, union_length
from service.domain.models import RETOLD_KINDS, UnitRef
from service.domain.refilling import NO_REFILLING
from service.domain.reports import RAW_THRESHOLD, Shares
from service.domain.retelling import Place, is_told_along
from service.domain.story_similarity import titles_agree
from service.flows.entries import Entry, apart
from service.flows.refilling import filled_by, refilling_of
from service.flows.verdicts import Covered, Verdicts

_TRACE = 0.2
"""Below this part of a unit found elsewhere, the unit is the article's own."""
_LEADING_PART = 0.4
_LEADING_UNITS = 2
"""Two units shared in the first two fifths of both articles show one file; context reused from older stories stands lower."""
_BEGINNING = 2
"""Body units of an article that are its beginning: whoever touches its event has one of them."""
_MOSTLY = 0.6
_WHOLE = 0.95

_Shared = tuple[Covered, list[UnitRef], list[UnitRef], bool]


def shares_of(a: Entry, b: Entry, verdicts: Verdicts) -> Shares:
    # A line that stands many times in both is compared once: a comparison for each pair of its places would be millions.
    theirs: dict[str, list[UnitRef]] = defaultdict(list)
    leads: Counter[str] = Counter()
    for rank, unit in enumerate(b.units):
        theirs[unit.key].append(unit)
        leads[unit.key] += rank < _LEADING_PART * len(b.units)
    begins_a, begins_b = ({unit.key for unit in entry.units[:_BEGINNING]} for entry in (a, b))
    ours: dict[tuple[str, int], list[UnitRef]] = defaultdict(list)
    leading_ours: Counter[tuple[str, int]] = Counter()
    for rank, unit in enumerate(a.units):
        ours[unit.key, unit.end - unit.start].append(unit)
        leading_ours[unit.key, unit.end - unit.start] += rank < _LEADING_PART * len(a.units)
    found: list[_Shared] = []
    alike: list[tuple[str, str]] = []
    leading = 0
    has_lead = lead_held = False
    is_retold = _is_retold(a, b, verdicts)
    compared = {key: verdicts.alike(key) & theirs.keys() for key, _ in ours}
    if is_retold:
        # As they are told: where neither side is matched, for a piece says a thing twice.
        free = theirs.keys() - set[str]().union(*compared.values())
        compared = {key: others or free & verdicts.retold_of(key) for key, others in compared.items()}
    for (key, length), mine in ours.items():
        for other in compared[key]:
            covered = verdicts.covered(key, other, length)
            if covered is not None:
                found.append((covered, mine, theirs[other], verdicts.is_quotation(key, other)))
                alike.append((key, other))
                leading += leading_ours[key, length] * leads[other]
                has_lead, lead_held = has_lead or other in begins_b, lead_held or key in begins_a
    is_attested = leading >= _LEADING_UNITS and not a.agencies.isdisjoint(b.agencies)
    shares = _add_up([row for row in found if not row[3]], a, b)
    if found and quotations_count(shares.mine, shares.theirs) and any(row[3] for row in found):
        shares = _add_up(found, a, b)
    shares = replace(shares, is_attested=is_attested, has_lead=has_lead, lead_held=lead_held, is_retold=is_retold)
    if not alike:
        return shares
    form = refilling_of(a, b, verdicts) if shares.overlap >= RAW_THRESHOLD else NO_REFILLING
    shares = replace(shares, refilled=form.as_issues(apart(a, b)))
    telling = {word for pair in alike for word in verdicts.telling(*pair)}
    if form.are_reports or _is_mere_form(a, b, alike, telling, verdicts, is_whole=min(shares.mine, shares.theirs) >= _WHOLE):
        return replace(shares, is_form=True)
    return replace(shares, is_fragment=_is_mere_fragment(a, b, alike, said(telling), verdicts, shares))


def _is_retold(a: Entry, b: Entry, verdicts: Verdicts) -> bool:
    """Whether one of two articles retells the other, passage by passage."""
    ours, theirs = _first_places(a), _first_places(b)
    told: dict[str, list[tuple[Place, Place]]] = {kind: [] for kind in RETOLD_KINDS}
    for key, place in ours.items():
        for other in verdicts.retold_of(key) & theirs.keys():
            told[verdicts.kind(key, other)].append((place, theirs[other]))
    if not any(told.values()):
        return False
    carried = [
        (place, theirs[other])
        for key, place in ours.items()
        for other in verdicts.alike(key) & theirs.keys()
        if not verdicts.is_quotation(key, other)
    ]
    return is_told_along(carried, told["retelling"], told["likeness"], (len(a.units), len(b.units)))


def _first_places(entry: Entry) -> dict[str, Place]:
    """Where each unit of a body stands first."""
    return {unit.key: (unit.paragraph, unit.start) for unit in reversed(entry.units)}


def _is_mere_fragment(
    a: Entry, b: Entry, alike: Sequence[tuple[str, str]], shared: float, verdicts: Verdicts, shares: Shares
) -> bool:
    """Whether each of two articles has news of its own: they share the words of one sentence on different days, old news that
    fills half of neither, or, under titles of which one speaks of something or somebody else, copy that is the news of neither.
    `alike`: their units that are; `shared`: what is `said` by the text shared.
    """
    if _is_next_weeks(a, b, verdicts):
        return True
    if shares.overlap >= MOSTLY_CARRIED or shares.is_attested:
        return False
    between = apart(a, b)
    is_one_day = between is None or between < NEXT_ISSUE
    if not is_one_day and shared < LEAST_CARRIED:
        return True
    if (a.units[0].key, b.units[0].key) in alike:
        return False
    if not is_one_day and shares.overlap < HALF_CARRIED:
        return True
    ours, others = {key for key, _ in alike}, {key for _, key in alike}
    mine = Carried(shares.mine, [unit.key in ours for unit in a.units])
    theirs = Carried(shares.theirs, [unit.key in others for unit in b.units])
    if not are_news_of_two(mine, theirs, is_one_day=is_one_day):
        return False
    return not titles_agree(a.profile, b.profile) or is_of_another(filled_by(a, verdicts), filled_by(b, verdicts))


def _is_mere_form(
    a: Entry, b: Entry, alike: Sequence[tuple[str, str]], telling: AbstractSet[str], verdicts: Verdicts, *, is_whole: bool
) -> bool:
    """Whether two articles share no more than a desk's form: hardly any prose under titles of two subjects, leads that fill one
    form otherwise, two issues of a notice, or a formula in the news of two. `alike`: their units that are; `telling`: the words
    that these share, names aside; `is_whole`: they are all of both.
    """
    shared = said(telling)
    if shared >= LEAST_NEWS:
        return False
    is_one_subject = titles_agree(a.profile, b.profile)
    if shared < LEAST_SAID and not is_one_subject:
        return True
    mine, theirs = filled_by(a, verdicts), filled_by(b, verdicts)
    between = apart(a, b)
    if shared < LEAST_TOLD and a.units[0].key != b.units[0].key:
        found = verdicts.filling(a.units[0].key, b.units[0].key)
        is_correction = between is not None and between < NEXT_ISSUE and shared >= LEAST_SAID and have_one_headline(mine, theirs)
        if (found.figures and not is_correction) or (found.names and not is_one_subject):
            return True
    if are_for_two(mine, theirs, shared, is_whole=is_whole):
        return True
    is_exchanged = any(verdicts.has_exchanged_figure(*pair) for pair in alike)
    if between is None or between < NEXT_ISSUE:
        # Of one day, or who knows when: an update or a correction, unless there is nothing but figures to correct.
        return shared < LEAST_SAID and is_exchanged and differ_in_figures(mine, theirs)
    kept = sum(word[0].isdigit() for word in telling)
    return are_two_issues(mine, theirs, kept, is_exchanged=is_exchanged)


def _is_next_weeks(a: Entry, b: Entry, verdicts: Verdicts) -> bool:
    """Whether two articles of different weeks begin as one form with other figures in it, and most figures of both are others
    throughout: two reports on a market, however much always stands there. News that goes on may do so within days.
    """
    between = apart(a, b)
    if between is None or between < NEXT_WEEK or a.units[0].key == b.units[0].key:
        return False
    found = verdicts.filling(a.units[0].key, b.units[0].key)
    return found.figures and differ_in_figures(filled_by(a, verdicts), filled_by(b, verdicts))


def own_units(entry: Entry, other: Entry, verdicts: Verdicts) -> list[UnitRef]:
    """The body units of an article of which most stands in no unit of the other."""
    theirs = {unit.key for unit in other.units}
    return [unit for unit in entry.units if not _stands_in(unit, theirs, verdicts)]


def unexplained(
    entry: Entry,
    sources: AbstractSet[str],
    retold: AbstractSet[str],
    holders: Mapping[str, AbstractSet[str]],
    verdicts: Verdicts,
) -> float:
    """Part of an article's body characters in units of which next to nothing stands in any of the sources. `retold`: those of
    them of which it is a retelling, or the other way about; `holders` names the articles that hold a unit.
    """
    own = 0
    mine = {unit.key for unit in entry.units}
    for unit in entry.units:
        length = unit.end - unit.start
        best = 0
        told = (
            {other for other in verdicts.retold_of(unit.key) if verdicts.alike(other).isdisjoint(mine)} if retold else set[str]()
        )
        for others, among in ((verdicts.alike(unit.key), sources), (told, retold)):
            for other in others:
                if holders.get(other, frozenset()).isdisjoint(among):
                    continue
                covered = verdicts.covered(unit.key, other, length)
                if covered is not None:
                    best = max(best, union_length(covered[0]))
        if best < _TRACE * length:
            own += length
    return _part(own, entry.characters)


def _stands_in(unit: UnitRef, theirs: Collection[str], verdicts: Verdicts) -> bool:
    """Whether most of a unit's text stands in one of the units named."""
    for key in verdicts.alike(unit.key).intersection(theirs):
        covered = verdicts.covered(unit.key, key, unit.end - unit.start)
        if covered is not None and covered[2] >= _MOSTLY:
            return True
    return False


def _add_up(found: Sequence[_Shared], a: Entry, b: Entry) -> Shares:
    in_a: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    in_b: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    equal_a: dict[tuple[int, int], float] = defaultdict(float)
    equal_b: dict[tuple[int, int], float] = defaultdict(float)
    for (ranges_a, ranges_b, overlap_a, overlap_b), mine, theirs, _ in found:
        _cover(mine, ranges_a, overlap_a, in_a, equal_a)
        _cover(theirs, ranges_b, overlap_b, in_b, equal_b)
    return Shares(
        _part(sum(map(union_length, in_a.values())), a.characters),
        _part(sum(map(union_length, in_b.values())), b.characters),
        _part(math.fsum(equal_a.values()), a.characters),
        _part(math.fsum(equal_b.values()), b.characters),
    )


def _cover(
    places: Sequence[UnitRef],
    ranges: Sequence[tuple[int, int]],
    overlap: float,
    covered: dict[tuple[int, int], list[tuple[int, int]]],
    equal: dict[tuple[int, int], float],
) -> None:
    for place in places:
        here = (place.paragraph, place.start)
        covered[here].extend(ranges)
        equal[here] = max(equal[here], overlap * (place.end - place.start))


def _part(characters: float, total: int) -> float:
    return round(min(1.0, characters / total), 4) if total else 0.0
