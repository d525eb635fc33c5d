"""Everything that could be the direct source of an article: what its credits name, what its wording points to, its own earlier
versions.

Owns the scores by which candidates compete. Never chooses between them: that is done over the report as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from service.domain.models import ORGANISATION_NODE, Basis, Carry, Credit, Evidence, Organisation, Relation
from service.domain.provenance_evidence import (
    AGENCY_KINDS,
    BACKGROUND,
    Kinship,
    ReportEvidence,
    Witness,
    basis_of,
    carry_of,
    credit_evidence,
    either,
    has_own_credit,
    text_credits,
    time_evidence,
)

_SHARED_EDIT = 0.012
_TO_THE_LETTER = 0.99
_LACK = 0.1
"""A carrier that lacks so much more of an article than the original does is not its source, whatever else they share."""
_READING_WEIGHT = 0.12
_MOST_READINGS = 4
_WHOLE = 0.97
_CLEARLY = 0.1
_LEAST_OTHERS = 2
_LEAST_EARLIER = 2
_UNSEEN_VERSION = 0.7
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Candidate:
    source: str
    score: float
    confidence: float
    relation: Relation
    carry: Carry
    basis: tuple[Basis, ...]
    evidence: tuple[Evidence, ...]


class SourceFinder:
    """Candidates of every article of one report."""

    def __init__(self, known: ReportEvidence) -> None:
        self._known = known
        self.agency = self._common_agency()
        """The agency that the report's articles credit, if one outweighs the others together; with its part of the weight."""
        self._later = {b.id: earlier for b in known.witnesses if b.is_agency and (earlier := self._earlier_carriers(b))}
        """Agencies' articles that came after most of their carriers: later versions of what these carry. With those carriers."""
        self._possible: dict[tuple[str, str], bool] = {}

    def _common_agency(self) -> tuple[Organisation, float] | None:
        """The agency that the report's articles credit, if one outweighs the others together; with its part of the weight."""
        weight: dict[str, float] = defaultdict(float)
        named: dict[str, Organisation] = {}
        for witness in self._known.witnesses:
            best: dict[str, float] = {}
            if witness.is_agency:
                best[witness.outlet.id], named[witness.outlet.id] = 2.0, witness.outlet
            for credit in text_credits(witness):
                if credit.organisation.kind in AGENCY_KINDS:
                    named[credit.organisation.id] = credit.organisation
                    best[credit.organisation.id] = max(best.get(credit.organisation.id, 0.0), credit.confidence)
            for name, value in best.items():
                weight[name] += value
        if not weight:
            return None
        total = sum(weight.values())
        top = min(weight, key=lambda name: (-weight[name], name))
        return (named[top], weight[top] / total) if weight[top] > total / 2 else None

    def _earlier_carriers(self, b: Witness) -> list[Witness]:
        """The carriers that cannot have carried this article of an agency, if they are most: they came before it and say so.

        One clock may be wrong, and an original may be taken in late; that most clocks are wrong the same way, each in agreement
        with the order of arrival, is not likely.
        """
        carriers = [a for a in self._known.others(b) if not a.is_agency and self._known.kinship(a.key, b.key).share >= BACKGROUND]
        earlier = [a for a in carriers if _is_before(a, b)]
        timed = [a for a in carriers if a.order < b.order and a.published_at is not None]
        return earlier if len(earlier) >= _LEAST_EARLIER and 2 * len(earlier) > len(timed) else []

    def _is_possible(self, a: Witness, b: Witness) -> bool:
        """Whether `b` can be the source of `a`: an agency's later version is none of what came before it, nor of what came after
        it and fits the carriers of the earlier version better.
        """
        if b.id not in self._later:
            return True
        if (a.id, b.id) not in self._possible:
            self._possible[a.id, b.id] = self._may_carry(a, b)
        return self._possible[a.id, b.id]

    def _may_carry(self, a: Witness, b: Witness) -> bool:
        if a.order < b.order and (a.published_at is None or _is_before(a, b)):
            return False
        kinship = self._known.kinship
        nearest = max(kinship(a.key, c.key).agreement for c in self._later[b.id])
        return nearest <= kinship(a.key, b.key).agreement + _SHARED_EDIT

    def candidates(self, a: Witness) -> list[Candidate]:
        """Everything that could be the direct source of `a`, best first. An empty list: nothing is known above it."""
        if a.is_agency:
            return self._own_updates(a)
        named = text_credits(a)
        hops = [c for c in named if c.organisation.kind not in AGENCY_KINDS and c.organisation.kind != "unnamed"]
        agencies = [c for c in named if c.organisation.kind in AGENCY_KINDS]
        found: list[Candidate] = [*self._credited(a, hops, is_hop=True)]
        if not found:
            found += self._credited(a, agencies, is_hop=False)
        found += self._by_text(a, bool(found))
        if not agencies and not hops:
            found = _with_updates(found, self._own_updates(a))
        return sorted(found, key=lambda c: (-c.score, c.source))

    def _credited(self, a: Witness, lines: Sequence[Credit], *, is_hop: bool) -> list[Candidate]:
        grouped: dict[str, list[Credit]] = defaultdict(list)
        for credit in lines:
            grouped[credit.organisation.id].append(credit)
        found: list[Candidate] = []
        for group in grouped.values():
            organisation = group[0].organisation
            confidence = either([c.confidence for c in group])
            carry = carry_of(group)
            evidence = tuple(credit_evidence(c) for c in group)
            bonus = 1.0 if is_hop else 0.0
            articles = [
                b
                for b in self._known.others(a)
                if b.is_named(organisation) and self._known.kinship(a.key, b.key).share > 0 and self._is_possible(a, b)
            ]
            if articles:
                b = max(articles, key=lambda b: (self._known.kinship(a.key, b.key).agreement, -b.order))
                kin = self._known.kinship(a.key, b.key)
                text = self._known.text_evidence(a, b)
                found.append(
                    Candidate(
                        b.id,
                        bonus + 0.9 * confidence + 0.1 * kin.agreement,
                        either([confidence, 0.6 * kin.agreement]),
                        "translation" if not a.speaks_as(b) else _relation(group),
                        carry,
                        ("credit", "text"),
                        evidence + text,
                    )
                )
            else:
                found.append(
                    Candidate(
                        ORGANISATION_NODE + organisation.id,
                        bonus + 0.8 * confidence,
                        confidence,
                        _relation(group),
                        carry,
                        basis_of(group),
                        evidence,
                    )
                )
        return found

    def _by_text(self, a: Witness, is_credited: bool) -> list[Candidate]:
        """Sources that the wording points to: the agency's own article, or one whose edits and additions came along."""
        kin = {b.id: self._known.kinship(a.key, b.key) for b in self._known.others(a)}
        originals = [b for b in self._known.others(a) if b.is_agency and self._is_possible(a, b)]
        nearest = max((kin[b.id].agreement for b in originals), default=0.0)
        carriers = sorted(((kin[b.id].agreement, b.id) for b in self._known.others(a) if not b.is_agency), reverse=True)
        found: list[Candidate] = []
        for b in self._known.others(a):
            if kin[b.id].share < BACKGROUND or not self._is_possible(a, b):
                continue
            # Wording that fits a carrier better than the original descends from the carrier. Without the original at hand the
            # fuller carrier always fits better, which says nothing.
            gain = kin[b.id].agreement - nearest if originals else 0.0
            readings = self._known.shared_readings(a, b)
            if b.is_agency:
                score = 0.62 + 0.25 * kin[b.id].agreement
                confidence = min(0.95, 0.35 + 0.6 * kin[b.id].agreement)
            elif (
                b.order < a.order
                and gain > -_LACK
                and (readings or self._is_descent(kin[b.id], gain) or (not originals and _is_wording_of(b, kin[b.id], carriers)))
                and not has_own_credit(a, b)
            ):
                score = (
                    0.55
                    + 0.3 * kin[b.id].agreement
                    + min(0.3, 3 * max(0.0, gain))
                    + _READING_WEIGHT * min(readings, _MOST_READINGS)
                )
                confidence = min(0.9, 0.4 + 0.2 * kin[b.id].share + _READING_WEIGHT * readings + 2 * max(0.0, gain))
            else:
                continue
            evidence = self._known.text_evidence(a, b) + time_evidence(a, b)
            if readings:
                evidence += (
                    Evidence(
                        "shared_reading", f"{readings} paragraphs stand in these two articles alone", min(1.0, 0.3 * readings)
                    ),
                )
            basis: tuple[Basis, ...] = ("text", "time") if not b.is_agency else ("text",)
            relation: Relation = "carried" if a.speaks_as(b) else "translation"
            found.append(Candidate(b.id, score, confidence, relation, "unknown", basis, evidence))
        if not found and not is_credited and self.agency is not None and any(k.share >= BACKGROUND for k in kin.values()):
            organisation, part = self.agency
            if organisation.id != a.outlet.id:
                evidence = tuple(
                    Evidence("sibling_credit", f"{b.outlet.name} carries the same copy and credits {organisation.name}", 0.6)
                    for b in self._known.witnesses
                    if b.id != a.id and any(c.organisation.id == organisation.id for c in text_credits(b))
                )[:3]
                found.append(
                    Candidate(
                        ORGANISATION_NODE + organisation.id,
                        0.5,
                        round(0.75 * part, 3),
                        "carried",
                        "unknown",
                        ("text", "credit"),
                        evidence,
                    )
                )
        return found

    def _own_updates(self, a: Witness) -> list[Candidate]:
        """An earlier version of the article by the same outlet."""
        found: list[Candidate] = []
        for b in self._known.others(a):
            if b.outlet.id != a.outlet.id or not _is_earlier_version(b, a):
                continue
            kin = self._known.kinship(a.key, b.key)
            if max(kin.share, self._known.kinship(b.key, a.key).share) < 2 * BACKGROUND:
                continue
            evidence = self._known.text_evidence(a, b) + time_evidence(a, b)
            found.append(
                Candidate(
                    b.id,
                    0.9 + 0.1 * kin.agreement,
                    min(0.95, 0.6 + 0.35 * kin.share),
                    "revision",
                    "full",
                    ("text", "time"),
                    evidence,
                )
            )
        if not found and a.id in self._later:
            seen = tuple(
                Evidence("earlier_carrier", f"{c.outlet.name} carried an earlier version and says when", 0.3)
                for c in self._later[a.id][:3]
            )
            node = ORGANISATION_NODE + a.outlet.id
            found.append(Candidate(node, 0.8, _UNSEEN_VERSION, "revision", "full", ("text", "time"), seen))
        return sorted(found, key=lambda c: (-c.score, c.source))

    @staticmethod
    def _is_descent(kin: Kinship, gain: float) -> bool:
        """The wording of what they share is the carrier's to the letter and not the original's."""
        return gain > _SHARED_EDIT and kin.agreement >= _TO_THE_LETTER * kin.share


def _with_updates(found: Sequence[Candidate], updates: Sequence[Candidate]) -> list[Candidate]:
    """An earlier version by the same outlet is one, however much its wording says that it was copied."""
    scores = {row.source: row.score for row in found}
    versions = {row.source for row in updates}
    return [row for row in found if row.source not in versions] + [
        replace(row, score=max(row.score, scores.get(row.source, 0.0))) for row in updates
    ]


def _is_wording_of(b: Witness, kin: Kinship, carriers: Sequence[tuple[float, str]]) -> bool:
    """Where no original is at hand: an article stands in `b` whole and to the letter, and in no other carrier nearly so. Then the
    wording is that carrier's own; were it the original's, further carriers would show it. `carriers`: agreement with each of them
    and its id, greatest first.
    """
    if kin.share < _WHOLE or kin.agreement < _TO_THE_LETTER * kin.share or len(carriers) <= _LEAST_OTHERS:
        return False
    nearest = next(agreement for agreement, name in carriers if name != b.id)
    return nearest <= kin.agreement - _CLEARLY


def _is_before(a: Witness, b: Witness) -> bool:
    """By arrival and by the times that both claim. Midnight to the second is a date without a time: it is before the next day."""
    if a.published_at is None or b.published_at is None or a.order > b.order:
        return False
    if a.published_at.time() == _MIDNIGHT:
        return a.published_at.date() < b.published_at.date()
    return a.published_at < b.published_at


def _relation(group: Sequence[Credit]) -> Relation:
    return "translation" if any(credit.kind == "translation" for credit in group) else "carried"


def _is_earlier_version(b: Witness, a: Witness) -> bool:
    """By the times that the outlet itself claims, for one clock is at least consistent; by arrival where a time is missing."""
    if b.published_at is None or a.published_at is None or b.published_at == a.published_at:
        return b.order < a.order
    return b.published_at < a.published_at
