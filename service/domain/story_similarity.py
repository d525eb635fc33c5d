"""Are two articles about one event? A profile of each article and the features of a pair of profiles.

Same event is not same copy: the features here weigh names, rare words, meaning and time, and never ask who carried whom.
A pair's probability is a function of the two articles and the weights alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from service.domain.rarity import information
from service.domain.tokens import tokenize

STORY_FEATURES = (
    "lead_cosine",
    "mean_cosine",
    "units_cosine",
    "words_cosine",
    "names_cosine",
    "title_shared",
    "lead_words",
    "figures_shared",
    "days_apart",
)
_LEAD_WORDS = 90
_SECONDS_A_DAY = 86_400.0
_DAYS_CAP = 7.0

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Profile:
    """What an article is about. Vectors are float32 of length 1; sparse maps hold weights whose squares sum to 1."""

    title: Mapping[str, float]
    words: Mapping[str, float]
    names: Mapping[str, float]
    lead: Mapping[str, float]
    figures: frozenset[str]
    lead_vector: Vector
    mean_vector: Vector
    vectors: npt.NDArray[np.float32]
    at: datetime | None


def profile(
    title: str,
    body: Sequence[str],
    title_vector: Vector | None,
    body_vectors: Sequence[Vector],
    dimension: int,
    at: datetime | None,
) -> Profile:
    """`body` holds the texts of the article's prose in order, `body_vectors` one vector of `dimension` for each of its units.
    An article without any text gets zero vectors: it is like nothing.
    """
    text = "\n".join(body)
    tokens = tokenize(text)
    title_words = [word for word in tokenize(title).words if information(word) > 0]
    names = Counter(
        word
        for i, word in enumerate(tokens.words)
        if text[tokens.starts[i]].isupper() and (i == 0 or text[tokens.starts[i] - 1] not in "\n.") and information(word) > 1.5
    )
    names.update(word for word in title_words if word in names)
    vectors = [v for v in (title_vector, *body_vectors) if v is not None]
    if not vectors:
        vectors = [np.zeros(dimension, np.float32)]
    stacked = np.stack(vectors)
    first = [v for v in (title_vector, *body_vectors[:1]) if v is not None] or vectors
    return Profile(
        title=_unit(Counter(title_words)),
        words=_unit(Counter(tokens.words) + Counter(title_words)),
        names=_unit(names),
        lead=_unit(Counter(tokens.words[:_LEAD_WORDS]) + Counter(title_words)),
        figures=frozenset(word for word in tokens.words if word[0].isdigit() and len(word) > 1),
        lead_vector=_mean(first),
        mean_vector=_mean(vectors),
        vectors=stacked,
        at=at,
    )


def story_features(a: Profile, b: Profile) -> dict[str, float]:
    """The named features of a pair, each 0 to 1 (cosines may fall below 0). Symmetric."""
    days = abs((a.at - b.at).total_seconds()) / _SECONDS_A_DAY if a.at and b.at else 0.0
    # Each unit's nearest neighbour, averaged both ways: one background paragraph that both carry does not make one event.
    between = a.vectors @ b.vectors.T
    figures = len(a.figures & b.figures) / max(3, min(len(a.figures), len(b.figures)))
    return {
        "lead_cosine": float(a.lead_vector @ b.lead_vector),
        "mean_cosine": float(a.mean_vector @ b.mean_vector),
        "units_cosine": (float(between.max(axis=1).mean()) + float(between.max(axis=0).mean())) / 2,
        "words_cosine": _dot(a.words, b.words),
        "names_cosine": _dot(a.names, b.names),
        "title_shared": max(_contained(a.title, b.words), _contained(b.title, a.words)),
        "lead_words": _dot(a.lead, b.lead),
        "figures_shared": min(1.0, figures),
        "days_apart": min(days, _DAYS_CAP) / _DAYS_CAP,
    }


def story_probability(a: Profile, b: Profile, intercept: float, weights: Mapping[str, float]) -> float:
    """Chance, 0 to 1, that two articles are about one event; rounded so that it is the same on every machine."""
    features = story_features(a, b)
    logit = intercept + math.fsum(weights[name] * features[name] for name in STORY_FEATURES)
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit)))), 4)


def _unit(counts: Mapping[str, int]) -> dict[str, float]:
    weights = {word: (1 + math.log(count)) * information(word) for word, count in counts.items() if information(word) > 0.5}
    # Summed in a fixed order, so that the last bit does not depend on how the map was filled.
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()} if length else {}


def _dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return math.fsum(weight * b[word] for word, weight in a.items() if word in b)


def _contained(title: Mapping[str, float], words: Mapping[str, float]) -> float:
    total = math.fsum(weight for weight in title.values())
    return math.fsum(weight for word, weight in title.items() if word in words) / total if total else 0.0


def _mean(vectors: Iterable[Vector]) -> Vector:
    total: Vector = np.sum(np.stack(list(vectors)), axis=0, dtype=np.float32)
    return (total / max(1e-9, float(np.linalg.norm(total)))).astype(np.float32)
