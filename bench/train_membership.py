"""Learns how sure a story membership is from labelled stories, and says how well claims about unseen topics hold.

    python -m bench.train_membership DATA [--cache FOLDER] [--weights FILE]

DATA holds ecbplus/articles.jsonl. Story weights are learned on some of its topics, claims are made about the others, and Platt's
two figures are fitted to them. `bench.quality` measures the same with the topics of each fold left out altogether. Only the
membership part of FILE changes.
"""

from __future__ import annotations

import argparse
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bench.quality.learning import StoryPairs
from bench.quality.pipeline import open_pipeline
from bench.quality.sets import labelled_articles
from bench.quality.vectors import RememberingEncoder
from bench.weights_file import put
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings between runs")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    data = labelled_articles(options.data / "ecbplus" / "articles.jsonl", "subtopic", "topic")
    encoder, weights = RememberingEncoder(Settings(), options.cache), load_weights(options.weights)
    with open_pipeline(encoder, load_registry(), weights) as pipeline:
        ids = pipeline.ingest(data.bodies)
        encoder.save()
        pairs = StoryPairs([pipeline.entry(one).profile for one in ids])
    found = pairs.calibrated(weights, data.labels, data.groups, list(range(len(ids))))
    membership = {
        "learned": {
            "command": "python -m bench.train_membership DATA --weights service/data/weights.json",
            "data": "ECB+ (Cybulska and Vossen 2014), topics 1 to 22, claims about topics that the story weights had not seen",
            "date": datetime.now(UTC).date().isoformat(),
        },
        "intercept": round(found.membership_intercept, 4),
        "slope": round(found.membership_slope, 4),
    }
    print(json.dumps(membership, indent=1))
    if options.weights:
        put(options.weights, "membership", membership)


if __name__ == "__main__":
    main()
