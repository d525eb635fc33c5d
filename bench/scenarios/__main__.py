"""Shows which scenarios come out otherwise than an editor would have them, and why.

    python -m bench.scenarios [learn | develop | held_out] [--only NAME] [--chances] [--cache FOLDER]

Each is taken in alone into an empty service. `--chances` shows, for every pair of articles, the chance of one event.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from bench.quality.pipeline import Pipeline, open_pipeline
from bench.quality.tools import quieten
from bench.quality.vectors import RememberingEncoder
from bench.scenarios.reading import PARTS, Scenario, groups_of, is_right, read
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS, default="develop")
    parser.add_argument("--only", help="scenarios with this in their names")
    parser.add_argument("--chances", action="store_true")
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings between runs")
    options = parser.parse_args()
    quieten()
    encoder = RememberingEncoder(Settings(), options.cache)
    registry, weights = load_registry(), load_weights()
    right = {"stories": 0, "reports": 0}
    judged = {"stories": 0, "reports": 0}
    for scenario in read(options.part):
        if options.only and options.only not in scenario.name:
            continue
        with open_pipeline(encoder, registry, weights) as pipeline:
            ids = pipeline.ingest(scenario.bodies)
            found = {"stories": pipeline.stories(ids), "reports": pipeline.reports(ids)}
            wrong = []
            for kind, gold in (("stories", scenario.stories), ("reports", scenario.reports)):
                if gold is not None:
                    judged[kind] += 1
                    if is_right(gold, found[kind]):
                        right[kind] += 1
                    else:
                        wrong.append(kind)
            print(f"{'WRONG ' + ' and '.join(wrong) if wrong else 'right':22} {scenario.name}: {scenario.about}")
            for kind in wrong:
                gold = scenario.stories if kind == "stories" else scenario.reports
                print(f"    {kind}: {_shown(scenario, found[kind])}  instead of  {_shown(scenario, gold or [])}")
            if wrong or options.only:
                _explain(scenario, pipeline, ids, everything=options.chances)
    print(", ".join(f"{kind}: {right[kind]} of {judged[kind]} right" for kind in right))
    encoder.save()


def _shown(scenario: Scenario, labels: Sequence[str]) -> str:
    names = [body["external_id"].rpartition("/")[2] for body in scenario.bodies]
    return " | ".join(" ".join(names[i] for i in group) for group in sorted(groups_of(labels)))


def _explain(scenario: Scenario, pipeline: Pipeline, ids: Sequence[str], *, everything: bool) -> None:
    """The pairs of a scenario: how much each shares, and the chance of one event with what weighs most in it."""
    corpus, entries = pipeline.corpus, [pipeline.entry(one) for one in ids]
    names = [body["external_id"].rpartition("/")[2] for body in scenario.bodies]
    for i, j in combinations(range(len(ids)), 2):
        a, b = entries[i], entries[j]
        shares = corpus.shared[a.key].get(b.key)
        chance = corpus.chances.of(a, b)
        if not everything and (scenario.stories[i] == scenario.stories[j]) == (chance >= pipeline.weights.story_threshold):
            continue
        copy = ""
        if shares is not None:
            notes = ("is_form", "is_fragment", "is_attested", "is_retold", "has_lead", "lead_held")
            told = [name for name in notes if getattr(shares, name)]
            copy = f"shares {shares.mine:.2f}/{shares.theirs:.2f} {' '.join(told)}"
        weights = pipeline.weights.story
        parts = {name: weights[name] * value for name, value in corpus.chances.features(a, b).items()}
        most = sorted(parts.items(), key=lambda row: -abs(row[1]))[:9]
        print(f"    {names[i]} {names[j]}: {chance:.3f} {copy}\n        " + " ".join(f"{n} {v:+.1f}" for n, v in most))


if __name__ == "__main__":
    main()
