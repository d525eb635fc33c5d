"""Reads the data files that ship with the service: learned weights and the registry of organisations."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from service.domain.certainty import GROUNDS
from service.domain.evidence import COPY_FEATURES
from service.domain.matching import Weights
from service.domain.story_similarity import STORY_FEATURES


def load_weights(path: Path | None = None) -> Weights:
    """The weights file of this release, or another one of the same form. ValueError when a feature is missing."""
    text = path.read_text(encoding="utf8") if path else files("service").joinpath("data/weights.json").read_text(encoding="utf8")
    record = json.loads(text)
    copying, story = record["copy"], record["story"]
    missing = (set(COPY_FEATURES) - copying["weights"].keys()) | (set(STORY_FEATURES) - story["weights"].keys())
    if missing:
        raise ValueError(f"the weights file names no weight for {', '.join(sorted(missing))}")
    return Weights(
        version=record["version"],
        copy_intercept=copying["intercept"],
        copy={name: copying["weights"][name] for name in COPY_FEATURES},
        copy_threshold=copying["threshold"],
        story_intercept=story["intercept"],
        story={name: story["weights"][name] for name in STORY_FEATURES},
        story_threshold=story["threshold"],
        membership_intercept=record["membership"]["intercept"],
        membership_slope=record["membership"]["slope"],
        certainty={
            ground: (record["certainty"][ground]["intercept"], record["certainty"][ground]["slope"])
            for ground in GROUNDS
            if ground in record.get("certainty", {})
        },
    )
