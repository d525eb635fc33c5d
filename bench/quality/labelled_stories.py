"""What story weights are learned on: articles labelled by event, pairs of a newswire that are of no event together, and the
scenarios that may be learned from (bench/scenarios).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from bench.quality import sets
from bench.quality.learning import Situation, StoryPairs, likely_pairs, table_of
from bench.quality.pipeline import Body, open_pipeline
from bench.quality.tools import Tools
from bench.scenarios.reading import LEARNED_ON, Scenario, read
from service.domain.story_similarity import Profile

SOURCES = (
    "ECB+ (Cybulska and Vossen 2014), topics 1 to 22, pairs of Reuters-21578 items (Lewis 1997) of two months or of different "
    "topics, and the scenarios of bench/scenarios/learn and develop"
)
_ITEMS = 1_000
_PAIRS = 20_000
_LATER = 11_000
"""Items of February and June 1987."""


def learning_pairs(labelled: Sequence[Profile], newswire: Path, tools: Tools) -> StoryPairs:
    """The pairs of labelled articles, with those of the newswire where its file is there, and the scenarios."""
    apart = _apart(newswire, tools) if newswire.exists() else []
    scenarios = [one for part in LEARNED_ON for one in read(part)]
    return StoryPairs(labelled, apart, [_situation(one, tools) for one in scenarios])


def _apart(newswire: Path, tools: Tools) -> list[tuple[Profile, Profile]]:
    """Pairs of items that are of no event together. Those of two times, as if of one day, so that what parts them is learned from
    the texts: some drawn at random, and the most alike. And the most alike of one time that were filed under different topics.
    """
    topics = sets.newswire_topics(newswire)
    filed = [sets.newswire(newswire, _ITEMS, start) for start in (0, _LATER)]
    early, late = (profiles_of(bodies, tools) for bodies in filed)
    far = _by_likeness(likely_pairs(early, late), early, late)
    chosen = np.random.default_rng(1).permutation(len(far))[:_PAIRS]
    found = [(early[i], replace(late[j], at=early[i].at)) for i, j in (*far[: _PAIRS // 2], *(far[k] for k in chosen))]
    for bodies, profiles in zip(filed, (early, late), strict=True):
        of = [topics[body["external_id"]] for body in bodies]
        near = [(i, j) for i, j in likely_pairs(profiles) if of[i] and of[j] and of[i].isdisjoint(of[j])]
        found += [(profiles[i], profiles[j]) for i, j in _by_likeness(near, profiles, profiles)[: _PAIRS // 4]]
    return found


def _by_likeness(pairs: list[tuple[int, int]], one: Sequence[Profile], other: Sequence[Profile]) -> list[tuple[int, int]]:
    return sorted(pairs, key=lambda pair: -float(one[pair[0]].mean_vector @ other[pair[1]].mean_vector))


def _situation(scenario: Scenario, tools: Tools) -> Situation:
    """All pairs but those of one report, of which no story weight is ever asked."""
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(scenario.bodies)
        reports, entries = pipeline.reports(ids), [pipeline.entry(one) for one in ids]
        places = [(i, j) for i, j in combinations(range(len(ids)), 2) if reports[i] != reports[j]]
        table = table_of(pipeline.corpus.chances.features(entries[i], entries[j]) for i, j in places)
    return Situation(scenario.stories, places, table)


def profiles_of(bodies: list[Body], tools: Tools) -> list[Profile]:
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        return [pipeline.entry(one).profile for one in pipeline.ingest(bodies)]
