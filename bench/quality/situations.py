"""Invented news in which it is easy to err (bench/scenarios), as far as nobody learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.quality import metrics
from bench.quality.pipeline import Body, open_pipeline
from bench.quality.result import SetResult
from bench.quality.rivals import partition_rivals
from bench.quality.sets import full_text
from bench.quality.tools import Tools
from bench.scenarios.reading import HELD_OUT, Scenario, is_right, read


def scenarios(_: Path, tools: Tools) -> SetResult:
    """Each taken in alone, and all in one service: agencies and places recur among them, as they do in the news."""
    held_out = read(HELD_OUT)
    bodies = [body for one in held_out for body in one.bodies]
    result = SetResult("scenarios", f"{len(bodies)} invented articles in {len(held_out)} scenarios")
    alone = [_partitions(one.bodies, tools) for one in held_out]
    stories = [is_right(one.stories, found) for one, (found, _) in zip(held_out, alone, strict=True)]
    reports = [is_right(one.reports, found) for one, (_, found) in zip(held_out, alone, strict=True) if one.reports]
    result.add("stories_right", f"scenarios with all stories right, of {len(stories)}", sum(stories))
    result.add("reports_right", f"scenarios with all reports right, of {len(reports)}", sum(reports))
    found_stories, found_reports = _partitions(bodies, tools)
    gold = [label for one in held_out for label in one.stories]
    _add(result, "stories", gold, found_stories)
    # No report is labelled where editors could differ.
    labelled = [(label, found) for label, found in zip(_reports_of(held_out), found_reports, strict=True) if label]
    _add(result, "reports", *zip(*labelled, strict=True))
    result.rivals = partition_rivals([full_text(body) for body in bodies], gold, tools.encoder, "stories")
    return result


def _partitions(bodies: Sequence[Body], tools: Tools) -> tuple[list[str], list[str]]:
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(bodies)
        return pipeline.stories(ids), pipeline.reports(ids)


def _reports_of(held_out: Sequence[Scenario]) -> list[str]:
    return [label for one in held_out for label in one.reports or [""] * len(one.bodies)]


def _add(result: SetResult, key: str, gold: Sequence[str], found: Sequence[str]) -> None:
    noise = metrics.cluster_noise(gold, found)
    result.add_partition(key, f"{key}, all in one service", metrics.bcubed(gold, found), metrics.pairs(gold, found), noise)
