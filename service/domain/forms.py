"""Forms: texts that say little but what is filled in, such as dividends, results, terms of an issue, tables, the weather.

Two articles that share nothing else are no copy of one report: a desk fills the same form for every company, day and place.
Then they must name the same thing and say the same of it. Functions of texts made ready; knows nothing of clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta

from service.domain.evidence import conflict, exchanged, figures_conflict, names_conflict, words_shared
from service.domain.matching import stretches_of
from service.domain.rarity import rarity
from service.domain.spelling import unspelled
from service.domain.units import Unit, spelled

LEAST_SAID = 5.0
"""Weight of different words, names aside, from which on a text says more than its form; every different figure takes one away.
Of the paragraphs of a newswire with twelve words or more, nine in ten reach it.
"""
LEAST_TOLD = 14.0
"""The same where the two begin as one form filled in otherwise: then it takes the words of two sentences."""
LEAST_NEWS = 18.0
"""The same, the words of three sentences, where that the two are forms shows in the articles as wholes: in whom and what they
name, in their headlines and in the days between them.
"""
NEXT_ISSUE = timedelta(hours=20)
"""A daily notice comes at about the same hour. What comes sooner with another figure may be a correction or an update."""
NEXT_WEEK = timedelta(days=5)
"""News goes on for some days, with other figures above what was there; a weekly notice comes after five at the least."""
_FORM_SHARED = 0.3
_PASSAGE_SHARED = 0.5
"""The same without an alignment: two writers of one event have two fifths of a passage's words in common."""
_FILLED_OTHERWISE = 0.5
_NAMED_OTHERWISE = 0.8
_SEVERAL = 2
_NAMED_APART = 0.25
_NAME_LETTERS = 3
_NAME_WEIGHT = 0.2
_NOUNS = 0.3
"""Where more of the words have capitals, these mark nouns, as in German, or a list, and tell no names."""
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


NO_FILLING = Filling(figures=False, names=False)


def filling(a: Unit, b: Unit) -> Filling:
    """What stands exchanged where the two are aligned."""
    if words_shared(a, b) < _FORM_SHARED:
        return NO_FILLING
    stretches = stretches_of(a, b)
    if not stretches:
        return NO_FILLING
    found = exchanged(a, b, stretches)
    names = found["names_differ"] >= _FILLED_OTHERWISE or found["names_conflict"] >= _NAMED_OTHERWISE
    return Filling(found["figures_differ"] >= _FILLED_OTHERWISE, names and _name_others(a, b))


def filling_by_words(a: Unit, b: Unit) -> Filling:
    """The same wherever it stands in them, without an alignment: for passages, of which it takes several to say anything."""
    if words_shared(a, b) < _PASSAGE_SHARED:
        return NO_FILLING
    names = names_conflict(a, b) >= _FILLED_OTHERWISE and _name_others(a, b)
    return Filling(figures_conflict(a, b) >= _FILLED_OTHERWISE, names)


def _name_others(a: Unit, b: Unit) -> bool:
    """Whether both name what the other does not, however that is spelt."""
    mine, theirs = a.name_words - b.bag.keys(), b.name_words - a.bag.keys()
    return bool(unspelled(mine, b.name_words) and unspelled(theirs, a.name_words))


@dataclass(frozen=True, slots=True)
class Filled:
    """What an article fills in, by its words: all of them with those of the title and the owners of what is somebody's, the
    figures and the names of its body, and those of the title that its body writes with a capital wherever they stand. `capital`
    is the part of the body's words that stand so inside a sentence.
    """

    words: AbstractSet[str]
    headline: AbstractSet[str]
    figures: frozenset[str]
    names: frozenset[str]
    subjects: AbstractSet[str]
    capital: float


def filled(title: str, units: Sequence[Unit]) -> Filled:
    """`units` are those of the body. The headline is without figures: it is what stands over every issue of a notice."""
    words = frozenset[str]().union(*(unit.bag for unit in units))
    in_title = frozenset(spelled(title).words)
    headline = frozenset(word for word in in_title if not word[0].isdigit())
    small = {
        word
        for unit in units
        for word, start in zip(unit.tokens.words, unit.tokens.starts, strict=True)
        if word in headline and not unit.text[start].isupper()
    }
    return Filled(
        words | in_title | {word.removesuffix("'s") for word in words if word.endswith("'s")},
        headline,
        frozenset[str]().union(*(unit.figure_words for unit in units)),
        frozenset[str]().union(*(unit.name_words for unit in units)),
        {word for word in headline & words - small if len(word) >= _NAME_LETTERS and rarity(word) >= _NAME_WEIGHT},
        sum(len(unit.names) for unit in units) / max(1, sum(len(unit.tokens) for unit in units)),
    )


def are_two_issues(a: Filled, b: Filled, kept: int, is_exchanged: bool) -> bool:
    """Whether two articles of different days are two issues of a notice that recurs: most figures differ, and so they do in the
    text shared, or none agrees, or the headline stays, or names differ as well. News that goes on gets another headline, and what
    it takes over from the day before keeps its figures. `kept`: different figures in the text shared; `is_exchanged`: whether
    a figure stands there in the place of another.
    """
    if not differ_in_figures(a, b):
        return False
    own = min(len(a.figures - b.words), len(b.figures - a.words))
    if is_exchanged or (own >= _SEVERAL and a.figures.isdisjoint(b.figures)):
        return True
    return kept <= own and (have_one_headline(a, b) or differ_in_names(a, b))


def have_one_headline(a: Filled, b: Filled) -> bool:
    """Whether one headline, figures aside, is the other's with no more than words added."""
    return bool(a.headline and b.headline) and (a.headline <= b.headline or b.headline <= a.headline)


def differ_in_figures(a: Filled, b: Filled) -> bool:
    """Whether both give more figures of their own than they have in common."""
    return conflict(a.figures, b.figures, a.words, b.words) >= _FILLED_OTHERWISE


def differ_in_names(a: Filled, b: Filled) -> bool:
    """Whether both give more names of their own than they have in common, in whatever spelling."""
    if conflict(a.names, b.names, a.words, b.words) < _FILLED_OTHERWISE:
        return False
    mine, theirs = a.names - b.words, b.names - a.words
    mine_alone, theirs_alone = unspelled(mine, theirs), unspelled(theirs, mine)
    own, respelt = min(len(mine_alone), len(theirs_alone)), min(len(mine - mine_alone), len(theirs - theirs_alone))
    return own >= _FILLED_OTHERWISE * (own + 0.5 * (len(a.names & b.names) + respelt)) > 0


def is_of_another(a: Filled, b: Filled) -> bool:
    """Whether the title of either names somebody whom the other never mentions. Where capitals mark nouns, no title tells."""
    return any(one.capital <= _NOUNS and own_subjects(one, other) for one, other in ((a, b), (b, a)))


def own_subjects(a: Filled, b: Filled) -> frozenset[str]:
    """Whom the title of one article names and the other never mentions, in whatever spelling."""
    return unspelled(a.subjects - b.words, b.names)


def are_for_two(a: Filled, b: Filled, shared: float, is_whole: bool) -> bool:
    """Whether two articles are one form filled in for two: each names somebody in its title whom the other does not know, and
    other names too. In a mere form that both are from beginning to end one name more is enough. `shared` is what is `said` by
    the text shared.
    """
    if shared >= LEAST_SAID and min(a.capital, b.capital) > _NOUNS:
        return False
    mine, theirs = own_subjects(a, b), own_subjects(b, a)
    if is_whole and shared < LEAST_SAID and (mine & a.names or theirs & b.names):
        return True
    return bool(mine and theirs) and conflict(a.names, b.names, a.words, b.words) >= _NAMED_APART
