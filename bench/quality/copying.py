"""The cascade: simulated reprints whose lineage is known exactly. Reports, copied paragraphs, parents, origins, derivation.

The definitions are those of a client that reads every article's matches and provenance over HTTP.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.credits import organisation_key
from bench.quality import metrics, sets
from bench.quality.pipeline import Body, Pipeline, open_pipeline
from bench.quality.result import SetResult
from bench.quality.rivals import partition_rivals
from bench.quality.tools import Tools
from service.domain.models import COPY_KINDS, Article

Truth = Mapping[str, dict[str, Any]]
_LEVELS = {"verbatim": "verbatim", "light": "lightly edited", "rewritten": "rewritten", "spun": "spun"}


class Lineage:
    """Which wire paragraph each paragraph descends from."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._wires = {key: f"{t['story']}:wire" for key, t in truth.items() if t["parent"] is None}
        self._roots: dict[tuple[str, int], tuple[str, int]] = {}

    def of(self, key: str, paragraph: int) -> tuple[str, int]:
        article, index = self._root(key, paragraph)
        return self._wires.get(article, article), index

    def _root(self, key: str, paragraph: int) -> tuple[str, int]:
        here = (key, paragraph)
        if here not in self._roots:
            self._roots[here] = here
            for index, source, source_paragraph, _ in self._truth[key]["copied"]:
                if index == paragraph:
                    wire = (f"{self._truth[key]['story']}:wire", source_paragraph)
                    self._roots[here] = wire if source is None else self._root(source, source_paragraph)
        return self._roots[here]


@dataclass(slots=True)
class _Claims:
    """Pairs of paragraphs said to carry the same copy: from which side, and confidence and correctness of each pair once."""

    by_article: dict[str, set[tuple[int, str, int]]] = field(default_factory=lambda: defaultdict(set))
    right: int = 0
    wrong: int = 0
    once: dict[frozenset[tuple[str, int]], tuple[float, bool]] = field(default_factory=dict)


def cascade(folder: Path, tools: Tools) -> SetResult:
    bodies, truth = sets.cascade(folder)
    keys = [body["external_id"] for body in bodies]
    result = SetResult("cascade", f"{len(keys)} articles, {len({t['report'] for t in truth.values()})} reports")
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(bodies)
        tools.say("cascade: ingested")
        articles = dict(zip(keys, pipeline.articles(ids), strict=True))
        key_of = dict(zip(ids, keys, strict=True))
        claims = _claims(pipeline, bodies, articles, key_of, truth)
        tools.say(f"cascade: {len(claims.once):,} pairs of paragraphs checked")
    for key, label in (("reports", "reports, untuned"), ("stories", "stories (a lower bound)")):
        name = key.removesuffix("s").replace("storie", "story")
        gold = [truth[k][name] for k in keys]
        found = [_cluster(articles[k], name) for k in keys]
        noise = metrics.cluster_noise(gold, found)
        result.add_partition(key, label, metrics.bcubed(gold, found), metrics.pairs(gold, found), noise)
    _add_paragraphs(result, bodies, truth, claims)
    _add_provenance(result, bodies, articles, key_of, truth)
    result.add_calibration("match", "matches", list(claims.once.values()))
    result.add_calibration("reworded", "matches that are not verbatim", [c for c in claims.once.values() if c[0] < 1])
    gold = [truth[k]["report"] for k in keys]
    result.rivals = partition_rivals([sets.full_text(body) for body in bodies], gold, tools.encoder, "reports")
    return result


def _cluster(article: Article, level: str) -> str:
    assert article.findings is not None
    return article.findings.report_id if level == "report" else article.findings.story_id


def _claims(
    pipeline: Pipeline, bodies: Sequence[Body], articles: Mapping[str, Article], key_of: Mapping[str, str], truth: Truth
) -> _Claims:
    lineage, claims = Lineage(truth), _Claims()
    text = {body["external_id"]: body["paragraphs"] for body in bodies}
    grams: dict[tuple[str, int], set[tuple[str, ...]]] = {
        (key, i): trigrams(paragraph) for key, paragraphs in text.items() for i, paragraph in enumerate(paragraphs)
    }
    for key, article in articles.items():
        for match in pipeline.query.matches(article.id).items:
            other = key_of[match.article_id]
            sure = unit_confidences(pipeline, article, articles[other])
            for pair in match.pairs:
                if pair.kind not in COPY_KINDS:
                    continue
                here, there = (key, pair.paragraph), (other, pair.other_paragraph)
                claims.by_article[key].add((pair.paragraph, other, pair.other_paragraph))
                is_right = lineage.of(*here) == lineage.of(*there) or contained(grams[here], grams[there]) >= 0.5
                claims.right += is_right
                claims.wrong += not is_right
                claims.once[frozenset((here, there))] = (sure[pair.paragraph, pair.other_paragraph], is_right)
    return claims


def unit_confidences(pipeline: Pipeline, article: Article, other: Article) -> dict[tuple[int, int], float]:
    """By paragraphs of the two articles: the confidence of the surest copy verdict on their units; equal units are certain."""
    places = defaultdict(list)
    for unit in other.units:
        places[unit.key].append(unit.paragraph)
    found: dict[tuple[int, int], float] = defaultdict(float)
    for unit in article.units:
        sure = {unit.key: 1.0}
        for pair in pipeline.corpus.pairs_of(unit.key):
            if pair.kind in COPY_KINDS:
                sure[pair.b if pair.a == unit.key else pair.a] = pair.confidence
        for key, confidence in sure.items():
            for paragraph in places.get(key, ()):
                found[unit.paragraph, paragraph] = max(found[unit.paragraph, paragraph], confidence)
    return found


def trigrams(text: str) -> set[tuple[str, ...]]:
    found = sets.words(text)
    return {tuple(found[k : k + 3]) for k in range(len(found) - 2)}


def contained(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    """Share of the shorter text's word trigrams that stand in the other."""
    return len(a & b) / max(1, min(len(a), len(b)))


def _add_paragraphs(result: SetResult, bodies: Sequence[Body], truth: Truth, claims: _Claims) -> None:
    total = claims.right + claims.wrong
    precision = claims.right / total if total else 1.0
    result.add("copied_precision", "copied paragraphs: precision", precision, metrics.share_noise(precision, total))
    hits: dict[str, list[bool]] = defaultdict(list)
    for body in bodies:
        key = body["external_id"]
        said = {(paragraph, other) for paragraph, other, _ in claims.by_article[key]}
        for paragraph, source, _, level in truth[key]["copied"]:
            if source is not None and len(sets.words(body["paragraphs"][paragraph])) >= sets.LEAST_WORDS:
                hits[level].append((paragraph, source) in said)
    for level, label in _LEVELS.items():
        recall = sum(hits[level]) / max(1, len(hits[level]))
        noise = metrics.share_noise(recall, len(hits[level]))
        result.add(f"copied_recall_{level}", f"copied paragraphs: recall, {label} ({len(hits[level]):,})", recall, noise)


def _add_provenance(
    result: SetResult, bodies: Sequence[Body], articles: Mapping[str, Article], key_of: Mapping[str, str], truth: Truth
) -> None:
    """Direct parents, origins and derivation labels; roundups have none of them."""
    credited = _credited_reports(bodies, truth)
    present = {t["story"] for t in truth.values() if t["parent"] is None}
    parents: list[tuple[int, int, int]] = []
    known: list[bool] = []
    unknown: list[bool] = []
    labels: list[tuple[float, bool]] = []
    for key, article in articles.items():
        t, findings = truth[key], article.findings
        assert findings is not None
        if t["carry"] == "roundup":
            continue
        names = {organisation.id: organisation.name for organisation in findings.organisations}
        said = {
            key_of.get(link.source) or "org:" + organisation_key(names.get(link.source.removeprefix("org:"), link.source))
            for link in findings.links
            if link.target == article.id and link.relation in ("carried", "revision", "translation")
        }
        wanted = t["parent"]
        if wanted and wanted.startswith("org:"):
            wanted = "org:" + organisation_key(wanted[4:])
        parents.append((wanted in said, len(said), wanted is not None))
        origin = findings.origin
        claimed = None
        if origin.kind == "organisation" and origin.organisation:
            claimed = organisation_key(origin.organisation.name)
        elif origin.kind == "article" and origin.article_id:
            root = truth[key_of[origin.article_id]]
            claimed = organisation_key(root["origin"]) if root["parent"] is None else "article"
        if t["story"] in present or t["report"] in credited:
            known.append(claimed == organisation_key(t["origin"]))
        else:
            unknown.append(claimed not in (None, "article"))
        labels.append((findings.derivation.confidence, findings.derivation.label == t["derivation"]))
    result.add("parents_f1", "direct parents: F1", _parents(parents), metrics.resampled(parents, _parents))
    for name, label, cases in (
        ("origin", "origin where it can be known: accuracy", known),
        ("derivation", "derivation label: accuracy", [right for _, right in labels]),
    ):
        share = sum(cases) / max(1, len(cases))
        result.add(name, f"{label} ({len(cases):,})", share, metrics.share_noise(share, len(cases)))
    share = sum(unknown) / max(1, len(unknown))
    noise = metrics.share_noise(share, len(unknown))
    result.add("origin_overclaimed", f"origin claimed where it cannot be known ({len(unknown):,})", share, noise, "down")
    result.add_calibration("derivation", "derivation labels", labels)


def _parents(rows: Sequence[tuple[int, int, int]]) -> float:
    right = sum(row[0] for row in rows)
    return metrics.rates(right, sum(row[1] for row in rows) - right, sum(row[2] for row in rows) - right).f1


def _credited_reports(bodies: Sequence[Body], truth: Truth) -> set[str]:
    """Reports of which some article names the origin anywhere."""
    found = set()
    for body in bodies:
        t = truth[body["external_id"]]
        text = " ".join([*body["paragraphs"], *(body.get("authors") or [])])
        short = {"Associated Press": "AP", "PA Media": "PA"}.get(t["origin"], t["origin"])
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in (t["origin"], short)):
            found.add(t["report"])
    return found
