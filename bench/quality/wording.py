"""How an article words what it has from a source: runs of equal words, and what was done to the sentences that it took.

Measures with the service's own words, sentences, weights of words and vectors. Decides nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from service.domain.models import Article
from service.domain.rarity import rarity
from service.domain.tokens import sentences, surface
from service.domain.units import spelled
from service.ports import Encoder

_RUNS = (1, 2, 3, 5, 8, 12)
"""Single words and pairs are the subject's, three to eight are edited copy, twelve stand word for word."""
_LEAST_WORDS = 4
_TAKEN = 0.45
"""Part of a sentence's words, by weight, in one sentence of the source above which the sentence was written from that one."""
_MOST_RUN = 200

Words = tuple[str, ...]
Wording = list[float]


def body_sentences(article: Article) -> list[str]:
    """Sentences of four words or more, in order."""
    parts = (p.text[p.core_start : p.core_end] for p in article.reading.paragraphs if p.role == "body")
    return [part[a:b] for part in parts for a, b in sentences(part) if len(spelled(part[a:b])) >= _LEAST_WORDS]


def wording(mine: Sequence[str], theirs: Sequence[str], encoder: Encoder) -> Wording:
    """Of the sentences of an article and those of its source, in a fixed order: the part of its words in runs that the source
    has too, for each length of `_RUNS`; the longest run; the longest common subsequence; the nearest sentence of the source, by
    vector; how far those come in order; the lengths compared; and `_recast`. All zero when either is empty.
    """
    if not mine or not theirs:
        return [0.0] * (len(_RUNS) + 11)
    ours, others = [spelled(s).words for s in mine], [spelled(s).words for s in theirs]
    article, source = _joined(ours), _joined(others)
    cosines = encoder.encode([surface(s) for s in mine]) @ encoder.encode([surface(s) for s in theirs]).T
    nearest = cosines.argmax(axis=1).tolist()
    steps = [later >= earlier for earlier, later in pairwise(nearest)]
    return [
        *(in_runs(article, source, size) for size in _RUNS),
        math.log1p(_longest(article, source)),
        LCSseq.similarity(article, source) / len(article),
        float(np.average(cosines.max(axis=1), weights=[len(words) for words in ours])),
        sum(steps) / len(steps) if steps else 1.0,
        math.log(len(article) / len(source)),
        *_recast(ours, others, cosines),
    ]


def in_runs(article: Words, source: Words, size: int) -> float:
    """Part of the article's words that stand in a run of so many words that the source has too, wherever it has it."""
    known = set(_grams(source, size))
    covered: set[int] = set()
    for start, gram in enumerate(_grams(article, size)):
        if gram in known:
            covered.update(range(start, start + size))
    return len(covered) / len(article)


def _longest(article: Words, source: Words) -> int:
    longest = 0
    while longest < _MOST_RUN and not set(_grams(article, longest + 1)).isdisjoint(_grams(source, longest + 1)):
        longest += 1
    return longest


def _grams(words: Words, size: int) -> list[Words]:
    return [words[i : i + size] for i in range(len(words) - size + 1)]


def _joined(parts: Sequence[Words]) -> Words:
    return tuple(word for words in parts for word in words)


def _recast(ours: Sequence[Words], others: Sequence[Words], cosines: npt.NDArray[np.float32]) -> Wording:
    """What was done to the sentences that were written from one of the source, weighed by their words: their part of the article;
    the part of their words that was kept; the part of that in its order; the part of the source's sentence that was used; their
    cosine; and the runs into which the kept words fall apart, for each kept word.
    """
    bags = [Counter(words) for words in others]
    total, taken = np.zeros(5), 0
    for number, words in enumerate(ours):
        bag, weight = Counter(words), sum(map(rarity, words))
        kept = [sum(rarity(word) * count for word, count in (bag & other).items()) for other in bags]
        best = int(np.argmax(kept))
        if kept[best] < _TAKEN * weight:
            continue
        runs = [op for op in LCSseq.opcodes(words, others[best]) if op.tag == "equal"]
        equal = [word for op in runs for word in words[op.src_start : op.src_end]]
        total += len(words) * np.array(
            [
                kept[best] / weight,
                sum(map(rarity, equal)) / kept[best],
                kept[best] / sum(map(rarity, others[best])),
                cosines[number, best],
                len(runs) / max(1, len(equal)),
            ]
        )
        taken += len(words)
    return [taken / sum(map(len, ours)), *(total / max(1, taken)).tolist()]
