"""What two units show for or against being the same copy: named figures between 0 and 1, from their words and vectors alone.

Every figure is a function of the two units. Those named `_differ` or `_conflict` speak against copy, the others for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from collections.abc import Set as AbstractSet

from service.domain.alignment import Stretch
from service.domain.measures import converted
from service.domain.rarity import rarity
from service.domain.units import PREFIX, Unit

COPY_FEATURES = (
    "coverage_most",
    "coverage_least",
    "cosine",
    "words_shared",
    "stems_shared",
    "longest_run",
    "sentence",
    "slots",
    "prose",
    "figures_differ",
    "names_differ",
    "figures_conflict",
    "names_conflict",
)
AGAINST = frozenset({"figures_differ", "names_differ", "figures_conflict", "names_conflict"})
"""Features that never speak for copy; the others never speak against it."""

_LONG_RUN = 12
_SLOT = 3
"""Longest replaced run that counts as a word exchanged in its place."""
_EDGE = 4
"""Longest run at either end of a sentence that counts as exchanged for the one at the same end of the other."""
_WHOLE_SENTENCE = 5.0
"""A sentence of five rare words' weight is enough to tell copy by itself."""


def copy_features(a: Unit, b: Unit, cosine: float, stretches: Sequence[Stretch]) -> dict[str, float]:
    """The named features that decide, each 0 to 1 but `prose`, the log of the weight of the different plain words shared."""
    equal = sum(a.sums[i + n] - a.sums[i] for s in stretches for i, _, n in s.blocks)
    small, large = sorted((a.weight, b.weight))
    small = max(0.1, small)
    longest = max((n for s in stretches for _, _, n in s.blocks), default=0)
    figures, names, slots, respelled = _replacements(_figures_apart(a, b), a, b, stretches)
    equal += respelled
    best = max(stretches, key=lambda s: s.score, default=None)
    shorter = max(1, min(len(a.tokens), len(b.tokens)))
    return {
        "coverage_most": min(1.0, equal / small),
        "coverage_least": min(1.0, equal / max(0.1, large)),
        "cosine": max(0.0, cosine),
        "words_shared": words_shared(a, b),
        "stems_shared": min(1.0, _shared(a.stems, b.stems) / small),
        "longest_run": min(1.0, longest / _LONG_RUN),
        "sentence": max(_best_sentence(a, stretches, 0), _best_sentence(b, stretches, 1)),
        "slots": min(1.0, slots / shorter),
        "prose": math.log1p(prose_weight(a, best)) * _density(a, b, best) if best else 0.0,
        "figures_differ": figures,
        "names_differ": names,
        "figures_conflict": figures_conflict(a, b),
        "names_conflict": names_conflict(a, b),
    }


def exchanged(a: Unit, b: Unit, stretches: Sequence[Stretch]) -> dict[str, float]:
    """Those of the features that tell a form filled in otherwise, in a third of the time."""
    figures, names, _, _ = _replacements(_figures_apart(a, b), a, b, stretches)
    return {"figures_differ": figures, "names_differ": names, "names_conflict": names_conflict(a, b)}


def words_shared(a: Unit, b: Unit) -> float:
    """The feature of that name: part of the lighter unit's words, by weight."""
    return _shared(a.bag, b.bag) / max(0.1, min(a.weight, b.weight))


def copy_bounds(a: Unit, b: Unit, cosine: float) -> tuple[dict[str, float], float]:
    """Without an alignment: for each feature the value most in favour of copy that any alignment of the two can give, and the
    greatest weight of words that can stand aligned. Features that need no alignment are exact.
    """
    beginnings = {word[:PREFIX] for word in b.bag if len(word) > PREFIX}
    shared = near = plain = 0.0
    for word, count in a.bag.items():
        both, weight = min(count, b.bag.get(word, 0)), rarity(word)
        shared += weight * both
        if both and word not in a.never_plain:
            plain += weight
        if both < count and word[:PREFIX] in beginnings:
            near += weight * (count - both)
    small, large = sorted((a.weight, b.weight))
    small = max(0.1, small)
    equal = shared + near
    return {
        "coverage_most": min(1.0, equal / small),
        "coverage_least": min(1.0, equal / max(0.1, large)),
        "cosine": max(0.0, cosine),
        "words_shared": shared / small,
        "stems_shared": min(1.0, _shared(a.stems, b.stems) / small),
        "longest_run": 1.0,
        "sentence": min(1.0, shared / _WHOLE_SENTENCE),
        "slots": 1.0,
        "prose": math.log1p(plain),
        "figures_differ": 0.0,
        "names_differ": 0.0,
        "figures_conflict": figures_conflict(a, b),
        "names_conflict": names_conflict(a, b),
    }, shared


def most_prose(a: Unit, b: Unit) -> float:
    """The greatest `prose_weight` that a stretch of the two can have."""
    return sum(rarity(word) for word in a.bag if word in b.bag and word not in a.never_plain)


def _shared(a: Counter[str], b: Counter[str]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return sum(rarity(word) * min(count, b[word]) for word, count in a.items() if word in b)


def _best_sentence(unit: Unit, stretches: Sequence[Stretch], side: int) -> float:
    """Coverage of the sentence that stands most completely in the other unit; short sentences count for less."""
    blocks = [(block[side], block[side] + block[2]) for s in stretches for block in s.blocks]
    best = 0.0
    for start, end in zip(unit.cuts, unit.cuts[1:], strict=False):
        weight = unit.sums[end] - unit.sums[start]
        got = sum(unit.sums[min(end, high)] - unit.sums[max(start, low)] for low, high in blocks if low < end and high > start)
        best = max(best, got / max(weight, _WHOLE_SENTENCE))
    return min(1.0, best)


def prose_weight(a: Unit, stretch: Stretch) -> float:
    """Weight of the different shared words of a stretch that are neither names nor figures: titles and tables are no prose."""
    words = {a.tokens.words[k] for i, _, n in stretch.blocks for k in range(i, i + n) if k not in a.figures and k not in a.names}
    return sum(map(rarity, words))


def _density(a: Unit, b: Unit, stretch: Stretch) -> float:
    """Part of the words inside a stretch that are equal on both sides, by weight."""
    equal = sum(a.sums[i + n] - a.sums[i] for i, _, n in stretch.blocks)
    inside = a.sums[stretch.a_end] - a.sums[stretch.a_start] + b.sums[stretch.b_end] - b.sums[stretch.b_start]
    return 2 * equal / max(0.1, inside)


def _figures_apart(a: Unit, b: Unit) -> tuple[frozenset[int], frozenset[int]]:
    """The figures of either unit (token indices) but those that the other gives in units of another system."""
    if not a.measures or not b.measures:
        return a.figures, b.figures
    mine, theirs = converted(a.measures, b.measures)
    return a.figures - mine, b.figures - theirs


def names_conflict(a: Unit, b: Unit) -> float:
    """The feature of that name: how far two units name others, wherever they do."""
    return conflict(a.name_words, b.name_words, a.bag, b.bag)


def figures_conflict(a: Unit, b: Unit) -> float:
    """The same of figures, those aside that are given in units of another system."""
    if not a.measures or not b.measures:
        return conflict(a.figure_words, b.figure_words, a.bag, b.bag)
    mine, theirs = (
        frozenset(unit.tokens.words[i] for i in apart) for unit, apart in zip((a, b), _figures_apart(a, b), strict=True)
    )
    return conflict(mine, theirs, a.bag, b.bag)


def _replacements(
    figures_of: tuple[frozenset[int], frozenset[int]], a: Unit, b: Unit, stretches: Sequence[Stretch]
) -> tuple[float, float, float, float]:
    """How far the figures, and the names, inside the shared stretches stand replaced by others: 0 (all kept) to 1;
    how many words are equal or exchanged in their place; and the weight of those exchanged for another form of the same word.
    """
    kept_figures = changed_figures = kept_names = changed_names = slots = 0
    respelled = 0.0
    for stretch in stretches:
        for i, _, n in stretch.blocks:
            slots += n
            if a.figures or a.names:
                for k in range(i, i + n):
                    kept_figures += k in a.figures
                    kept_names += k in a.names
        for gap_a, gap_b in _edges(a, b, stretch):
            changed_figures += min(sum(k in figures_of[0] for k in gap_a), sum(k in figures_of[1] for k in gap_b))
            changed_names += min(sum(k in a.names for k in gap_a), sum(k in b.names for k in gap_b))
        for (i, j, n), (next_i, next_j, _) in zip(stretch.blocks, stretch.blocks[1:], strict=False):
            gap_a, gap_b = range(i + n, next_i), range(j + n, next_j)
            if not gap_a or not gap_b:
                continue
            figures = min(sum(k in figures_of[0] for k in gap_a), sum(k in figures_of[1] for k in gap_b))
            changed_figures += figures
            changed_names += min(sum(k in a.names for k in gap_a), sum(k in b.names for k in gap_b))
            if max(len(gap_a), len(gap_b)) <= _SLOT:
                slots += min(len(gap_a), len(gap_b)) - figures
                respelled += sum(_respelled(a, b, k, gap_b) for k in gap_a if len(a.tokens.words[k]) > PREFIX)
    return (
        _part_changed(changed_figures, kept_figures),
        _part_changed(changed_names, kept_names),
        slots,
        respelled,
    )


def _edges(a: Unit, b: Unit, stretch: Stretch) -> Iterator[tuple[range, range]]:
    """What stands between the stretch and the ends of its first and last sentence, where that is short on both sides: one name
    for another at the beginning of a sentence is as much of an exchange as in its middle.
    """
    i, j, _ = stretch.blocks[0]
    before = range(a.sentence_start(i), i), range(b.sentence_start(j), j)
    i, j, n = stretch.blocks[-1]
    after = range(i + n, a.sentence_end(i + n - 1)), range(j + n, b.sentence_end(j + n - 1))
    return ((mine, theirs) for mine, theirs in (before, after) if 0 < len(mine) <= _EDGE and 0 < len(theirs) <= _EDGE)


def _respelled(a: Unit, b: Unit, index: int, places: range) -> float:
    """Weight of a word that stands in another spelling or inflection in one of the places, else 0."""
    prefix = a.tokens.words[index][:PREFIX]
    weight = a.sums[index + 1] - a.sums[index]
    return max((min(weight, b.sums[k + 1] - b.sums[k]) for k in places if b.tokens.words[k].startswith(prefix)), default=0.0)


def conflict(marked_a: AbstractSet[str], marked_b: AbstractSet[str], words_a: Container[str], words_b: Container[str]) -> float:
    """How far two texts have marked words of their own, wherever they stand: 0 when one side's are all in the other, up to 1."""
    if not marked_a or not marked_b:
        return 0.0
    own_a, own_b = sum(w not in words_b for w in marked_a), sum(w not in words_a for w in marked_b)
    return _part_changed(min(own_a, own_b), len(marked_a & marked_b))


def _part_changed(changed: int, kept: int) -> float:
    """One that changed says more than one that was kept."""
    return changed / (changed + 0.5 * kept) if changed else 0.0
