"""Credits and bylines against their labels, and the newswire of 1987: a stream without labels that invites false merging."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

from bench import bylines as byline_scorer
from bench import credits as credit_scorer
from bench.quality import metrics, sets
from bench.quality.pipeline import Pipeline, open_pipeline
from bench.quality.result import SetResult
from bench.quality.tools import Tools
from service.domain.segmentation import read_article
from service.domain.urls import UrlError, site_of

_NEWSWIRE_ITEMS = 4_000
_SAMPLE = 200
_SHOWN_CHARACTERS = 1_500


def credits_set(folder: Path, tools: Tools) -> SetResult:
    """Credited organisations of somebody else, per document."""
    score = credit_scorer.score(folder)
    right, wrong, missed = score["right"], score["wrong"], score["missed"]
    result = SetResult("credits", f"{right + missed} credits of others in labelled documents")
    precision, recall = score["precision"], score["recall"]
    cases = [(1, 1, 1)] * right + [(0, 1, 0)] * wrong + [(0, 0, 1)] * missed
    result.add("precision", "credits: precision", precision, metrics.share_noise(precision, right + wrong))
    result.add("recall", "credits: recall", recall, metrics.share_noise(recall, right + missed))
    result.add("f1", "credits: F1", score["f1"], metrics.resampled(cases, _f1))
    result.add("kind", "credits: kind accuracy", score["kind_accuracy"], metrics.share_noise(score["kind_accuracy"], right))
    tools.say("credits: scored")
    return result


def _f1(cases: list[tuple[int, int, int]]) -> float:
    right = sum(case[0] for case in cases)
    return metrics.rates(right, sum(case[1] for case in cases) - right, sum(case[2] for case in cases) - right).f1


def wire_bylines(folder: Path, tools: Tools) -> SetResult:
    """Byline, headline and URL alone, without any text: the agency a byline names is found, a station's call sign is none.
    How many of another detector's errors go, how many of its true flags stay.
    """
    rows = sets.bylines(folder / "rows.jsonl")
    said: dict[bool, list[bool]] = {True: [], False: []}
    for row in rows:
        try:
            site = site_of(row["url"])
        except UrlError:
            site = "unknown.example"
        reading = read_article(
            (),
            title=row["headline"] or "",
            authors=tuple(row["authors"]),
            outlet_site=site,
            outlet_name=row["outlet"] or "",
            language="en",
            registry=tools.registry,
        )
        own = tools.registry.outlet(site, row["outlet"] or "")
        claimed = any(c.kind != "photo" and c.organisation.id != own.id for c in reading.credits)
        said[not row["not_wire"]].append(claimed)
    result = SetResult("wire_bylines", f"{len(rows):,} bylines of 29 outlets")
    wire, local = said[True], said[False]
    share = sum(wire) / max(1, len(wire))
    result.add(
        "named", f"byline of a wire piece taken for a credit ({len(wire):,})", share, metrics.share_noise(share, len(wire))
    )
    share = sum(local) / max(1, len(local))
    noise = metrics.share_noise(share, len(local))
    result.add("local", f"byline of a local piece taken for a credit ({len(local):,})", share, noise, "down")
    hints = byline_scorer.score(folder / "rows.jsonl")["figures"]
    for part in ("all fields", "all fields, held out", "without byline"):
        found = hints[part]
        for key, label, of in (("errors_removed", "errors removed", "errors"), ("true_kept", "true flags kept", "true")):
            noise = metrics.share_noise(found[key], found[of])
            result.add(f"{part}_{key}", f"another detector's {label}, {part} ({found[of]:,})", found[key], noise)
    return result


def reuters21578(folder: Path, tools: Tools) -> SetResult:
    """The first items by time of one agency: how many stand in one report. A sample goes to a file for reading; whether its
    merges are right is for the reader to say.
    """
    bodies = sets.newswire(folder / "articles.jsonl.xz", _NEWSWIRE_ITEMS)
    result = SetResult("reuters21578", f"{len(bodies):,} items, the first by time")
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(bodies)
        tools.say("reuters21578: ingested")
        reports: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(pipeline.reports(ids)):
            reports[name].append(i)
        stories: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(pipeline.stories(ids)):
            stories[name].append(i)
        several = sorted((members for members in reports.values() if len(members) > 1), key=min)
        chosen = sorted(random.Random(1).sample(several, min(_SAMPLE, len(several))), key=min)
        if tools.sample is not None:
            tools.sample.write_text(_sample(pipeline, ids, bodies, chosen), encoding="utf8")
    for key, label, value in (
        ("reports", "reports", len(reports)),
        ("joined_reports", "reports of two or more items", len(several)),
        ("joined_items", "items in those", sum(map(len, several))),
        ("largest_report", "items of the largest report", max(map(len, reports.values()))),
        ("largest_story", "items of the largest story", max(map(len, stories.values()))),
    ):
        result.add(key, label, value, better="none")
    return result


def _sample(pipeline: Pipeline, ids: list[str], bodies: list[dict], chosen: list[list[int]]) -> str:
    """Plain text to read: each report with its items and how much of each stands in the others."""
    corpus, lines = pipeline.corpus, []
    for number, members in enumerate(chosen, 1):
        lines.append(f"{'=' * 100}\nREPORT {number} of {len(chosen)}: {len(members)} items   verdict (right/false): ____\n")
        for i in members:
            row = corpus.shared[corpus.key_of[ids[i]]]
            most = max((row[k].mine for j in members if j != i and (k := corpus.key_of[ids[j]]) in row), default=0.0)
            text = "\n  ".join(bodies[i]["paragraphs"])
            cut = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " ..."
            lines.append(f"--- {ids[i]} item {bodies[i]['external_id']} {bodies[i]['published_at']} shared {most:.2f}")
            lines.append(f"{bodies[i]['title']}\n  {cut}\n")
    return "\n".join(lines)
