"""Passages that tell the same things in other words, where too little wording was kept for the alignment to show it.

Weighs the plain words that two short passages share: names, figures and quoted words recur in everything written about one event,
the writer's own words do not. A retelling says something of two passages; whether an article was carried is decided by copy.
"""

from __future__ import annotations

from service.domain.rarity import rarity
from service.domain.units import STEM, Unit

MOST_WORDS = 60
"""Longer passages on one event share enough plain words without either being written from the other."""
LEAST = 1.33
"""Least `retold` that is told: the middle of the gap between labelled retellings (1.40) and labelled passages on one fact in two
writers' own words (1.26).
"""
CONFIDENCE = 0.6
"""Of a hundred sentences of different outlets found so, about forty were two writers' own words on one fact after all."""
_LEAST_LETTERS = 3
"""Scripts that are compared character by character have no words to tell plain ones by."""


def retold(a: Unit, b: Unit, cosine: float) -> float:
    """How far two passages are one retold, 0 and up: the weight of the plain words shared, by their part of both passages' plain
    words (Dice 1945), by the cosine of the vectors. 0 below `LEAST`, and for passages above `MOST_WORDS`.
    """
    if cosine <= 0.0 or max(len(a.tokens), len(b.tokens)) > MOST_WORDS or _most(a, b) * cosine < LEAST:
        return 0.0
    ours, theirs = _plain(a), _plain(b)
    shared = sum(min(weight, theirs[stem]) for stem, weight in ours.items() if stem in theirs)
    both = sum(ours.values()) + sum(theirs.values())
    told = 2 * shared * shared / both * cosine if both > 0.0 else 0.0
    return told if told >= LEAST else 0.0


def _most(a: Unit, b: Unit) -> float:
    """The greatest weight that the plain words shared can have."""
    return sum(rarity(word) for word in a.bag if word[:STEM] in b.stems)


def _plain(unit: Unit) -> dict[str, float]:
    """Beginnings of the words that are neither names nor figures nor quoted, each with the weight of its rarest form."""
    found: dict[str, float] = {}
    for i, word in enumerate(unit.tokens.words):
        if len(word) < _LEAST_LETTERS or i in unit.figures or i in unit.quoted or word in unit.name_words:
            continue
        stem = word[:STEM]
        found[stem] = max(found.get(stem, 0.0), rarity(word))
    return found
