"""Passages that tell the same things in other words, where too little wording was kept for the alignment to show it.

Weighs the plain words that two short passages share, in one order: names, figures and quoted words recur in everything written
about one event, the writer's own words do not. One retelling says something of two passages and nothing of their articles;
several in one order say that the one article was written from the other.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable

from rapidfuzz.distance import LCSseq

from service.domain.rarity import rarity
from service.domain.units import STEM, Unit

Place = tuple[int, int]
"""Paragraph, and the first character in it."""
MOST_WORDS = 60
"""Longer passages on one event share enough plain words without either being written from the other."""
LEAST = 1.33
"""Least `retold` that is told: the middle of the gap between labelled retellings (1.40) and labelled passages on one fact in two
writers' own words (1.26).
"""
CONFIDENCE = 0.6
"""Of a hundred sentences of different outlets found so, about forty were two writers' own words on one fact after all."""
SAME_ORDER = 0.7
"""Part of the plain words shared, by weight, that comes in the same order: who retells goes along with the text; two writers who
look up the same facts begin where they like.
"""
LIKENESS = 0.56
"""Least cosine of a likeness. Machine paraphrases have .55 to .78 where they follow the text; most unlike passages have less."""
_AGREEMENT = 0.5
_FIGURE_WEIGHT = 0.8
"""A figure says about as much as a rare word, whichever it is."""
_LEAST_WORDS = 8
LEAST_PASSAGES = 3
"""So many passages in one order, carried or retold, are no accident: no two labelled articles by two writers (cascade, ECB+,
Gedikli) have more than one retelling, and of 38 pairs with a retelling or more beside copy, three in all, 36 are carriers.
"""
_REWORDED_PART = 0.5
"""Likenesses count where the passages in one order are this part of either article's. Whoever tells the same facts in words of
his own leaves some out, brings others, and begins where he likes: in ECB+, Gedikli and 1,000 items of Reuters-21578 no two
articles by two writers come so far. Two who follow one release from its first fact to its last do, and are not told from a text
reworded.
"""
_LEAST_LETTERS = 3
"""Scripts that are compared character by character have no words to tell plain ones by."""


def retold(a: Unit, b: Unit, cosine: float) -> float:
    """How far two passages are one retold, 0 and up: the weight of the plain words shared, by their part of both passages' plain
    words (Dice 1945), by the cosine of the vectors. 0 below `LEAST`, for passages above `MOST_WORDS`, and where the words come in
    another order.
    """
    if cosine <= 0.0 or max(len(a.tokens), len(b.tokens)) > MOST_WORDS or _most(a, b) * cosine < LEAST:
        return 0.0
    ours, theirs = sorted((_plain(a), _plain(b)))
    mine, other = _weights(ours), _weights(theirs)
    common = {stem: min(weight, other[stem]) for stem, weight in mine.items() if stem in other}
    shared, both = sum(common.values()), sum(mine.values()) + sum(other.values())
    told = 2 * shared * shared / both * cosine if both > 0.0 else 0.0
    if told < LEAST:
        return 0.0
    stems = [stem for stem, _ in ours]
    runs = LCSseq.opcodes(stems, [stem for stem, _ in theirs])
    in_order = {stem for run in runs if run.tag == "equal" for stem in stems[run.src_start : run.src_end]}
    return told if sum(common[stem] for stem in in_order) >= SAME_ORDER * shared else 0.0


def is_likeness(a: Unit, b: Unit, cosine: float) -> bool:
    """Whether two passages of one meaning name and count the same, so that one may be the other in wholly other words: half by
    weight of all that either names or counts is in both. Two writers on one fact may do so in a passage or two.
    """
    if cosine < LIKENESS or min(len(a.tokens), len(b.tokens)) < _LEAST_WORDS:
        return False
    ours, theirs = a.name_words | a.figure_words, b.name_words | b.figure_words
    shared = math.fsum(sorted(map(_telling, ours & theirs)))
    return shared > 0.0 and shared >= _AGREEMENT * max(math.fsum(sorted(map(_telling, all_))) for all_ in (ours, theirs))


def _telling(word: str) -> float:
    return _FIGURE_WEIGHT if word[0].isdigit() else rarity(word)


def is_told_along(
    carried: Iterable[tuple[Place, Place]],
    retold: Collection[tuple[Place, Place]],
    alike: Collection[tuple[Place, Place]],
    passages: tuple[int, int],
) -> bool:
    """Whether so much of two articles is carried or told again in one order that none of it is chance. The places of two passages
    each of which one carries, retells, or is like the other; `passages`: how many either article has.
    """
    if not retold and not alike:
        return False
    kept = [*carried, *retold]
    if retold and in_order(kept) >= LEAST_PASSAGES:
        return True
    is_most = in_order([*kept, *alike]) >= _REWORDED_PART * max(passages)
    return is_most and in_order([*retold, *alike]) >= LEAST_PASSAGES


def in_order(places: Iterable[tuple[Place, Place]]) -> int:
    """The most of these places of two passages that follow each other in both articles."""
    # The longest chain that rises on both sides (Fredman 1975); of places with one first side, the last comes first.
    ends: list[Place] = []
    for _, other in sorted(sorted(set(places), key=lambda both: both[1], reverse=True), key=lambda both: both[0]):
        at = bisect_left(ends, other)
        ends[at : at + 1] = [other]
    return len(ends)


def _most(a: Unit, b: Unit) -> float:
    """The greatest weight that the plain words shared can have."""
    return sum(rarity(word) for word in a.bag if word[:STEM] in b.stems)


def _plain(unit: Unit) -> list[tuple[str, float]]:
    """Beginnings of the words that are neither names nor figures nor quoted, in order, each with the weight of its word."""
    return [
        (word[:STEM], rarity(word))
        for i, word in enumerate(unit.tokens.words)
        if len(word) >= _LEAST_LETTERS and i not in unit.figures and i not in unit.quoted and word not in unit.name_words
    ]


def _weights(plain: list[tuple[str, float]]) -> dict[str, float]:
    """The weight of the rarest word of each beginning."""
    found: dict[str, float] = {}
    for stem, weight in plain:
        found[stem] = max(found.get(stem, 0.0), weight)
    return found
