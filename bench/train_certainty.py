"""Learns how sure links and origins are, from generated copy of which the lineage is known.

    python -m bench.train_certainty [--seeds 21 22 …] [--events 30] [--cache FOLDER] [--weights FILE]

Platt's two figures for each ground of a claim. The corpora of `bench.quality` (seeds 1 to 3) and the labelled sets teach nothing.
Only the certainty part of FILE changes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.quality.tools import quieten
from bench.quality.vectors import RememberingEncoder
from bench.spread.score import Claims, claims
from bench.spread.simulation import Simulation
from bench.weights_file import put
from service.domain.certainty import GROUNDS, log_odds
from service.resources import load_weights
from service.settings import Settings

_MEASURED_SEEDS = frozenset({1, 2, 3})
_INTERCEPT_SPREAD = 1.0
_SLOPE_SPREAD = 0.5
_STEPS = 50


def learned(found: Claims) -> dict[str, dict[str, float]]:
    """Intercept, slope and number of claims by ground; a ground on which nothing was claimed is left out."""
    rows: dict[str, list[tuple[float, bool]]] = {ground: [] for ground in GROUNDS}
    for ground, sure, right in found.links:
        rows[ground].append((sure, right))
    rows["origin"] = found.origins
    return {ground: {**_platt(each), "claims": len(each)} for ground, each in rows.items() if each}


def _platt(rows: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """By Newton's method. The rules' own claims (0 and 1) hold until some dozens contradict them. How strongly they hold was
    chosen by leaving out one seed at a time: the weakest prior with which every slope stays above 0, so that the order of the
    claims stays too.
    """
    x = np.array([[1.0, log_odds(sure)] for sure, _ in rows])
    right = np.array([is_right for _, is_right in rows], dtype=float)
    figures, prior, strength = np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([_INTERCEPT_SPREAD**-2, _SLOPE_SPREAD**-2])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-x @ figures))
        slope = x.T @ (said - right) + strength * (figures - prior)
        figures = figures - np.linalg.solve((x.T * (said * (1 - said))) @ x + np.diag(strength), slope)
    return {"intercept": round(float(figures[0]), 4), "slope": round(float(figures[1]), 4)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(21, 28)))
    parser.add_argument("--events", type=int, default=30)
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings between runs")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    if _MEASURED_SEEDS & set(options.seeds):
        parser.error("seeds 1 to 3 are those that are measured")
    quieten()
    encoder = RememberingEncoder(Settings(), options.cache)
    weights = replace(load_weights(options.weights), certainty={})
    found = Claims()
    for seed in options.seeds:
        one = claims(Simulation(options.events, seed).arrivals(), encoder, weights)
        found.links += one.links
        found.origins += one.origins
        encoder.save()
    certainty: dict[str, Any] = {
        "learned": {
            "command": "python -m bench.train_certainty --weights service/data/weights.json",
            "data": f"bench.spread, {options.events} events, seeds {', '.join(map(str, options.seeds))}",
            "date": datetime.now(UTC).date().isoformat(),
        },
        **learned(found),
    }
    print(json.dumps(certainty, indent=1))
    if options.weights:
        put(options.weights, "certainty", certainty)


if __name__ == "__main__":
    main()
