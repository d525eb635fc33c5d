"""Generated copy: invented texts that spread under edits, credits and wrong clocks of which everything is known.

The copy weights learned some of their traps from other corpora of the same generator; nothing else did. Needs no folder, so that
anybody can repeat it at any size (`python -m bench.spread`).
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bench.quality.result import Rival, SetResult
from bench.quality.tools import Tools
from bench.spread.rivals import WHY
from bench.spread.score import run
from bench.spread.simulation import Simulation

_EVENTS = 30
_SEEDS = (1, 2, 3)


def spread(_: Path, tools: Tools) -> SetResult:
    """Means over independent corpora; the noise is the standard error of that mean."""
    found = []
    for seed in _SEEDS:
        found.append(run(Simulation(_EVENTS, seed).arrivals(), tools.encoder, examples=0))
        tools.say(f"spread: corpus {len(found)} of {len(_SEEDS)}")
    result = SetResult(
        "spread", f"{sum(one['articles'] for one in found):,} articles in {len(_SEEDS)} corpora of {_EVENTS} events"
    )
    for key, label, path in (
        ("reports_b3", "reports: B3 F1", ("reports", "b3", "f1")),
        ("reports_pair", "reports: pair F1", ("reports", "pair", "f1")),
        ("stories_b3", "stories: B3 F1", ("stories", "b3", "f1")),
        ("stories_pair", "stories: pair F1", ("stories", "pair", "f1")),
        ("copied_precision", "copied paragraphs: precision", ("copied_paragraphs", "precision")),
        ("copied_recall", "copied paragraphs: recall", ("copied_paragraphs", "recall_all")),
        ("parents", "direct parents F1", ("parents", "pipeline", "f1")),
        (
            "parents_traceable",
            "direct parents F1, where the text or a credit can tell",
            ("parents", "pipeline, where the text or a credit can tell", "f1"),
        ),
        ("origins", "origin where it can be known", ("origins", "determinable", "share")),
        ("derivation", "derivation labels", ("derivation", "accuracy")),
    ):
        values = [_at(one, path) for one in found]
        result.add(key, label, statistics.fmean(values), statistics.stdev(values) / len(values) ** 0.5)
    claimed = [_at(one, ("origins", "claimed_where_not", "share")) for one in found]
    noise = statistics.stdev(claimed) / len(claimed) ** 0.5
    result.add("origins_claimed", "origin claimed where it cannot be known", statistics.fmean(claimed), noise, "down")
    for key, label in (("links", "direct sources"), ("origins", "origins")):
        result.add_calibration(key, label, [claim for one in found for claim in one["calibration"][key]["claims"]])
    for method, why in WHY.items():
        mean = statistics.fmean(_at(one, ("parents", method, "f1")) for one in found)
        result.rivals.append(Rival(method, None, False, why, {"parents": round(mean, 4)}))
    return result


def _at(found: Any, path: tuple[str, ...]) -> float:
    for name in path:
        found = found[name]
    return float(found)
