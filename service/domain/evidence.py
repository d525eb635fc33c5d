"""What two units show for or against being the same copy: named figures between 0 and 1, from their words and vectors alone.

Every figure is a function of the two units. Those named `_differ` or `_conflict` speak against copy, the others for it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from service.domain.alignment import Stretch
from service.domain.rarity import rarity
from service.domain.tokens import Tokens, sentences, tokenize

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

_QUOTED = re.compile(r"[\"“”„«][^\"“”„«»]{2,2000}(?:[\"“”»]|$)")
_SMALL = (
    "nil - two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_FIGURES = {word: str(value) for value, word in enumerate(_SMALL.split())} | {
    word: str(10 * value) for value, word in enumerate(_TENS.split(), start=2)
}
"""Style guides spell small figures, so "four" and "4" are one figure; "one" is left out because it is a pronoun as often."""
QUOTED_PART = 0.7
"""A match is a quotation when so much of what is shared, by weight, stands between quotation marks on both sides; the rest is
attribution."""
_STEM = 5
_PREFIX = 4
"""Letters that two forms of one word have in common: armored and armoured, entered and entering."""
_LONG_RUN = 12
_SLOT = 3
"""Longest replaced run that counts as a word exchanged in its place."""
_WHOLE_SENTENCE = 5.0
"""A sentence of five rare words' weight is enough to tell copy by itself."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit made ready for comparison. `vector` is float32, shape (dimension,), length 1.

    `tokens` are those of the text, spelled figures as digits. `sums` are running totals of the words' weights, one longer than
    the words; `cuts` are the token indices at which sentences start, and the end. `figures`, `names` and `quoted` are token
    indices; names are capitals inside a sentence.
    """

    key: str
    text: str
    tokens: Tokens
    vector: npt.NDArray[np.float32]
    weight: float
    sums: tuple[float, ...]
    cuts: tuple[int, ...]
    figures: frozenset[int]
    names: frozenset[int]
    quoted: frozenset[int]
    is_quotation: bool
    bag: Counter[str]
    stems: Counter[str]


def prepare(key: str, text: str, vector: npt.NDArray[np.float32]) -> Unit:
    plain = tokenize(text)
    tokens = Tokens(tuple(_FIGURES.get(word, word) for word in plain.words), plain.starts, plain.ends)
    sums = [0.0]
    for word in tokens.words:
        sums.append(sums[-1] + rarity(word))
    cuts = [0]
    position = 0
    for start, _ in sentences(text):
        while position < len(tokens) and tokens.starts[position] < start:
            position += 1
        if position > cuts[-1]:
            cuts.append(position)
    quoted: set[int] = set()
    for quote in _QUOTED.finditer(text):
        quoted.update(i for i in range(len(tokens)) if quote.start() < tokens.starts[i] < quote.end())
    firsts = set(cuts)
    return Unit(
        key,
        text,
        tokens,
        vector,
        sums[-1],
        tuple(sums),
        (*cuts, len(tokens)) if len(tokens) > cuts[-1] else tuple(cuts),
        frozenset(i for i, word in enumerate(tokens.words) if word[0].isdigit()),
        frozenset(i for i, start in enumerate(tokens.starts) if i not in firsts and text[start].isupper()),
        frozenset(quoted),
        is_quotation(text),
        Counter(tokens.words),
        Counter(word[:_STEM] for word in tokens.words),
    )


@lru_cache(maxsize=65_536)
def is_quotation(text: str) -> bool:
    """Whether most of a text, by weight, stands between quotation marks."""
    tokens = tokenize(text)
    total = sum(map(rarity, tokens.words))
    ranges = [found.span() for found in _QUOTED.finditer(text)]
    quoted = sum(
        rarity(word)
        for word, start in zip(tokens.words, tokens.starts, strict=True)
        if any(first < start < last for first, last in ranges)
    )
    return total > 0 and quoted >= QUOTED_PART * total


def copy_features(a: Unit, b: Unit, cosine: float, stretches: Sequence[Stretch]) -> dict[str, float]:
    """The named features that decide, each 0 to 1 but `prose`, the log of the weight of the different plain words shared."""
    equal = sum(a.sums[i + n] - a.sums[i] for s in stretches for i, _, n in s.blocks)
    small, large = sorted((a.weight, b.weight))
    small = max(0.1, small)
    longest = max((n for s in stretches for _, _, n in s.blocks), default=0)
    figures, names, slots, respelled = _replacements(a, b, stretches)
    equal += respelled
    best = max(stretches, key=lambda s: s.score, default=None)
    shorter = max(1, min(len(a.tokens), len(b.tokens)))
    return {
        "coverage_most": min(1.0, equal / small),
        "coverage_least": min(1.0, equal / max(0.1, large)),
        "cosine": max(0.0, cosine),
        "words_shared": _shared(a.bag, b.bag) / small,
        "stems_shared": min(1.0, _shared(a.stems, b.stems) / small),
        "longest_run": min(1.0, longest / _LONG_RUN),
        "sentence": max(_best_sentence(a, stretches, 0), _best_sentence(b, stretches, 1)),
        "slots": min(1.0, slots / shorter),
        "prose": math.log1p(prose_weight(a, best)) * _density(a, b, best) if best else 0.0,
        "figures_differ": figures,
        "names_differ": names,
        "figures_conflict": _conflict(a, b, a.figures, b.figures),
        "names_conflict": _conflict(a, b, a.names, b.names),
    }


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


def _replacements(a: Unit, b: Unit, stretches: Sequence[Stretch]) -> tuple[float, float, float, float]:
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
        for (i, j, n), (next_i, next_j, _) in zip(stretch.blocks, stretch.blocks[1:], strict=False):
            gap_a, gap_b = range(i + n, next_i), range(j + n, next_j)
            if not gap_a or not gap_b:
                continue
            figures = min(sum(k in a.figures for k in gap_a), sum(k in b.figures for k in gap_b))
            changed_figures += figures
            changed_names += min(sum(k in a.names for k in gap_a), sum(k in b.names for k in gap_b))
            if max(len(gap_a), len(gap_b)) <= _SLOT:
                slots += min(len(gap_a), len(gap_b)) - figures
                respelled += sum(_respelled(a, b, k, gap_b) for k in gap_a if len(a.tokens.words[k]) > _PREFIX)
    return (
        _part_changed(changed_figures, kept_figures),
        _part_changed(changed_names, kept_names),
        slots,
        respelled,
    )


def _respelled(a: Unit, b: Unit, index: int, places: range) -> float:
    """Weight of a word that stands in another spelling or inflection in one of the places, else 0."""
    prefix = a.tokens.words[index][:_PREFIX]
    weight = a.sums[index + 1] - a.sums[index]
    return max((min(weight, b.sums[k + 1] - b.sums[k]) for k in places if b.tokens.words[k].startswith(prefix)), default=0.0)


def _conflict(a: Unit, b: Unit, in_a: frozenset[int], in_b: frozenset[int]) -> float:
    """How far both units have marked words of their own, wherever they stand: 0 when one side's are all in the other."""
    if not in_a or not in_b:
        return 0.0
    words_a, words_b = {a.tokens.words[i] for i in in_a}, {b.tokens.words[i] for i in in_b}
    own_a, own_b = sum(w not in b.bag for w in words_a), sum(w not in a.bag for w in words_b)
    return _part_changed(min(own_a, own_b), len(words_a & words_b))


def _part_changed(changed: int, kept: int) -> float:
    """One that changed says more than one that was kept."""
    return changed / (changed + 0.5 * kept) if changed else 0.0
