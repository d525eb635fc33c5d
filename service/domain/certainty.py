"""How sure a link or an origin is: what the rules claim, brought to how often such claims are right.

By Platt's method (1999): two figures on the log odds of the claim, for each ground that a link rests on, learned from generated
copy of which all is known. Decides nothing: the order of the claims on one ground stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from service.domain.models import Link, Origin

Ground = Literal["named_source", "credit", "wording", "origin"]
GROUNDS: tuple[Ground, ...] = ("named_source", "credit", "wording", "origin")

_NAMES_ITS_SOURCE = frozenset({"credit:source_line", "credit:republication", "credit:via", "credit:translation"})
_LEAST = 0.005
_MOST_LINK, _MOST_ORIGIN = 0.99, 0.98
"""Generated copy knows fewer ways of being wrong than the world does."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """Intercept and slope for each ground; a ground that is not there keeps its claims as they are."""

    figures: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def of_link(self, link: Link) -> Link:
        """The link with the learned confidence; a picture credit speaks for no text and stays as it is."""
        if link.relation == "photo":
            return link
        return replace(link, confidence=self._learned(ground_of(link), link.confidence, _MOST_LINK))

    def of_origin(self, origin: Origin) -> Origin:
        """The origin with the learned confidence; one that is undetermined claims nothing."""
        if origin.kind == "undetermined":
            return origin
        return replace(origin, confidence=self._learned("origin", origin.confidence, _MOST_ORIGIN))

    def _learned(self, ground: Ground, claimed: float, most: float) -> float:
        if ground not in self.figures:
            return claimed
        intercept, slope = self.figures[ground]
        return round(min(most, 1 / (1 + math.exp(-intercept - slope * log_odds(claimed)))), 3)


def ground_of(link: Link) -> Ground:
    """What a link rests on: a line that says where the text came from, any other credit, or wording alone."""
    kinds = {piece.kind for piece in link.evidence}
    if kinds & _NAMES_ITS_SOURCE:
        return "named_source"
    return "credit" if any(kind.startswith("credit:") for kind in kinds) else "wording"


def log_odds(claimed: float) -> float:
    """Of a confidence from 0 to 1, kept finite."""
    kept = min(1 - _LEAST, max(_LEAST, claimed))
    return math.log(kept / (1 - kept))
