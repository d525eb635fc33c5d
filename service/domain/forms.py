"""Forms: texts that say little but what is filled in, such as dividends, results, terms of an issue, tables, the weather.

Two articles that share nothing else are no copy of one report: a desk fills the same form for every company, day and place.
Then their titles must name the same thing. Functions of texts made ready; knows nothing of clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.domain.evidence import copy_features
from service.domain.matching import stretches_of
from service.domain.rarity import rarity
from service.domain.units import Unit

LEAST_SAID = 5.0
"""Weight of different words, names aside, from which on a text says more than its form; every different figure takes one away.
Of the paragraphs of a newswire with twelve words or more, nine in ten reach it.
"""
LEAST_TOLD = 14.0
"""The same where the two begin as one form filled in otherwise: then it takes the words of two sentences."""
_FORM_SHARED = 0.3
_FILLED_OTHERWISE = 0.5
_NAMED_OTHERWISE = 0.8
AGREEING_TITLES = 0.5
"""Least part of either title, by information, that stands in the other article where the two are of one subject."""


def telling(unit: Unit) -> AbstractSet[str]:
    """The words of a unit that are not names alone."""
    return unit.bag.keys() - (unit.never_plain - unit.figure_words)


def telling_of_both(a: Unit, b: Unit, ranges: Iterable[Sequence[int]]) -> AbstractSet[str]:
    """Those of them that both hold, within token ranges (start, end, …) of `a`."""
    held = telling(a) & b.bag.keys()
    return {word for start, end, *_ in ranges for word in a.tokens.words[start:end] if word in held}


def said(words: Iterable[str]) -> float:
    """How much different words say beyond a form, names left out: their weight, less one for every figure."""
    return math.fsum(-1.0 if word[0].isdigit() else rarity(word) for word in words)


@dataclass(frozen=True, slots=True)
class Filling:
    """Whether two units are one form with other figures, or other names, in it."""

    figures: bool
    names: bool


def filling(a: Unit, b: Unit) -> Filling:
    stretches = stretches_of(a, b)
    found = copy_features(a, b, 0.0, stretches)
    is_form = bool(stretches) and found["words_shared"] >= _FORM_SHARED
    names = found["names_differ"] >= _FILLED_OTHERWISE or found["names_conflict"] >= _NAMED_OTHERWISE
    return Filling(is_form and found["figures_differ"] >= _FILLED_OTHERWISE, is_form and names)
