"""The service's real pipeline over generated copy, and its figures against the truth. Definitions are those of the cascade's."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.credits import organisation_key
from bench.quality import metrics
from bench.quality.pipeline import Pipeline, open_pipeline
from bench.spread.articles import Article
from bench.spread.editing import OPERATIONS
from bench.spread.rivals import Answers, Filed, answers, earliest
from service.domain.certainty import Ground, ground_of
from service.domain.matching import Weights
from service.domain.models import COPY_KINDS, Link
from service.domain.models import Article as Stored
from service.ports import Encoder
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings

_LEAST_WORDS = 8


def run(articles: Sequence[Article], encoder: Encoder, *, examples: int) -> dict[str, Any]:
    """Ingests in order of arrival and returns the figures as one JSON-ready object, with `examples` errors of each sort."""
    with open_pipeline(encoder, load_registry(), load_weights()) as pipeline:
        begun = time.perf_counter()
        ids = pipeline.ingest([a.request() for a in articles])
        took = time.perf_counter() - begun
        return _Scoring(articles, ids, pipeline, examples).figures() | {"articles": len(articles), "seconds": round(took, 1)}


@dataclass(slots=True)
class Claims:
    """What is claimed of links, by their ground, and of origins: (confidence, right or not)."""

    links: list[tuple[Ground, float, bool]] = field(default_factory=list)
    origins: list[tuple[float, bool]] = field(default_factory=list)


def claims(articles: Sequence[Article], encoder: Encoder, weights: Weights) -> Claims:
    """As `run`, but what is claimed of direct sources and origins, by the confidence that these weights give."""
    with open_pipeline(encoder, load_registry(), weights) as pipeline:
        return _Scoring(articles, pipeline.ingest([a.request() for a in articles]), pipeline, 0).claims()


def new_encoder(is_hashing: bool) -> Encoder:
    """The encoder of the tests, or that of the default settings."""
    if is_hashing:
        from service.embed.hashing import HashingEncoder

        return HashingEncoder()
    from service.embed.local import SentenceTransformerEncoder

    settings = Settings()
    return SentenceTransformerEncoder(settings.model, sha256=settings.expected_model_sha256(), threads=1)


class _Scoring:
    def __init__(self, articles: Sequence[Article], ids: Sequence[str], pipeline: Pipeline, examples: int) -> None:
        self.articles = articles
        self.by_key = {a.key: a for a in articles}
        self.key_of = {ident: a.key for ident, a in zip(ids, articles, strict=True)}
        self.id_of = {key: ident for ident, key in self.key_of.items()}
        self.stored: dict[str, Stored] = {a.key: s for a, s in zip(articles, pipeline.articles(ids), strict=True)}
        self.pipeline = pipeline
        self.truth = {a.key: a.truth() for a in articles}
        self.chained = [a for a in articles if a.role != "roundup"]
        self.limit = examples
        self.wrong: dict[str, list[str]] = defaultdict(list)

    def figures(self) -> dict[str, Any]:
        ids = [self.id_of[a.key] for a in self.articles]
        found = {
            "stories": _partition([a.story for a in self.articles], self.pipeline.stories(ids)),
            "reports": _partition([a.report for a in self.articles], self.pipeline.reports(ids)),
            "copied_paragraphs": self._copying(),
            "parents": self._parents(),
            "origins": self._origins(),
            "derivation": self._derivation(),
            "calibration": self._calibration(),
        }
        self._clusters(ids)
        return found | ({"examples": {name: lines[: self.limit] for name, lines in self.wrong.items()}} if self.limit else {})

    # ---- copied paragraphs -------------------------------------------------------------------------------------------

    def _copying(self) -> dict[str, Any]:
        claimed: set[tuple[str, int, str, int]] = set()
        right, faults = 0, Counter[str]()
        for a in self.articles:
            for match in self.pipeline.query.matches(self.id_of[a.key]).items:
                other = self.by_key[self.key_of[match.article_id]]
                for pair in match.pairs:
                    if pair.kind not in COPY_KINDS:
                        continue
                    claimed.add((a.key, pair.paragraph, other.key, pair.other_paragraph))
                    fault = _fault(a, pair.paragraph, other, pair.other_paragraph)
                    right += not fault
                    faults[fault] += bool(fault)
                    if fault and a.key < other.key:
                        texts = f"{a.body[pair.paragraph].text()} || {other.body[pair.other_paragraph].text()}"
                        self.wrong[f"no copy: {fault}"].append(
                            f"{a.key}:{pair.paragraph} {other.key}:{pair.other_paragraph} {texts}"
                        )
        hits: dict[str, list[bool]] = defaultdict(list)
        for a in self.articles:
            for number, source, other, operation in a.copied():
                if source is None or len(a.body[number].text().split()) < _LEAST_WORDS:
                    continue
                hits[operation].append((a.key, number, source, other) in claimed)
                if not hits[operation][-1]:
                    texts = f"{a.body[number].text()} || {self.by_key[source].body[other].text()}"
                    self.wrong[f"copy missed: {operation}"].append(f"{a.key}:{number} {source}:{other} {texts}")
        wrong = sum(faults.values())
        return {
            "precision": _share(right, right + wrong),
            "wrong": {name: count for name, count in faults.items() if name},
            "recall": {name: f"{_share(sum(hits[name]), len(hits[name]))} of {len(hits[name])}" for name in OPERATIONS},
            "recall_all": _share(sum(map(sum, hits.values())), sum(map(len, hits.values()))),
        }

    # ---- chains ------------------------------------------------------------------------------------------------------

    def _parents(self) -> dict[str, Any]:
        filed = [self._filed(a) for a in self.chained]
        found: dict[str, Answers] = {
            "pipeline": {a.key: self._sources(a.key) for a in self.chained},
            "earliest arrival": earliest(
                [replace(f, claimed=a.arrives or a.at) for f, a in zip(filed, self.chained, strict=True)]
            ),
            **answers(filed),
        }
        by_role: dict[str, Counter[str]] = defaultdict(Counter)
        for a in self.chained:
            want, got = self._wanted(a), _same_names(found["pipeline"][a.key])
            role = a.role if self.truth[a.key]["is_traceable"] else f"{a.role}, without a trace"
            by_role[role].update(right=len(want & got), claimed=len(got), wanted=len(want))
            if want != got:
                self.wrong[f"parents: {role}"].append(f"{self._about(a)} wants {sorted(want)} got {sorted(got)}")
        table = {
            role: f"{_share(n['right'], n['claimed'])} / {_share(n['right'], n['wanted'])} of {n['wanted']}"
            for role, n in by_role.items()
        }
        traceable = [a for a in self.chained if self.truth[a.key]["is_traceable"]]
        return {
            **{name: self._links(answer, self.chained) for name, answer in found.items()},
            "pipeline, where the text or a credit can tell": self._links(found["pipeline"], traceable),
            "pipeline by role, precision / recall": table,
        }

    def _filed(self, a: Article) -> Filed:
        read = self.stored[a.key].reading.credits
        names = frozenset(organisation_key(c.organisation.name) for c in read if c.kind != "photo")
        words = " ".join(p.text() for p in a.body).split()
        return Filed(a.key, a.report, organisation_key(a.house.name), a.claimed, words, names)

    def _links(self, answer: Answers, among: Sequence[Article]) -> dict[str, float]:
        rows = [(self._wanted(a), _same_names(answer[a.key])) for a in among]
        right = sum(len(want & got) for want, got in rows)
        rates = metrics.rates(right, sum(len(got) for _, got in rows) - right, sum(len(want) for want, _ in rows) - right)
        return _rounded(rates)

    def _wanted(self, a: Article) -> set[str]:
        return _same_names(set(self.truth[a.key]["parents"]))

    def _sources(self, key: str) -> set[str]:
        """Direct sources as keys, or `org:` and a name."""
        return {source for _, source in self._direct(key)}

    def _direct(self, key: str) -> list[tuple[Link, str]]:
        """The links that say where its text came from, each with its source as above."""
        stored = self.stored[key]
        if stored.findings is None:
            return []
        names = {f"org:{o.id}": f"org:{o.name}" for o in stored.findings.organisations}
        links = [link for link in stored.findings.links if link.target == stored.id and link.relation != "photo"]
        return [(link, self.key_of.get(link.source) or names.get(link.source, link.source)) for link in links]

    def _origins(self) -> dict[str, Any]:
        """Determinable: the first article of the report was ingested, or one of the report's texts names its origin."""
        known: set[str] = set()
        for a in self.chained:
            text = " ".join(p.text() for p in a.body if p.kind != "boilerplate") + " ".join(a.authors)
            names = [a.origin, *(h.short for h in [a.house] if h.is_agency), {"Associated Press": "AP"}.get(a.origin, a.origin)]
            if not a.parents or any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names):
                known.add(a.report)
        hits, claimed = [], []
        for a in self.chained:
            said = self._said(a)
            is_right = said == organisation_key(a.origin)
            if a.role == "independent":
                # An outlet that names nobody may have written it; that is said neither rightly nor wrongly.
                claimed.append(said is not None and not is_right)
            elif a.report in known:
                hits.append(is_right)
                if not is_right:
                    self.wrong[f"origin: {a.role}"].append(f"{self._about(a)} wants {a.origin} got {said}")
            else:
                claimed.append(said not in (None, "article"))
        return {
            "determinable": {"share": _share(sum(hits), len(hits)), "of": len(hits)},
            "claimed_where_not": {"share": sum(claimed) / max(1, len(claimed)), "of": len(claimed)},
        }

    def _said(self, a: Article) -> str | None:
        """Key of the origin that is claimed, `article` where an article that is not the first is claimed, None for none."""
        found = self.stored[a.key].findings
        if found is None or found.origin.kind == "undetermined":
            return None
        if found.origin.kind == "article" and found.origin.article_id:
            first = self.by_key[self.key_of[found.origin.article_id]]
            return "article" if first.parents and first.role != "update" else organisation_key(first.origin)
        return organisation_key(found.origin.organisation.name) if found.origin.organisation else None

    def _derivation(self) -> dict[str, Any]:
        table: Counter[str] = Counter()
        right = 0
        by_case: dict[str, list[bool]] = defaultdict(list)
        for a in self.chained:
            found = self.stored[a.key].findings
            label = found.derivation.label if found else "none"
            right += label == a.derivation
            by_case[_case(a)].append(label == a.derivation)
            table[f"{a.derivation} -> {label}"] += 1
            if label != a.derivation:
                share = found.derivation.share if found else 0
                self.wrong[f"derivation: {a.derivation} -> {label}"].append(f"{self._about(a)} share {share}")
        cases = {case: f"{_share(sum(rows), len(rows))} of {len(rows)}" for case, rows in sorted(by_case.items())}
        return {"accuracy": _share(right, len(self.chained)), "table": dict(sorted(table.items())), "by case": cases}

    def claims(self) -> Claims:
        made = Claims()
        for a in self.chained:
            wanted, found = self._wanted(a), self.stored[a.key].findings
            if found is None:
                continue
            for link, source in self._direct(a.key):
                made.links.append((ground_of(link), link.confidence, bool(_same_names({source}) & wanted)))
            if found.origin.kind != "undetermined":
                made.origins.append((found.origin.confidence, self._said(a) == organisation_key(a.origin)))
        return made

    def _calibration(self) -> dict[str, Any]:
        """Of links and origins: the calibration error over ten bins, and the claims themselves, rounded."""
        made = self.claims()
        rows = {"links": [(sure, right) for _, sure, right in made.links], "origins": made.origins}
        return {
            name: {"error": round(metrics.calibration_error(metrics.reliability(each)), 4), "of": len(each), "claims": each}
            for name, each in rows.items()
        }

    # ---- examples ----------------------------------------------------------------------------------------------------

    def _clusters(self, ids: Sequence[str]) -> None:
        """Each wrong join or split once, by the first article on either side."""
        for name, gold, pred in (
            ("story", [a.story for a in self.articles], self.pipeline.stories(ids)),
            ("report", [a.report for a in self.articles], self.pipeline.reports(ids)),
        ):
            first: dict[str, Article] = {}
            seen: dict[tuple[str, str], Article] = {}
            for a, want, got in zip(self.articles, gold, pred, strict=True):
                if (want, got) in seen:
                    continue
                seen[want, got] = a
                for label, sort in ((f"gold {want}", "parted"), (f"pred {got}", "joined")):
                    if label in first:
                        self.wrong[f"{name} {sort}"].append(f"{self._about(first[label])} <> {self._about(a)}")
                    first.setdefault(label, a)

    def _about(self, a: Article) -> str:
        return f"{a.key} ({_case(a)}, {a.house.habit}, {a.report}, {len(a.body)} paragraphs, {a.house.name}: {a.title})"


def _case(a: Article) -> str:
    """What was there to find: the role, what its credit says, and whether the wire at the top was ingested."""
    top = a
    while top.parents:
        top = top.parents[0]
    return f"{a.role}, credit {a.carry}, wire {'in' if top.is_ingested else 'never in'}" if a.parents else a.role


def _fault(a: Article, i: int, b: Article, j: int) -> str:
    """Why a claimed pair is none, or nothing when it is one: common lineage, or half of the shorter text's word trigrams."""
    one, two = a.body[i], b.body[j]
    if one.ids & two.ids or _contained(one.text(), two.text()) >= 0.5:
        return ""
    if not (one.sentences and two.sentences):
        return "page furniture"
    if any(s.is_quotation for s in one.sentences) and any(s.is_quotation for s in two.sentences) and a.story == b.story:
        return "a third party's words"
    event = "one event" if a.story == b.story else "two events"
    return (
        f"one wording, other facts, {event}"
        if {s.form for s in one.sentences} & {s.form for s in two.sentences}
        else f"other, {event}"
    )


def _contained(one: str, two: str) -> float:
    left, right = ({tuple(w[k : k + 3]) for k in range(len(w) - 2)} for w in (re.findall(r"\w+", t.lower()) for t in (one, two)))
    return len(left & right) / max(1, min(len(left), len(right)))


def _same_names(nodes: set[str]) -> set[str]:
    return {"org:" + organisation_key(node[4:]) if node.startswith("org:") else node for node in nodes}


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 1.0


def _rounded(found: metrics.Rates) -> dict[str, float]:
    return {"p": round(found.precision, 4), "r": round(found.recall, 4), "f1": round(found.f1, 4)}


def _partition(gold: Sequence[str], pred: Sequence[str]) -> Mapping[str, Any]:
    return {
        "b3": _rounded(metrics.bcubed(gold, pred)),
        "pair": _rounded(metrics.pairs(gold, pred).rates),
        "clusters": len(set(pred)),
        "gold_clusters": len(set(gold)),
    }
