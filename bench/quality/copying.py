"""The cascade: simulated reprints whose lineage is known exactly. Reports, copied paragraphs, parents, origins, derivation.

The definitions are those of a client that reads every article's matches and provenance over HTTP. The shipped copy weights were
learned on the same articles; so each half of the stories is measured with weights learned on the other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.credits import organisation_key
from bench.quality import metrics, sets
from bench.quality.claims import Truth, claims_of
from bench.quality.parents import parent_rivals
from bench.quality.pipeline import Body, open_pipeline
from bench.quality.result import SetResult
from bench.quality.rivals import partition_rivals
from bench.quality.tools import Tools
from bench.train_copy import CopyTeacher
from service.domain.matching import Weights
from service.domain.models import Article

_LEVELS = {"verbatim": "verbatim", "light": "lightly edited", "rewritten": "rewritten", "spun": "spun"}


@dataclass(slots=True)
class _Found:
    """What the service found about the articles of one half or of all, beside what is true."""

    clusters: dict[str, list[str]] = field(default_factory=lambda: {"report": [], "story": []})
    hits: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    right: int = 0
    wrong: int = 0
    pairs: list[tuple[float, bool]] = field(default_factory=list)
    parents: list[tuple[int, int, int]] = field(default_factory=list)
    origin_known: list[bool] = field(default_factory=list)
    origin_unknown: list[bool] = field(default_factory=list)
    labels: list[tuple[float, bool]] = field(default_factory=list)
    links: list[tuple[float, bool]] = field(default_factory=list)
    origins: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, other: _Found) -> None:
        """Takes over the cases of another half; clusters of two runs have nothing to do with each other and stay apart."""
        for level, cases in other.hits.items():
            self.hits[level] += cases
        self.right += other.right
        self.wrong += other.wrong
        self.pairs += other.pairs
        self.parents += other.parents
        self.origin_known += other.origin_known
        self.origin_unknown += other.origin_unknown
        self.labels += other.labels
        self.links += other.links
        self.origins += other.origins


def cascade(folder: Path, tools: Tools) -> SetResult:
    """Two halves by story: all articles are ingested each time; only the half that the copy weights have not seen is scored, but
    what any of its articles is matched or merged with counts.
    """
    bodies, truth = sets.cascade(folder)
    keys = [body["external_id"] for body in bodies]
    result = SetResult("cascade", f"{len(keys)} articles, {len({t['report'] for t in truth.values()})} reports")
    shipped = _measured(bodies, truth, set(keys), tools)
    tools.say("cascade: weights as shipped")
    teacher = CopyTeacher(folder, tools.encoder)
    unseen = _Unseen(truth, keys)
    stories = sorted({t["story"] for t in truth.values()})
    for number in range(2):
        weights = with_copy(tools.weights, teacher.taught_on(stories[1 - number :: 2]).as_weights())
        half = {key for key in keys if truth[key]["story"] in set(stories[number::2])}
        unseen.take(half, _measured(bodies, truth, half, replace(tools, weights=weights)))
        tools.say(f"cascade: half {number + 1} of 2")
    unseen.add_partitions(result)
    _add_paragraphs(result, unseen.found)
    _add_provenance(result, unseen.found)
    result.add_calibration("match", "matches", unseen.found.pairs)
    result.add_calibration("reworded", "matches that are not verbatim", [c for c in unseen.found.pairs if c[0] < 1])
    for level, labels in shipped.clusters.items():
        gold = [truth[key][level] for key in keys]
        b3, pair = metrics.bcubed(gold, labels), metrics.pairs(gold, labels)
        name = {"report": "reports", "story": "stories (a lower bound)"}[level]
        result.add_partition(
            f"shipped_{level}", f"{name}, weights as shipped (seen)", b3, pair, metrics.cluster_noise(gold, labels)
        )
    gold = [truth[k]["report"] for k in keys]
    result.rivals = partition_rivals([sets.full_text(body) for body in bodies], gold, tools.encoder, "reports")
    result.rivals += parent_rivals(bodies, truth, tools.registry)
    return result


def with_copy(weights: Weights, copy: Mapping[str, Any]) -> Weights:
    """`copy` as the weights file holds it."""
    return replace(weights, copy_intercept=copy["intercept"], copy=copy["weights"], copy_threshold=copy["threshold"])


class _Unseen:
    """Puts the halves together."""

    def __init__(self, truth: Truth, keys: Sequence[str]) -> None:
        self._keys = keys
        self._gold = {level: [truth[key][level] for key in keys] for level in ("report", "story")}
        self._precision = {level: np.zeros(len(keys)) for level in self._gold}
        self._recall = {level: np.zeros(len(keys)) for level in self._gold}
        self._pairs = {level: metrics.Pairs(0, 0, 0, 0) for level in self._gold}
        self._labels = {level: [""] * len(keys) for level in self._gold}
        self._halves = 0
        self.found = _Found()

    def take(self, half: Collection[str], found: _Found) -> None:
        chosen = [i for i, key in enumerate(self._keys) if key in half]
        for level, gold in self._gold.items():
            labels = found.clusters[level]
            precision, recall = metrics.bcubed_items(gold, labels)
            self._precision[level][chosen], self._recall[level][chosen] = precision[chosen], recall[chosen]
            self._pairs[level] += metrics.pairs(gold, labels, focus=chosen)
            for i in chosen:
                self._labels[level][i] = f"{self._halves}:{labels[i]}"
        self._halves += 1
        self.found.add(found)

    def add_partitions(self, result: SetResult) -> None:
        for level, key, label in (
            ("report", "reports", "reports, stories unseen"),
            ("story", "stories", "stories (a lower bound), stories unseen"),
        ):
            b3 = metrics.Rates(float(self._precision[level].mean()), float(self._recall[level].mean()))
            noise = metrics.cluster_noise(self._gold[level], self._labels[level])
            result.add_partition(key, label, b3, self._pairs[level], noise)


def _measured(bodies: Sequence[Body], truth: Truth, half: Collection[str], tools: Tools) -> _Found:
    """All articles are ingested, those of `half` are scored; `clusters` are those of all."""
    keys = [body["external_id"] for body in bodies]
    found = _Found()
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(bodies)
        articles = dict(zip(keys, pipeline.articles(ids), strict=True))
        key_of = dict(zip(ids, keys, strict=True))
        claims = claims_of(pipeline, bodies, articles, key_of, truth, half)
    found.clusters = {level: [_cluster(articles[key], level) for key in keys] for level in found.clusters}
    found.right, found.wrong, found.pairs = claims.right, claims.wrong, list(claims.once.values())
    for body in bodies:
        key = body["external_id"]
        said = {(paragraph, other) for paragraph, other, _ in claims.by_article[key]}
        for paragraph, source, _, level in truth[key]["copied"] if key in half else ():
            if source is not None and len(sets.words(body["paragraphs"][paragraph])) >= sets.LEAST_WORDS:
                found.hits[level].append((paragraph, source) in said)
    _judge_provenance(found, bodies, {key: articles[key] for key in keys if key in half}, key_of, truth)
    return found


def _cluster(article: Article, level: str) -> str:
    assert article.findings is not None
    return article.findings.report_id if level == "report" else article.findings.story_id


def _add_paragraphs(result: SetResult, found: _Found) -> None:
    total = found.right + found.wrong
    precision = found.right / total if total else 1.0
    result.add("copied_precision", "copied paragraphs: precision", precision, metrics.share_noise(precision, total))
    for level, label in _LEVELS.items():
        cases = found.hits[level]
        recall = sum(cases) / max(1, len(cases))
        noise = metrics.share_noise(recall, len(cases))
        result.add(f"copied_recall_{level}", f"copied paragraphs: recall, {label} ({len(cases):,})", recall, noise)


def _judge_provenance(
    found: _Found, bodies: Sequence[Body], articles: Mapping[str, Article], key_of: Mapping[str, str], truth: Truth
) -> None:
    """Direct parents, origins and derivation labels; roundups have none of them."""
    credited = _credited_reports(bodies, truth)
    present = {t["story"] for t in truth.values() if t["parent"] is None}
    for key, article in articles.items():
        t, findings = truth[key], article.findings
        assert findings is not None
        if t["carry"] == "roundup":
            continue
        names = {organisation.id: organisation.name for organisation in findings.organisations}
        direct = [
            (link, key_of.get(link.source) or "org:" + organisation_key(names.get(link.source.removeprefix("org:"), link.source)))
            for link in findings.links
            if link.target == article.id and link.relation in ("carried", "revision", "translation")
        ]
        said = {source for _, source in direct}
        wanted = t["parent"]
        if wanted and wanted.startswith("org:"):
            wanted = "org:" + organisation_key(wanted[4:])
        found.parents.append((wanted in said, len(said), wanted is not None))
        found.links += [(link.confidence, source == wanted) for link, source in direct]
        origin = findings.origin
        claimed = None
        if origin.kind == "organisation" and origin.organisation:
            claimed = organisation_key(origin.organisation.name)
        elif origin.kind == "article" and origin.article_id:
            root = truth[key_of[origin.article_id]]
            claimed = organisation_key(root["origin"]) if root["parent"] is None else "article"
        if origin.kind != "undetermined":
            found.origins.append((origin.confidence, claimed == organisation_key(t["origin"])))
        if t["story"] in present or t["report"] in credited:
            found.origin_known.append(claimed == organisation_key(t["origin"]))
        else:
            found.origin_unknown.append(claimed not in (None, "article"))
        found.labels.append((findings.derivation.confidence, findings.derivation.label == t["derivation"]))


def _add_provenance(result: SetResult, found: _Found) -> None:
    result.add("parents_f1", "direct parents: F1", _parents(found.parents), metrics.resampled(found.parents, _parents))
    for name, label, cases in (
        ("origin", "origin where it can be known: accuracy", found.origin_known),
        ("derivation", "derivation label: accuracy", [right for _, right in found.labels]),
    ):
        share = sum(cases) / max(1, len(cases))
        result.add(name, f"{label} ({len(cases):,})", share, metrics.share_noise(share, len(cases)))
    unknown = found.origin_unknown
    share = sum(unknown) / max(1, len(unknown))
    noise = metrics.share_noise(share, len(unknown))
    result.add("origin_overclaimed", f"origin claimed where it cannot be known ({len(unknown):,})", share, noise, "down")
    result.add_calibration("derivation", "derivation labels", found.labels)
    result.add_calibration("links", "direct sources", found.links)
    result.add_calibration("origins", "origins", found.origins)


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
