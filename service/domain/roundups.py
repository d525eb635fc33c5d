"""Roundups: articles that touch several events and are about none of them, as morning briefings and weekly reviews do.

Decided by whose beginnings an article carries, from the graph of shared parts and whether two others are of one event. Never
by titles, and never by what came first.
"""

from __future__ import annotations

from collections.abc import Callable

from service.domain.reports import RAW_THRESHOLD, SharedGraph

_EVENTS = 3
LEAST_PART = 0.07
"""Part of the body that one event must fill to be touched; a tenth of ten events, roughly."""
_MOST = 0.4
"""A source that fills so much of the body is what the article is about."""
_TOGETHER = 0.5
"""Part of the body that the events fill together, at least. Background of a story fills less."""


def events_touched(name: str, shared: SharedGraph, is_one_event: Callable[[str, str], bool]) -> tuple[str, ...]:
    """One article for each event that an article touches, fullest first; none where it is no roundup.

    An event is touched when the *beginning* of an article on it stands in this one: an item whose paragraphs are reused as
    background here and there has as many unrelated neighbours as a roundup, but carries nobody's beginning. `is_one_event` is
    symmetrical and asked only of articles that share no copy.
    """
    row = shared.get(name, {})
    near = {other: s for other, s in row.items() if s.has_lead and LEAST_PART <= s.mine < _MOST}
    if len(near) < _EVENTS:
        return ()
    related = {
        other: sum(1 for third, s in shared.get(other, {}).items() if third in near and s.overlap >= RAW_THRESHOLD)
        for other in near
    }
    chosen: list[str] = []
    # Another roundup is related to most of them; taking the least related first, it is not mistaken for the one event of all.
    for other in sorted(near, key=lambda other: (related[other], -near[other].mine, other)):
        shares = shared.get(other, {})
        copied = any(one in shares and shares[one].overlap >= RAW_THRESHOLD for one in chosen)
        if not copied and not any(is_one_event(one, other) for one in chosen):
            chosen.append(other)
    if len(chosen) < _EVENTS or sum(near[other].mine for other in chosen) < _TOGETHER:
        return ()
    return tuple(sorted(chosen, key=lambda other: (-near[other].mine, other)))
