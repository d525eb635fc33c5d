"""Story partitions: ecbplus on topics that the weights never saw, gedikli as shipped. Calibration of story membership."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.quality import metrics
from bench.quality.labelled_stories import learning_pairs
from bench.quality.learning import folds
from bench.quality.pipeline import Pipeline, open_pipeline
from bench.quality.result import SetResult
from bench.quality.rivals import partition_rivals
from bench.quality.sets import full_text, labelled_articles
from bench.quality.tools import Tools


def ecbplus(folder: Path, tools: Tools) -> SetResult:
    """Five folds by topic: all articles are ingested each time, with story weights learned on the other topics alone; only the
    articles of the fold's topics are scored, but what any article is merged with counts.
    """
    data = labelled_articles(folder / "articles.jsonl", "subtopic", "topic")
    result = SetResult(
        "ecbplus", f"{len(data.bodies)} articles, {len(set(data.labels))} events of {len(set(data.groups))} topics"
    )
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(data.bodies)
        shipped = pipeline.stories(ids)
        profiles = [pipeline.entry(one).profile for one in ids]
    pairs = learning_pairs(profiles, folder.parent / "reuters21578" / "articles.jsonl.xz", tools)
    precision, recall = np.zeros(len(ids)), np.zeros(len(ids))
    counts = metrics.Pairs(0, 0, 0, 0)
    claims: list[tuple[float, bool]] = []
    fold_labels: list[str] = [""] * len(ids)
    for number, (learned_on, measured_on) in enumerate(folds(data.groups)):
        weights = pairs.calibrated(pairs.learn(data.labels, learned_on, tools.weights), data.labels, data.groups, learned_on)
        with open_pipeline(tools.encoder, tools.registry, weights) as pipeline:
            ids = pipeline.ingest(data.bodies)
            found = pipeline.stories(ids)
            claims += membership_claims(pipeline, ids, found, data.labels, measured_on)
        one, two = metrics.bcubed_items(data.labels, found)
        precision[measured_on], recall[measured_on] = one[measured_on], two[measured_on]
        counts += metrics.pairs(data.labels, found, focus=measured_on)
        for i in measured_on:
            fold_labels[i] = f"{number}:{found[i]}"
        tools.say(f"ecbplus: fold {number + 1} of 5")
    unseen = metrics.Rates(float(precision.mean()), float(recall.mean()))
    noise = metrics.cluster_noise(data.labels, fold_labels)
    result.add_partition("stories", "stories, topics unseen (five folds)", unseen, counts, noise)
    result.add_partition(
        "seen",
        "stories, weights as shipped (may have learned on these topics)",
        metrics.bcubed(data.labels, shipped),
        metrics.pairs(data.labels, shipped),
        metrics.cluster_noise(data.labels, shipped),
    )
    result.add_calibration("membership", "story membership, topics unseen", claims)
    result.rivals = partition_rivals([full_text(body) for body in data.bodies], data.labels, tools.encoder, "stories")
    return result


def gedikli(folder: Path, tools: Tools) -> SetResult:
    data = labelled_articles(folder / "articles.jsonl", "story")
    result = SetResult("gedikli", f"{len(data.bodies)} articles, {len(set(data.labels))} stories")
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        found = pipeline.stories(pipeline.ingest(data.bodies))
    result.add_partition(
        "stories",
        "stories, weights as shipped",
        metrics.bcubed(data.labels, found),
        metrics.pairs(data.labels, found),
        metrics.cluster_noise(data.labels, found),
    )
    result.rivals = partition_rivals([full_text(body) for body in data.bodies], data.labels, tools.encoder, "stories")
    return result


def membership_claims(
    pipeline: Pipeline, ids: Sequence[str], stories: Sequence[str], gold: Sequence[str], chosen: Sequence[int]
) -> list[tuple[float, bool]]:
    """For each chosen article that shares its story: the confidence of its membership, and whether most of the others are of its
    own event.
    """
    members: dict[str, list[int]] = {}
    for i, story in enumerate(stories):
        members.setdefault(story, []).append(i)
    articles = pipeline.articles(ids)
    found = []
    for i in chosen:
        others = [j for j in members[stories[i]] if j != i]
        findings = articles[i].findings
        if others and findings is not None and findings.membership is not None:
            right = 2 * sum(gold[j] == gold[i] for j in others) >= len(others)
            found.append((findings.membership.confidence, right))
    return found
