"""How alike two sentences are in their wording alone: the overlaps that measures of machine translation and of copying are made
of. Decides nothing.

Runs of words and of letters in common and edit distance as in Madnani, Tetreault and Chodorow, Re-examining Machine Translation
Metrics for Paraphrase Identification (2012); what each side has of its own is weighed by how rare its words are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import LCSseq, Levenshtein

from service.domain.rarity import rarity
from service.domain.units import spelled

_WORD_RUNS = (1, 2, 3, 4)
_LETTER_RUNS = (3, 5)


def likeness(left: str, right: str) -> list[float]:
    """Symmetrical figures in a fixed order: for each length of run the part of the shorter and of the longer sentence that is in
    common; the same of the longest common subsequence; one less the edit distance by its greatest value, in words and in letters;
    and, the lesser of the two sides first, of the words that the other side lacks: their weight, the greatest weight, how many.
    """
    a, b = spelled(left).words, spelled(right).words
    lower = left.lower(), right.lower()
    found: list[float] = []
    for size in _WORD_RUNS:
        found += _common(_runs(a, size), _runs(b, size))
    for size in _LETTER_RUNS:
        found += _common(_runs(lower[0], size), _runs(lower[1], size))
    kept, least, most = LCSseq.similarity(a, b), max(1, min(len(a), len(b))), max(1, len(a), len(b))
    found += [kept / least, kept / most, Levenshtein.normalized_similarity(a, b), Levenshtein.normalized_similarity(*lower)]
    own = [list((Counter(one) - Counter(other)).elements()) for one, other in ((a, b), (b, a))]
    weights = [[rarity(word) for word in words] for words in own]
    found += sorted(sum(one) for one in weights)
    found += sorted(max(one, default=0.0) for one in weights)
    return found + sorted(float(len(words)) for words in own)


def _runs(text: Sequence[Any], size: int) -> Counter[Sequence[Any]]:
    return Counter(text[i : i + size] for i in range(len(text) - size + 1))


def _common(a: Counter[Sequence[Any]], b: Counter[Sequence[Any]]) -> list[float]:
    both = (a & b).total()
    return [both / max(1, min(a.total(), b.total())), both / max(1, a.total(), b.total())]
