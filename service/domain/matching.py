"""The verdict on two units: do they carry the same copy, how was it changed, where, and how sure.

A verdict is a function of the two texts, their vectors and the weights alone. It never sees which articles the units stand in,
when they came or what else is known, so the same pair gets the same verdict in any order of arrival.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from service.domain.alignment import Stretch, align
from service.domain.models import MatchKind, UnitPair
from service.domain.rarity import rarity
from service.domain.tokens import Tokens, tokenize

SHINGLE_WORDS = 3
COPY_FEATURES = (
    "coverage_most",
    "coverage_least",
    "cosine",
    "log_score",
    "figures_differ",
    "names_differ",
    "words_shared",
    "longest_run",
    "prose",
    "prose_x_density",
    "coverage_x_cosine",
)
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{2,2000}(?:[\"”»]|$)")
_QUOTED_PART = 0.7
"""A match is a quotation when so much of what is shared, by weight, stands between quotation marks on both sides; the rest is
attribution."""
_EDITED_DENSITY = 0.65
"""Above this part of equal words inside the shared stretches the copy was edited, below it was reworded."""
_QUOTATION_SCORE = 3.0
_LEAST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned figures of the pipeline; `version` goes with every result."""

    version: str
    copy_intercept: float
    copy: Mapping[str, float]
    copy_threshold: float
    story_intercept: float
    story: Mapping[str, float]
    story_threshold: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit made ready for comparison. `vector` is float32, shape (dimension,), length 1."""

    key: str
    text: str
    tokens: Tokens
    vector: npt.NDArray[np.float32]
    weight: float
    quoted: frozenset[int]
    is_quotation: bool


def prepare(key: str, text: str, vector: npt.NDArray[np.float32]) -> Unit:
    tokens = tokenize(text)
    quoted: set[int] = set()
    for found in _QUOTED.finditer(text):
        quoted.update(i for i in range(len(tokens)) if found.start() < tokens.starts[i] < found.end())
    return Unit(key, text, tokens, vector, sum(map(rarity, tokens.words)), frozenset(quoted), is_quotation(text))


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
    return total > 0 and quoted >= _QUOTED_PART * total


def shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Word trigrams, those of function words alone left out; shorter texts are one shingle."""
    if len(words) < SHINGLE_WORDS:
        return {tuple(words)} if words else set()
    return {
        gram
        for gram in zip(words, words[1:], words[2:], strict=False)
        if rarity(gram[0]) + rarity(gram[1]) + rarity(gram[2]) > SHINGLE_WORDS * 0.15
    }


def judge(a: Unit, b: Unit, weights: Weights) -> UnitPair | None:
    """The match of two different units, or None. Symmetric: the pair is put in order of the keys first."""
    if b.key < a.key:
        a, b = b, a
    cosine = float(a.vector @ b.vector)
    if a.tokens.words == b.tokens.words:
        whole = ((0, len(a.tokens), 0, len(b.tokens)),)
        return UnitPair(a.key, b.key, "verbatim", round(cosine, 4), 1.0, 1.0, 1.0, whole, {}, weights.version)
    if min(len(a.tokens), len(b.tokens)) < _LEAST_WORDS:
        return None
    stretches = align(a.tokens.words, b.tokens.words)
    features = copy_features(a, b, cosine, stretches)
    logit = weights.copy_intercept + sum(weights.copy[name] * features[name] for name in COPY_FEATURES)
    confidence = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
    kind = _kind(a, b, stretches, confidence >= weights.copy_threshold)
    if kind is None:
        return None
    return UnitPair(
        a.key,
        b.key,
        kind,
        round(cosine, 4),
        round(_coverage(a, stretches, side=0), 4),
        round(_coverage(b, stretches, side=1), 4),
        round(confidence if kind != "quotation" else max(confidence, 1 - confidence), 4),
        tuple((s.a_start, s.a_end, s.b_start, s.b_end) for s in stretches),
        {name: round(value, 4) for name, value in features.items()},
        weights.version,
    )


def copy_features(a: Unit, b: Unit, cosine: float, stretches: Sequence[Stretch]) -> dict[str, float]:
    """The named features that decide; each about 0 to 1 but `log_score`, the log of the shared rare words."""
    in_a, in_b = _coverage(a, stretches, side=0), _coverage(b, stretches, side=1)
    figures, names = _replacements(a, b, stretches)
    bag_a, bag_b = Counter(a.tokens.words), Counter(b.tokens.words)
    shared = sum(rarity(word) * count for word, count in (bag_a & bag_b).items())
    longest = max((n for s in stretches for _, _, n in s.blocks), default=0)
    best = max(stretches, key=lambda s: s.score, default=None)
    density = _density(a, b, best) if best else 0.0
    prose = math.log1p(_prose(a, best)) if best else 0.0
    return {
        "coverage_most": max(in_a, in_b),
        "coverage_least": min(in_a, in_b),
        "cosine": cosine,
        "log_score": math.log1p(sum(s.score for s in stretches)),
        "figures_differ": figures,
        "names_differ": names,
        "words_shared": shared / max(0.1, min(a.weight, b.weight)),
        "longest_run": min(1.0, longest / 12),
        "prose": prose,
        "prose_x_density": density * prose,
        "coverage_x_cosine": max(in_a, in_b) * cosine,
    }


def _coverage(unit: Unit, stretches: Sequence[Stretch], *, side: int) -> float:
    words = unit.tokens.words
    got = sum(rarity(words[block[side] + k]) for s in stretches for block in s.blocks for k in range(block[2]))
    return min(1.0, got / max(0.1, unit.weight))


def _prose(a: Unit, stretch: Stretch) -> float:
    """Weight of the different shared words of a stretch that are neither names nor figures: titles and tables are no prose."""
    words = {
        a.tokens.words[k]
        for i, _, n in stretch.blocks
        for k in range(i, i + n)
        if not a.tokens.words[k][0].isdigit() and not _is_name(a, k)
    }
    return sum(map(rarity, words))


def _density(a: Unit, b: Unit, stretch: Stretch) -> float:
    """Part of the words inside a stretch that are equal on both sides, by weight."""
    equal = sum(rarity(a.tokens.words[i + k]) for i, _, n in stretch.blocks for k in range(n))
    inside_a = sum(map(rarity, a.tokens.words[stretch.a_start : stretch.a_end]))
    inside_b = sum(map(rarity, b.tokens.words[stretch.b_start : stretch.b_end]))
    return 2 * equal / max(0.1, inside_a + inside_b)


def _replacements(a: Unit, b: Unit, stretches: Sequence[Stretch]) -> tuple[float, float]:
    """Part of the figures, and of the names, inside the shared stretches that stand replaced by others: 0 (all kept) to 1."""
    kept_figures = changed_figures = kept_names = changed_names = 0
    for stretch in stretches:
        for i, _, n in stretch.blocks:
            for k in range(i, i + n):
                kept_figures += a.tokens.words[k][0].isdigit()
                kept_names += _is_name(a, k)
        for (i, j, n), (next_i, next_j, _) in zip(stretch.blocks, stretch.blocks[1:], strict=False):
            gap_a, gap_b = range(i + n, next_i), range(j + n, next_j)
            changed_figures += min(
                sum(a.tokens.words[k][0].isdigit() for k in gap_a), sum(b.tokens.words[k][0].isdigit() for k in gap_b)
            )
            changed_names += min(sum(_is_name(a, k) for k in gap_a), sum(_is_name(b, k) for k in gap_b))
    return (
        changed_figures / max(1, changed_figures + kept_figures),
        changed_names / max(1, changed_names + kept_names),
    )


def _is_name(unit: Unit, index: int) -> bool:
    return index > 0 and unit.text[unit.tokens.starts[index]].isupper()


def _kind(a: Unit, b: Unit, stretches: Sequence[Stretch], is_copy: bool) -> MatchKind | None:
    aligned = quoted = inside_a = inside_b = 0.0
    for stretch in stretches:
        for i, j, n in stretch.blocks:
            for k in range(n):
                weight = rarity(a.tokens.words[i + k])
                aligned += weight
                if i + k in a.quoted and j + k in b.quoted:
                    quoted += weight
        inside_a += sum(map(rarity, a.tokens.words[stretch.a_start : stretch.a_end]))
        inside_b += sum(map(rarity, b.tokens.words[stretch.b_start : stretch.b_end]))
    if aligned and quoted >= _QUOTED_PART * aligned and aligned >= _QUOTATION_SCORE:
        # The speaker's words recur in independent reports; whether they were carried shows in the copy around them.
        return "quotation"
    if not is_copy:
        return None
    return "edited" if 2 * aligned >= _EDITED_DENSITY * (inside_a + inside_b) else "paraphrase"
