"""What story weights are learned on: articles labelled by event, and pairs of a newswire that are of no event together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.quality import sets
from bench.quality.learning import StoryPairs
from bench.quality.pipeline import Body, open_pipeline
from bench.quality.tools import Tools
from service.domain.story_similarity import Profile

SOURCES = (
    "ECB+ (Cybulska and Vossen 2014), topics 1 to 22, with pairs of two months of Reuters-21578 (Lewis 1997) that are no event"
)
_ITEMS = 1_000
_LATER = 11_000
"""Items of February and June 1987."""


def learning_pairs(labelled: Sequence[Profile], newswire: Path, tools: Tools) -> StoryPairs:
    """The pairs of labelled articles, with those of the newswire where its file is there."""
    apart = None
    if newswire.exists():
        apart = tuple(profiles_of(sets.newswire(newswire, _ITEMS, start), tools) for start in (0, _LATER))
    return StoryPairs(labelled, apart)


def profiles_of(bodies: list[Body], tools: Tools) -> list[Profile]:
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        return [pipeline.entry(one).profile for one in pipeline.ingest(bodies)]
