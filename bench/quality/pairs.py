"""Verdicts on pairs of texts: msrp sentences, clough_stevenson answers against their originals, the labelled pairs of the seeds.

The features are those that the service keeps with each pairing; what is learned from them here is learned in folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.credits import organisation_key
from bench.quality import metrics, sets
from bench.quality.baselines import containments, pair_methods
from bench.quality.learning import classify_in_folds, forest, kernel_machine
from bench.quality.likeness import likeness
from bench.quality.pipeline import Pipeline, open_pipeline
from bench.quality.result import Rival, SetResult
from bench.quality.rivals import decision_values, pair_rivals
from bench.quality.tools import Tools
from bench.quality.wording import body_sentences, wording
from service.domain.evidence import copy_features
from service.domain.matching import judge, stretches_of
from service.domain.models import COPY_KINDS, Article
from service.domain.tokens import surface, unit_key
from service.domain.units import Unit, prepare

_FOLDS = 5


def msrp(folder: Path, tools: Tools) -> SetResult:
    """Paraphrase or not: with the shipped verdict, and learned in five folds from the service's features and from how alike the
    two are worded. The shipped verdict asks for copy, which is another question: equal words on another fact are none.
    """
    rows = sets.paraphrases(folder / "msr-para-train.tsv")
    truth, left, right = np.array([row[0] for row in rows]), [row[1] for row in rows], [row[2] for row in rows]
    result = SetResult("msrp", f"{len(rows):,} sentence pairs, {int(truth.sum()):,} paraphrases")
    one, two = _units(left, tools), _units(right, tools)
    table = np.array([[*_features(a, b), *likeness(a.text, b.text)] for a, b in zip(one, two, strict=True)], dtype=np.float64)
    groups = [str(i % _FOLDS) for i in range(len(rows))]
    learned = np.array(classify_in_folds(table, [str(t) for t in truth], groups, kernel_machine)) == "True"
    verdicts = [judge(a, b, tools.weights) for a, b in zip(one, two, strict=True)]
    shipped = np.array([verdict is not None and verdict.kind in COPY_KINDS for verdict in verdicts])
    for prefix, label, said in (("", "paraphrase, five folds", learned), ("shipped_", "paraphrase, verdict as shipped", shipped)):
        values = decision_values(truth, said)
        cases = list(zip(truth, said, strict=True))
        noise = metrics.resampled(
            cases, lambda drawn: decision_values(np.array([t for t, _ in drawn]), np.array([s for _, s in drawn]))["f1"]
        )
        result.add(f"{prefix}f1", f"{label}: F1", values["f1"], noise)
        result.add(
            f"{prefix}accuracy", f"{label}: accuracy", values["accuracy"], metrics.share_noise(values["accuracy"], len(rows))
        )
    result.rivals = pair_rivals(left, right, [bool(t) for t in truth], tools.encoder)
    return result


def _units(texts: Sequence[str], tools: Tools) -> list[Unit]:
    vectors = tools.encoder.encode([surface(text) for text in texts])
    return [prepare(unit_key(text), text, vector) for text, vector in zip(texts, vectors, strict=True)]


def _features(a: Unit, b: Unit) -> list[float]:
    found = copy_features(a, b, float(a.vector @ b.vector), stretches_of(a, b))
    return [found[name] for name in sorted(found)]


def clough_stevenson(folder: Path, tools: Tools) -> SetResult:
    """Each answer against the original of its task, from what the service says the two share and how that is worded; learned on
    the other tasks. The forest is so large that its seed does not matter. Two of the copied answers have no wording of their
    original, so nobody finds them.
    """
    data = sets.short_answers(folder)
    result = SetResult("clough_stevenson", f"{len(data.bodies)} answers to {len(data.originals)} tasks")
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        originals = dict(zip(data.originals, pipeline.ingest(list(data.originals.values())), strict=True))
        ids = pipeline.ingest(data.bodies)
        pairs = [(one, originals[task]) for one, task in zip(ids, data.tasks, strict=True)]
        table = np.array([[*_shared(pipeline, *pair), *_worded(pipeline, *pair, tools)] for pair in pairs])
    copied = np.array([grade != "non" for grade in data.grades])
    graded = np.array(classify_in_folds(table, data.grades, data.tasks, partial(forest, 0, _TREES)))
    shipped = float(((table[:, 0] >= _LEAST_SHARE) == copied).mean())
    count = len(data.grades)
    learned = "tasks unseen: accuracy"
    for key, label, share in (
        ("copy_accuracy", f"copy against none, {learned}", float(((graded != "non") == copied).mean())),
        ("grade_accuracy", f"cut, light, heavy, none, {learned}", float((graded == data.grades).mean())),
        ("shipped_copy_accuracy", f"copy against none, share of {_LEAST_SHARE} as shipped: accuracy", shipped),
    ):
        result.add(key, label, share, metrics.share_noise(share, count))
    result.rivals = _answer_rivals(data, copied, tools)
    return result


_LEAST_SHARE = 0.2
"""Part of a body above which the service looks at an article as a source."""
_TREES = 3_000
_RIVAL_GRADES = "the grades: a regression learned on the other tasks"


def _shared(pipeline: Pipeline, article_id: str, original_id: str) -> list[float]:
    """The shares that the service finds, and how near the passages lie; the first column is the share."""
    corpus = pipeline.corpus
    key, other = corpus.key_of[article_id], corpus.key_of[original_id]
    shares = corpus.shared[key].get(other)
    between = corpus.entries[key].profile.vectors @ corpus.entries[other].profile.vectors.T
    return [shares.mine if shares else 0.0, shares.mine_agreement if shares else 0.0, float(between.max(axis=1).mean())]


def _worded(pipeline: Pipeline, article_id: str, original_id: str, tools: Tools) -> list[float]:
    mine, theirs = (body_sentences(pipeline.entry(one).article) for one in (article_id, original_id))
    return wording(mine, theirs, tools.encoder)


def _answer_rivals(data: sets.Answers, copied: np.ndarray, tools: Tools) -> list[Rival]:
    left = [sets.full_text(body) for body in data.bodies]
    right = [sets.full_text(data.originals[task]) for task in data.tasks]
    overlap = containments([*left, *right], 3)
    methods = {
        **pair_methods(left, right, tools.encoder),
        "word trigram overlap": (0.5, np.array([overlap[i, len(left) + i] for i in range(len(left))])),
    }
    found = []
    for name, (default, similarity) in methods.items():
        scored = {
            float(t): float(((similarity >= t) == copied).mean()) for t in (default, *np.round(np.arange(0.01, 1, 0.01), 2))
        }
        graded = classify_in_folds(similarity[:, np.newaxis], data.grades, data.tasks)
        grades = sum(said == grade for said, grade in zip(graded, data.grades, strict=True)) / len(data.grades)
        best = max(scored, key=lambda t: (scored[t], -t))
        for threshold, is_tuned in ((default, False), (best, True)):
            values = {"copy_accuracy": round(scored[threshold], 4)} | ({} if is_tuned else {"grade_accuracy": round(grades, 4)})
            found.append(Rival(name, threshold, is_tuned, "" if is_tuned else _RIVAL_GRADES, values))
    return found


def seeds(folder: Path, tools: Tools) -> SetResult:
    """Five real articles on one event: labelled pairs across articles, reports, credits."""
    gold, bodies, places = sets.seeds(folder)
    names = list(bodies)
    result = SetResult("seeds", f"{len(names)} articles, {len(gold['pairs'])} labelled paragraph pairs")
    with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
        ids = pipeline.ingest(list(bodies.values()))
        articles = dict(zip(names, pipeline.articles(ids), strict=True))
        name_of = dict(zip(ids, names, strict=True))
        said = {
            frozenset(
                [(name, places[name][p.paragraph]), (name_of[m.article_id], places[name_of[m.article_id]][p.other_paragraph])]
            )
            for name, article in articles.items()
            for m in pipeline.query.matches(article.id).items
            for p in m.pairs
            if p.kind in COPY_KINDS
        }
        reports = dict(zip(names, pipeline.reports(ids), strict=True))
        stories = set(pipeline.stories(ids))
    by_scoring = {
        scoring: {
            frozenset([tuple(p["a"]), tuple(p["b"])]) for p in gold["pairs"] if p["a"][0] != p["b"][0] and p["scoring"] == scoring
        }
        for scoring in ("must", "either")
    }
    must, either = by_scoring["must"], by_scoring["either"]
    result.add("must_found", f"copy pairs found of {len(must)} that must be", len(said & must))
    result.add("wrong_pairs", "wrong pairs", len(said - must - either), better="down")
    result.add("one_story", "all in one story", len(stories) == 1)
    result.add("same_report", "the two Reuters articles in one report", reports["002"] == reports["004"])
    result.add("others_apart", "the others apart", len({reports[name] for name in ("000", "001", "002", "003")}) == 4)
    found = missed = cited = other = 0
    for name, article in articles.items():
        record = gold["credits"][name]
        want = {
            organisation_key(c["org"]) for c in record["credits"] if c["kind"] != "photo" and "unnamed" not in c["org"].lower()
        }
        quoted = {organisation_key(c["org"]) for c in record["citations"]}
        got = {organisation_key(c.organisation.name) for c in article.reading.credits if c.kind != "photo"}
        found, missed = found + len(got & want), missed + len(want - got)
        cited, other = cited + len((got - want) & quoted), other + len(got - want - quoted)
    result.add("credits_found", f"credits found of {found + missed}", found)
    result.add("cited_taken", "citations taken for credits", cited, better="down")
    result.add("credits_other", "other wrong credits", other, better="down")
    _add_seed_chains(result, gold, articles, places)
    result.rivals = _seed_rivals(gold, places, must, either, tools)
    return result


def _add_seed_chains(result: SetResult, gold: dict, articles: Mapping[str, Article], places: Mapping[str, list[int]]) -> None:
    """The labelled links that are sure, those that must not be, and the named citations. A supplier that the label leaves unnamed
    may be passed over: any link to the article will do.
    """
    name_of = {article.id: name for name, article in articles.items()}
    carried, pictures, cited = set(), set(), set()
    for name, article in articles.items():
        assert article.findings is not None
        names = {"org:" + o.id: organisation_key(o.name) for o in article.findings.organisations}
        for link in article.findings.links:
            source, target = (name_of.get(node) or names.get(node, node) for node in (link.source, link.target))
            (pictures if link.relation == "photo" else carried).add((source, target))
        cited |= {(name, places[name][c.paragraph], organisation_key(c.organisation.name)) for c in article.reading.citations}
    edges = gold["provenance"]

    def ends(edge: dict) -> list[tuple[str, str]]:
        nodes = (edge["from"], edge["to"], *edge.get("accept_to", ()))
        source, *targets = (node if node in articles else organisation_key(node) for node in nodes)
        return [(source, target) for target in targets]

    wanted = [edge for edge in edges["edges"] if edge["confidence"] == "high" and edge["relation"] != "cited"]
    found = 0
    for edge in wanted:
        among = pictures if edge["relation"] == "photo" else carried
        unnamed = "unnamed" in edge["from"]
        found += any(target == edge["to"] for _, target in carried) if unnamed else any(pair in among for pair in ends(edge))
    result.add("links_found", f"links found of {len(wanted)} that are sure", found)
    wrong = sum(any(pair in carried for pair in ends(edge)) for edge in edges["must_not_edges"])
    result.add("links_wrong", "links that must not be", wrong, better="down")
    labelled = [(name, c) for name in articles for c in gold["credits"][name]["citations"] if c["org"]]
    told = {(name, c["index"], organisation_key(c["org"])) for name, c in labelled}
    result.add("citations_found", f"citations found of {len(told)} with a name", len(told & cited))


def _seed_rivals(
    gold: dict, places: Mapping[str, list[int]], must: set[frozenset], either: set[frozenset], tools: Tools
) -> list[Rival]:
    """Each method on all pairs of paragraphs of different articles."""
    text = {
        (article["id"], p["index"]): p["text"]
        for article in gold["articles"]
        for p in article["paragraphs"]
        if p["index"] in places[article["id"]]
    }
    pairs = [(a, b) for a in text for b in text if a[0] < b[0]]
    found: list[Rival] = []
    for name, (default, similarity) in pair_methods(
        [text[a] for a, _ in pairs], [text[b] for _, b in pairs], tools.encoder
    ).items():

        def values(threshold: float, similarity: np.ndarray = similarity) -> dict[str, float]:
            said = {frozenset(pairs[i]) for i in np.flatnonzero(similarity >= threshold)}
            return {"must_found": len(said & must), "wrong_pairs": len(said - must - either)}

        steps = [float(t) for t in np.round(np.arange(0.02, 1, 0.02), 2)]
        best = max(steps, key=lambda t: (values(t)["must_found"] - values(t)["wrong_pairs"], t))
        tuned = Rival(name, best, is_tuned=True, why="tuned on the answers: an upper bound", values=values(best))
        found += [Rival(name, default, is_tuned=False, why="", values=values(default)), tuned]
    return found
