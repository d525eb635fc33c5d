"""From partitions to findings: derivation, origin and links of the articles in the reports that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.domain.certainty import Certainty
from service.domain.matches import ArticleMatch
from service.domain.provenance import ReportTracer, Traced
from service.domain.provenance_evidence import Kinship, ReportEvidence, Witness, text_credits
from service.domain.registry import Registry
from service.domain.roundups import LEAST_PART
from service.flows.corpus import Corpus, Entry

_OUTSIDE_SHARE = 0.08
"""Least part of a body that another report's article must supply to be looked at as a second source."""


def trace_reports(corpus: Corpus, registry: Registry, reports: Iterable[frozenset[str]]) -> dict[str, Traced]:
    """By article id, for every article of the reports (sets of article keys)."""
    found: dict[str, Traced] = {}
    certainty = Certainty(corpus.weights.certainty)
    for members in reports:
        witnesses = {key: witness(corpus.entries[key], registry) for key in members}

        def kinship(a: str, b: str) -> Kinship:
            shares = corpus.shared.get(a, {}).get(b)
            return Kinship(shares.mine, shares.mine_agreement) if shares else Kinship(0.0, 0.0)

        def match(a: str, b: str) -> ArticleMatch | None:
            return corpus.match(a, b)

        outside = {w.id: _outside(corpus, registry, key, members) for key, w in witnesses.items()}
        parts = {w.id: _items(corpus, key, outside[w.id]) for key, w in witnesses.items()}
        known = ReportEvidence(
            list(witnesses.values()), kinship, match, corpus.sightings.__getitem__, corpus.unexplained, outside, parts
        )
        found.update(ReportTracer(known, certainty).trace())
    return found


def witness(entry: Entry, registry: Registry) -> Witness:
    article = entry.article
    return Witness(
        id=article.id,
        key=entry.key,
        outlet=registry.outlet(article.content.outlet_site, article.content.outlet_name),
        credits=article.reading.credits,
        readings=entry.readings,
        order=article.sequence,
        observed_at=article.observed_at,
        published_at=article.believed_at,
        language=article.content.language,
    )


def _outside(corpus: Corpus, registry: Registry, key: str, members: frozenset[str]) -> list[tuple[Witness, Kinship]]:
    """Of each report but its own, the article that explains this one best: one that its credits name, else the fullest, and of
    carriers of the same text the agency that filed it. A roundup's are rather those that can have been there before it. What its
    own outlet wrote explains nothing.
    """
    is_roundup = bool(corpus.touches_of(key))
    target = witness(corpus.entries[key], registry)
    best: dict[str, tuple[bool, bool, float, bool, int, str]] = {}
    for other, shares in corpus.shared[key].items():
        if (
            other not in members
            and shares.copied
            and shares.mine >= (LEAST_PART if is_roundup and shares.has_lead else _OUTSIDE_SHARE)
        ):
            source = witness(corpus.entries[other], registry)
            if target.is_of_outlet_of(source) and not text_credits(source):
                continue
            is_named = any(source.is_named(credit.organisation) for credit in text_credits(target))
            may_be = is_roundup and (source.is_agency or source.was_before(target))
            report = min(corpus.report_members(other))
            row = (is_named, may_be, shares.mine, source.is_agency, -source.order if is_roundup else 0, other)
            best[report] = max(best.get(report, row), row)
    return [
        (witness(corpus.entries[other], registry), Kinship(share, corpus.shared[key][other].mine_agreement))
        for _, (_, _, share, _, _, other) in sorted(best.items())
    ]


def _items(corpus: Corpus, key: str, outside: Sequence[tuple[Witness, Kinship]]) -> frozenset[str]:
    """The sources (by id) whose beginnings stand in an article, if it is a roundup."""
    row = corpus.shared[key]
    return frozenset(other.id for other, _ in outside if row[other.key].has_lead) if corpus.touches_of(key) else frozenset()
