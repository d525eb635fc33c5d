"""How sure it is that an article belongs to its story, and why: what the clustering decided by, told for one article.

A function of the story's reports and of how likely any two of them are of one event. Clusters nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ReasonKind = Literal["alone", "shared_copy", "same_event", "editor"]

_SAME_COPY = 0.99
"""Chance that two articles of one report are of one event."""
_LEAST, _MOST = 0.001, 0.999
_FEATURES = 6


@dataclass(frozen=True, slots=True)
class Feature:
    """A named feature of two reports, its value, and what it adds to the log odds of one event (below 0: takes away)."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article is in its story. `alone`: nothing else is in it. `shared_copy`: `article_id` is of its report, and `share`
    of its body stands there, `share_of_other` the reverse. `same_event`: `article_id` stands for the report most likely of one
    event with its own, at `probability`, by `features`. `editor`: somebody said so.
    """

    kind: ReasonKind
    article_id: str | None = None
    share: float | None = None
    share_of_other: float | None = None
    probability: float | None = None
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """`confidence`, 0 to 1: that most of the story is of the article's own event."""

    confidence: float
    reasons: tuple[Reason, ...]


def confidence(chances: Sequence[float], *, has_copies: bool, intercept: float, slope: float) -> float:
    """From the chances that a report and each other one of its story are of one event, calibrated by Platt's method (1999):
    `intercept` and `slope` on the log odds of the mean, learned from labelled stories. Rounded to hundredths, so that it does not
    change with every report of a large story.
    """
    found = [*chances, *([_SAME_COPY] if has_copies else [])]
    if not found:
        return 1.0
    mean = min(_MOST, max(_LEAST, math.fsum(found) / len(found)))
    return round(1 / (1 + math.exp(-(intercept + slope * log_odds(mean)))), 2)


def log_odds(chance: float) -> float:
    """Of a chance above 0 and below 1."""
    return math.log(chance / (1 - chance))


def telling(features: Mapping[str, float], weights: Mapping[str, float]) -> tuple[Feature, ...]:
    """The features that moved the decision most, strongest first."""
    found = [Feature(name, round(features[name], 4), round(weights[name] * features[name], 4)) for name in features]
    return tuple(sorted((f for f in found if f.weight), key=lambda f: (-abs(f.weight), f.name))[:_FEATURES])
