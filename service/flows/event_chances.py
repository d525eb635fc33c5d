"""How likely two articles are of one event, and by which features: judged by what each has for itself.

A cache of functions of two entries. Knows no clusters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.domain.matching import Weights
from service.domain.models import UnitRef
from service.domain.reports import Shares
from service.domain.story_similarity import Profile, are_filled_for_two, story_features, story_probability
from service.flows.entries import Entry, profile_of
from service.flows.refilling import are_two_events
from service.flows.sharing import own_units
from service.flows.verdicts import Verdicts

_CHANCES_KEPT = 200_000
"""Chances are a function of two articles, and a report keeps its representative for most of its life."""
_CONTEXT = 0.5
"""Up to this part of both bodies, copy shared by two articles is context: an agency reuses it, and it says nothing about the
event. Unless it is how both begin: that is their news.
"""
_LIKELY = 0.2
"""A smaller chance joins nothing, whatever it rests on."""


class EventChances:
    """One thread uses it. `shared` says what each article shares with others."""

    def __init__(self, weights: Weights, shared: Mapping[str, Mapping[str, Shares]], verdicts: Verdicts, dimension: int) -> None:
        self._weights = weights
        self._shared = shared
        self._verdicts = verdicts
        self._dimension = dimension
        self._known: dict[tuple[object, object], float] = {}

    def of(self, a: Entry, b: Entry) -> float:
        """Chance, 0 to 1, that two articles are of one event; symmetrical."""
        pair = (a.version, b.version) if a.key < b.key else (b.version, a.version)
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _CHANCES_KEPT:
                self._known.clear()
            known = self._known[pair] = self._judged(a, b)
        return known

    def by_units(self, a: Entry, units: Sequence[UnitRef], b: Entry, other_units: Sequence[UnitRef]) -> float:
        """The same, judged by the titles and these units of the bodies."""
        return self._probability(self._profile(a, units), self._profile(b, other_units))

    def features(self, a: Entry, b: Entry) -> dict[str, float]:
        """What `of` decides by, by name."""
        return story_features(*self._compared(a, b)[1])

    def _judged(self, a: Entry, b: Entry) -> float:
        if are_filled_for_two(a.profile, b.profile):
            return 0.0
        chance, _ = self._compared(a, b)
        # How alike two forms are says nothing about the event; asked only where it would count.
        return 0.0 if chance >= _LIKELY and are_two_events(a, b, self._verdicts) else chance

    def _compared(self, a: Entry, b: Entry) -> tuple[float, tuple[Profile, Profile]]:
        """The chance by the texts, and what it was judged by: all that they say, or what each has for itself."""
        shares = self._shared[a.key].get(b.key)
        if shares is None or not _is_context(shares):
            chance = self._probability(a.profile, b.profile)
            # Copy that makes no report of them says nothing about the event, be it most of two short items: a house's note. Many
            # articles of one form share such, so that it is asked only where it would count.
            is_evidence = shares is None or not (shares.is_form or shares.is_fragment)
            if is_evidence or chance < _LIKELY:
                return chance, (a.profile, b.profile)
        own = self._profile(a, own_units(a, b, self._verdicts)), self._profile(b, own_units(b, a, self._verdicts))
        return self._probability(*own), own

    def _profile(self, entry: Entry, units: Sequence[UnitRef]) -> Profile:
        return profile_of(entry.article, units, self._verdicts.units, self._dimension)

    def _probability(self, a: Profile, b: Profile) -> float:
        return story_probability(a, b, self._weights.story_intercept, self._weights.story)


def _is_context(shares: Shares) -> bool:
    begins_both = shares.has_lead and shares.lead_held and not shares.is_form and not shares.is_fragment
    return max(shares.mine, shares.theirs) <= _CONTEXT and not begins_both
