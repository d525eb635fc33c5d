"""Learns the story weights from labelled articles, and how sure a story membership is.

    python -m bench.train_stories DATA [--cache FOLDER] [--weights FILE]

DATA holds ecbplus/articles.jsonl and reuters21578/articles.jsonl.xz. The weights are learned on all of the first, with pairs of
the second that are of no event together and the scenarios of bench/scenarios that are there to be learned from; for membership,
on a part of these at a time, and Platt's two figures are fitted to claims about the rest. How well both hold for topics left out
altogether is measured by `bench.quality --only ecbplus`, and for scenarios that nobody learned from by `--only scenarios`. Only
the story and membership parts of FILE change.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.quality.labelled_stories import SOURCES, learning_pairs, profiles_of
from bench.quality.sets import labelled_articles
from bench.quality.tools import Tools, quieten
from bench.quality.vectors import RememberingEncoder
from bench.weights_file import put
from service.domain.story_similarity import STORY_FEATURES
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings

_DAYS_WEIGHT = -0.4
"""By hand: as learned on the scenarios alone. Labelled events have no dates, and pairs of two months are as if of one day."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings between runs")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    quieten()
    shipped = load_weights(options.weights)
    shipped = replace(shipped, story={**shipped.story, "days_apart": _DAYS_WEIGHT})
    encoder = RememberingEncoder(Settings(), options.cache)
    tools = Tools(encoder, load_registry(), shipped, print)
    data = labelled_articles(options.data / "ecbplus" / "articles.jsonl", "subtopic", "topic")
    pairs = learning_pairs(profiles_of(data.bodies, tools), options.data / "reuters21578" / "articles.jsonl.xz", tools)
    encoder.save()
    everything = list(range(len(data.bodies)))
    found = pairs.calibrated(pairs.learn(data.labels, everything, shipped), data.labels, data.groups, everything)
    learned = {
        "command": "python -m bench.train_stories DATA --weights service/data/weights.json",
        "date": datetime.now(UTC).date().isoformat(),
    }
    story = {
        "intercept": round(found.story_intercept, 4),
        "threshold": found.story_threshold,
        "weights": {name: round(found.story[name], 4) for name in STORY_FEATURES},
        "learned": learned | {"data": f"{SOURCES}; days_apart by hand"},
    }
    membership = {
        "intercept": round(found.membership_intercept, 4),
        "slope": round(found.membership_slope, 4),
        "learned": learned | {"data": f"{SOURCES}; claims about topics that the weights had not seen"},
    }
    print(json.dumps({"story": story, "membership": membership}, indent=1))
    if options.weights:
        put(options.weights, "story", story)
        put(options.weights, "membership", membership)


if __name__ == "__main__":
    main()
