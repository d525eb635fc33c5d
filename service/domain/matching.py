"""The verdict on two units: do they carry the same copy, how was it changed, where, and how sure.

A verdict is a function of the two texts, their vectors and the weights alone. It never sees which articles the units stand in,
when they came or what else is known, so the same pair gets the same verdict in any order of arrival.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.domain.alignment import LEAST_SCORE, Stretch, align
from service.domain.evidence import AGAINST, copy_bounds, copy_features, most_prose, prose_weight
from service.domain.misprints import mended
from service.domain.models import MatchKind, UnitPair, UnitPairKind
from service.domain.rarity import rarity
from service.domain.retelling import CONFIDENCE, is_likeness, retold
from service.domain.tokens import Tokens, tokenize
from service.domain.units import QUOTED_PART, Unit

SHINGLE_WORDS = 3
_EDITED_DENSITY = 0.65
"""Above this part of equal words inside the shared stretches the copy was edited, below it was reworded."""
_QUOTATION_SCORE = 3.0
_LEAST_WORDS = 6
_FORM_PROSE = 4.0
"""Shared plain words below this weight, with figures exchanged, are a form and not a text."""
_FORM_CONFIDENCE = 0.02
MISPRINTS = "misprints"
"""A match with this feature is of the two as they are read without their misprints; it says how many."""
_ROW_WORDS = 15
_SHORT_PART = 0.35
_ROUNDING = 1e-6
_LEAST_SHORT = 1.0
"""In short units a stretch of a third of the words counts, be they ever so common."""


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
    membership_intercept: float
    membership_slope: float
    certainty: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Intercept and slope of the confidence of links and origins, by the grounds of service/domain/certainty.py."""


def shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Word trigrams, those of function words alone left out; shorter texts are one shingle."""
    if len(words) < SHINGLE_WORDS:
        return {tuple(words)} if words else set()
    return {
        gram
        for gram in zip(words, words[1:], words[2:], strict=False)
        if rarity(gram[0]) + rarity(gram[1]) + rarity(gram[2]) > SHINGLE_WORDS * 0.15
    }


def stretches_of(a: Unit, b: Unit) -> list[Stretch]:
    """The aligned stretches of two units; what counts as one depends on how much the lighter unit says."""
    return align(a.tokens.words, b.tokens.words, max(_LEAST_SHORT, min(LEAST_SCORE, _SHORT_PART * min(a.weight, b.weight))))


def judge(a: Unit, b: Unit, weights: Weights) -> UnitPair | None:
    """The match of two different units, or None. Symmetric: the pair is put in order of the keys first."""
    if b.key < a.key:
        a, b = b, a
    cosine = float(a.vector @ b.vector)
    if tokenize(a.text).words == tokenize(b.text).words:
        whole = ((0, len(a.tokens), 0, len(b.tokens)),)
        # Typography is no change: two that differ in their marks alone are what one of them is in two articles.
        kind: UnitPairKind = "quotation" if a.is_quotation and b.is_quotation else "verbatim"
        return UnitPair(a.key, b.key, kind, round(cosine, 4), 1.0, 1.0, 1.0, whole, {}, weights.version)
    if min(len(a.tokens), len(b.tokens)) < _LEAST_WORDS:
        return None
    copy = None if is_hopeless(a, b, cosine, weights) else weigh(a, b, cosine, weights)
    return copy or _misprinted(a, b, cosine, weights) or _retelling(a, b, cosine, weights)


def _misprinted(a: Unit, b: Unit, cosine: float, weights: Weights) -> UnitPair | None:
    """The match of two units that are one text but for misprints."""
    read = mended(a, b)
    if read is None or is_hopeless(read.a, read.b, cosine, weights):
        return None
    found = weigh(read.a, read.b, cosine, weights)
    if found is None:
        return None
    spans = tuple(
        (*_as_printed(a_start, a_end, read.a.tokens, a.tokens), *_as_printed(b_start, b_end, read.b.tokens, b.tokens))
        for a_start, a_end, b_start, b_end in found.spans
    )
    return replace(found, spans=spans, features={**found.features, MISPRINTS: float(read.count)})


def _as_printed(start: int, end: int, read: Tokens, printed: Tokens) -> tuple[int, int]:
    """The token range of a unit as it stands, for one of it with words put together."""
    return bisect_left(printed.starts, read.starts[start]), bisect_left(printed.ends, read.ends[end - 1]) + 1


def is_hopeless(a: Unit, b: Unit, cosine: float, weights: Weights) -> bool:
    """Whether `weigh` finds no match however the two may be aligned: known from their words alone, in a tenth of the time. Near
    equal lines by the hundred, as in tables, would otherwise be aligned each with each.
    """
    may_quote = a.quoted and b.quoted
    is_row = max(len(a.tokens), len(b.tokens)) <= _ROW_WORDS and a.figures and b.figures
    # The figures of a row are compared as they stand, wherever the rest is aligned; forms are never copy.
    can_be_form = is_row and not may_quote and weights.copy_threshold > _FORM_CONFIDENCE
    if can_be_form and _figures(a, ()) != _figures(b, ()) and most_prose(a, b) < _FORM_PROSE - _ROUNDING:
        return True
    bounds, shared = copy_bounds(a, b, cosine)
    if may_quote and shared >= _QUOTATION_SCORE - _ROUNDING:
        return False
    best = weights.copy_intercept + sum(weight * bounds[name] for name, weight in weights.copy.items())
    return _chance(best + _ROUNDING) < weights.copy_threshold


def weigh(a: Unit, b: Unit, cosine: float, weights: Weights) -> UnitPair | None:
    """The match of two units whose words differ, by their alignment."""
    stretches = stretches_of(a, b)
    features = copy_features(a, b, cosine, stretches)
    confidence = _chance(weights.copy_intercept + sum(weight * features[name] for name, weight in weights.copy.items()))
    if _is_form(a, b, stretches):
        confidence = min(confidence, _FORM_CONFIDENCE)
    kind = _kind(a, b, stretches, confidence >= weights.copy_threshold)
    if kind is None:
        return None
    sure = confidence if kind != "quotation" else max(confidence, 1 - confidence)
    return _pair(a, b, kind, cosine, sure, stretches, features, weights)


def _pair(
    a: Unit,
    b: Unit,
    kind: UnitPairKind,
    cosine: float,
    confidence: float,
    stretches: Sequence[Stretch],
    features: Mapping[str, float],
    weights: Weights,
) -> UnitPair:
    return UnitPair(
        a.key,
        b.key,
        kind,
        round(cosine, 4),
        round(_coverage(a, stretches, side=0), 4),
        round(_coverage(b, stretches, side=1), 4),
        round(confidence, 4),
        tuple((s.a_start, s.a_end, s.b_start, s.b_end) for s in stretches),
        {name: round(value, 4) for name, value in features.items()},
        weights.version,
    )


def _retelling(a: Unit, b: Unit, cosine: float, weights: Weights) -> UnitPair | None:
    """The match of two units of which one may retell the other; none where they disagree in a figure or a name."""
    told = retold(a, b, cosine)
    # What shows without an alignment is asked first: rows of a table are alike in all but their figures.
    if not (told or is_likeness(a, b, cosine)) or _disagree(copy_bounds(a, b, cosine)[0]):
        return None
    stretches = stretches_of(a, b)
    features = copy_features(a, b, cosine, stretches)
    if _disagree(features):
        return None
    found = _pair(a, b, "retelling" if told else "likeness", cosine, CONFIDENCE, stretches, features | {"retold": told}, weights)
    return replace(found, spans=((0, len(a.tokens), 0, len(b.tokens)),))


def _disagree(features: Mapping[str, float]) -> bool:
    return any(features[name] > 0.0 for name in AGAINST)


def _is_form(a: Unit, b: Unit, stretches: Sequence[Stretch]) -> bool:
    """Whether the two only share a form that each fills with figures of its own: table rows, terms of an issue, results."""
    if not a.figures or not b.figures or max((prose_weight(a, s) for s in stretches), default=0.0) >= _FORM_PROSE:
        return False
    return _figures(a, [(s.a_start, s.a_end) for s in stretches]) != _figures(b, [(s.b_start, s.b_end) for s in stretches])


def _figures(unit: Unit, ranges: Sequence[tuple[int, int]]) -> Counter[str]:
    """The figures within the ranges; all of them in a line as short as a table row."""
    short = len(unit.tokens) <= _ROW_WORDS
    return Counter(unit.tokens.words[i] for i in unit.figures if short or any(start <= i < end for start, end in ranges))


def _chance(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def _coverage(unit: Unit, stretches: Sequence[Stretch], *, side: int) -> float:
    got = sum(unit.sums[block[side] + block[2]] - unit.sums[block[side]] for s in stretches for block in s.blocks)
    return min(1.0, got / max(0.1, unit.weight))


def _kind(a: Unit, b: Unit, stretches: Sequence[Stretch], is_copy: bool) -> MatchKind | None:
    aligned = sum(a.sums[i + n] - a.sums[i] for s in stretches for i, _, n in s.blocks)
    # Everyday words weigh little: below that score they are no quotation of each other, but no reporting that was copied either.
    if a.quoted and b.quoted and (is_copy or aligned >= _QUOTATION_SCORE):
        quoted = speaker = 0.0
        for i, j in ((i + k, j + k) for s in stretches for i, j, n in s.blocks for k in range(n)):
            weight = a.sums[i + 1] - a.sums[i]
            quoted += weight * (i in a.quoted and j in b.quoted)
            speaker += weight * (i in a.speakers and j in b.speakers)
        if quoted >= QUOTED_PART * (aligned - speaker) and quoted >= speaker:
            # The speaker's words recur in independent reports, and so does who that is; whether they were carried shows in the
            # copy around them.
            return "quotation"
    if not is_copy:
        return None
    inside = sum(a.sums[s.a_end] - a.sums[s.a_start] + b.sums[s.b_end] - b.sums[s.b_start] for s in stretches)
    return "edited" if 2 * aligned >= _EDITED_DENSITY * inside else "paraphrase"
